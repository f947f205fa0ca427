"""Which layer of a changed network is which layer of the one before."""

from __future__ import annotations

from typing import Any

import pytest
from nets import IMAGES, config, trainer

from dltui.core.engine.design import design
from dltui.core.engine.network import Network
from dltui.core.surgery.match import match_layers, same_layers

PICTURE = {"kind": "reshape", "channels": 1, "height": 4, "width": 4}


def network(*tables: dict[str, Any], normalization: str = "none") -> Network:
    changes = {"network.layers": [PICTURE, *tables], "network.normalization": normalization}
    return design(config(IMAGES).with_changes(changes), (16,), "classes", 2)


def dense(units: int) -> dict[str, Any]:
    return {"kind": "dense", "units": units}


def named(old: Network, new: Network) -> dict[str, str]:
    return {new.stages[index].name: old.stages[k].name for index, k in match_layers(old, new).items()}


def test_a_layer_put_in_the_middle_renames_those_behind_it() -> None:
    pairs = named(network(dense(6), dense(3)), network(dense(6), dense(9), dense(3)))
    assert pairs == {"reshape1": "reshape1", "dense1": "dense1", "dense3": "dense2", "dense4": "dense3"}


def test_of_equal_layers_the_last_is_the_new_one() -> None:
    pairs = named(network(dense(4)), network(dense(4), dense(4)))
    assert "dense2" not in pairs
    assert pairs["dense3"] == "dense2"


def test_the_last_layer_stays_the_last() -> None:
    assert named(network(dense(2), dense(2)), network(dense(2)))["dense2"] == "dense3"


def test_layers_of_another_kind_are_never_the_same() -> None:
    pairs = named(network({"kind": "conv2d", "filters": 3}), network(dense(3)))
    assert pairs == {"reshape1": "reshape1", "dense2": "dense1"}


@pytest.mark.parametrize("kind", ["dropout", "flatten"])
def test_a_layer_that_only_hands_units_on_makes_no_other_network(kind: str) -> None:
    assert same_layers(network(dense(4)), network({"kind": kind}, dense(4)))


@pytest.mark.parametrize(
    "tables",
    [(dense(5),), (dense(4), dense(4)), ({"kind": "upsample"}, {"kind": "avg_pool"}, dense(4))],
    ids=["wider", "deeper", "pooled"],
)
def test_every_other_layer_does(tables: tuple[dict[str, Any], ...]) -> None:
    assert not same_layers(network(dense(4)), network(*tables))
    assert not same_layers(network(dense(4)), network(dense(4), normalization="layer_norm"))


def test_a_changed_activation_is_no_change_of_the_layers() -> None:
    made = trainer(network__activation="relu", steps=5)
    kept = made.parameters
    made.apply({"network.activation": "elu"})
    assert all((made.parameters[name] == kept[name]).all() for name in kept)
