"""Which layer of a changed network is which layer of the one before, by kind, settings and order."""

from __future__ import annotations

from typing import Any

import pytest

from dltui.core import Config
from dltui.core.engine.design import design
from dltui.core.engine.network import Network
from dltui.core.surgery.match import match_layers


def table(layer: int | str | dict[str, Any]) -> dict[str, Any]:
    """A dense layer of so many units, or a layer of this kind."""
    if isinstance(layer, int):
        return {"kind": "dense", "units": layer}
    return {"kind": layer} if isinstance(layer, str) else layer


def network(*layers: int | str | dict[str, Any], shape: tuple[int, ...] = (2,), **settings: Any) -> Network:
    config = Config.from_dict({"network": {"layers": [table(layer) for layer in layers], **settings}})
    return design(config, shape, "classes", 2)


def matched(old: Network, new: Network) -> dict[str, str]:
    """Name of each layer of the new network -> name of the same layer in the old one."""
    return {new.stages[k].name: old.stages[i].name for k, i in match_layers(old, new).items()}


def test_an_unchanged_network_is_itself() -> None:
    made = network(5, "dropout", 4, normalization="batch_norm")
    assert matched(made, made) == {stage.name: stage.name for stage in made.stages if stage.kind == "layer"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ((5, 4), (5, 9, 4), {"dense1": "dense1", "dense3": "dense2", "dense4": "dense3"}),
        ((5, 9, 4), (5, 4), {"dense1": "dense1", "dense2": "dense3", "dense3": "dense4"}),
        ((5,), (5, 5), {"dense1": "dense1", "dense3": "dense2"}),
        ((5, 5), (5, 5, 5), {"dense1": "dense1", "dense2": "dense2", "dense4": "dense3"}),
        ((5, 4), (6, 4), {"dense1": "dense1", "dense2": "dense2", "dense3": "dense3"}),
        ((5, 4), (5, "dropout", 4), {"dense1": "dense1", "dense2": "dense2", "dense3": "dense3"}),
        ((5, "dropout", 4), (5, 4), {"dense1": "dense1", "dense2": "dense2", "dense3": "dense3"}),
        ((), (5,), {"dense2": "dense1"}),
    ],
)
def test_layers_are_found_again_behind_one_that_came_or_went(
    old: tuple[Any, ...], new: tuple[Any, ...], expected: dict[str, str]
) -> None:
    assert matched(network(*old), network(*new)) == expected


def test_a_layer_of_another_kind_is_another_layer() -> None:
    images = (1, 8, 8)
    old = network({"kind": "conv2d", "filters": 4}, "max_pool", 5, shape=images)
    new = network({"kind": "conv2d", "filters": 4}, "avg_pool", 5, shape=images)
    assert matched(old, new) == {"conv1": "conv1", "dense1": "dense1", "dense2": "dense2"}


def test_the_output_layer_stays_the_output_layer() -> None:
    """Even where a hidden layer of just its shape comes in before it."""
    assert matched(network(5), network(5, 2))["dense3"] == "dense2"
    assert "dense2" not in matched(network(5), network(5, 2))


def test_layers_keep_their_order() -> None:
    pairs = match_layers(network(3, 7, 5), network(5, 3, 7))
    news, olds = list(pairs), list(pairs.values())
    assert news == sorted(news) and olds == sorted(olds)
