"""Every growing change, over every normalization and kind of layer: answers stay, or it is said how they move."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from answers import SAME, answers
from nets import IMAGES, trainer

from dltui.core import Trainer, families
from dltui.core.surgery.growth import Growth, choose_growth
from dltui.core.surgery.side import Side
from dltui.core.training.rate_offers import preview

Table = dict[str, Any]
POOL, AVERAGE, UPSAMPLE, FLATTEN, DROPOUT, BATCH, SAMPLE = (
    {"kind": kind} for kind in ("max_pool", "avg_pool", "upsample", "flatten", "dropout", "batch_norm", "layer_norm")
)


def dense(units: int) -> Table:
    return {"kind": "dense", "units": units}


def conv(filters: int, **settings: int) -> Table:
    return {"kind": "conv2d", "filters": filters, **settings}


def back(filters: int, **settings: int) -> Table:
    return {"kind": "conv_transpose2d", "filters": filters, **settings}


def net(*tables: Table) -> dict[str, Any]:
    return {"network.layers": [{"kind": "reshape", "channels": 1, "height": 4, "width": 4}, *tables]}


KEPT = {
    "units": (net(dense(8)), net(dense(13))),
    "one unit": (net(dense(6)), net(dense(7))),
    "units thrice": (net(dense(5)), net(dense(16))),
    "units of two layers": (net(dense(6), dense(5)), net(dense(9), dense(8))),
    "filters twice": (net(conv(3), dense(5)), net(conv(6), dense(5))),
    "filters before filters": (
        net(conv(2, padding=1), conv(3, padding=1), dense(5)),
        net(conv(4, padding=1), conv(6, padding=1), dense(5)),
    ),
    "transposed filters": (net(back(3), dense(5)), net(back(6), dense(5))),
    "filters before a pool": (net(conv(3), POOL, dense(5)), net(conv(6), POOL, dense(5))),
    "filters before means": (
        net(conv(2), AVERAGE, UPSAMPLE, back(2), dense(5)),
        net(conv(4), AVERAGE, UPSAMPLE, back(4), dense(5)),
    ),
    "units before batch norm": (net(dense(5), BATCH, dense(4)), net(dense(10), BATCH, dense(4))),
    "units before layer norm": (net(dense(5), SAMPLE, dense(4)), net(dense(10), SAMPLE, dense(4))),
    "filters before layer norm": (net(conv(2), SAMPLE, dense(4)), net(conv(6), SAMPLE, dense(4))),
    "batch norm": (net(conv(3), dense(5)), net(conv(3), BATCH, dense(5))),
    "dropout": (net(dense(5)), net(dense(5), DROPOUT)),
    "flatten": (net(conv(3), dense(5)), net(conv(3), FLATTEN, dense(5))),
}
"""Changes that never move an answer."""
EXACT_WITHOUT_SAMPLES = {
    "filters": (net(conv(3), dense(5)), net(conv(5), dense(5))),
    "filters before batch norm": (net(conv(3), BATCH, dense(5)), net(conv(5), BATCH, dense(5))),
    "a wide layer": (net(dense(5)), net(dense(5), dense(7))),
    "a narrow layer": (net(dense(5)), net(dense(5), dense(3))),
    "a convolution": (net(conv(3), dense(5)), net(conv(3), conv(4, padding=1), dense(5))),
    "a transposed convolution": (
        net(conv(3), dense(5)),
        net(conv(3), back(4, kernel=3, stride=1, padding=1), dense(5)),
    ),
}
"""Changes that move none unless each sample is normalized by itself."""
SAID = {
    "units behind an activation": (net(dense(5), SAMPLE, dense(4)), net(dense(8), SAMPLE, dense(4))),
    "layer norm": (net(dense(5)), net(dense(5), SAMPLE)),
    "a pool": (net(conv(3), dense(5)), net(conv(3), POOL, dense(5))),
}
"""Changes that cannot keep the answers."""


def change(changes: tuple[dict[str, Any], dict[str, Any]], normalization: str, activation: str) -> tuple[float, str]:
    """Largest change of an answer, and what was said of it."""
    made = trainer(IMAGES, network__activation=activation)
    made.apply({**changes[0], "network.normalization": normalization})
    made.advance(40)
    before, n = answers(made), len(made.events)
    made.apply(changes[1])
    moved = float(np.abs(answers(made) - before).max())
    assert made.advance(10).n_steps == 10
    return moved, next((event.text for event in made.events[n:] if event.text.startswith("the answers change")), "")


@pytest.mark.parametrize("name", KEPT)
@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("normalization", ["none", "batch_norm", "layer_norm"])
def test_what_can_be_kept_is_kept(name: str, normalization: str, activation: str) -> None:
    moved, said = change(KEPT[name], normalization, activation)
    assert moved <= SAME
    assert not said


@pytest.mark.parametrize("name", EXACT_WITHOUT_SAMPLES)
@pytest.mark.parametrize("normalization", ["none", "batch_norm"])
def test_without_normalization_of_samples_more_is_kept(name: str, normalization: str) -> None:
    moved, said = change(EXACT_WITHOUT_SAMPLES[name], normalization, "relu")
    assert moved <= SAME
    assert not said


@pytest.mark.parametrize("name", [*EXACT_WITHOUT_SAMPLES, *SAID])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("normalization", ["none", "batch_norm", "layer_norm"])
def test_what_moves_is_said_with_its_size(name: str, normalization: str, activation: str) -> None:
    moved, said = change({**EXACT_WITHOUT_SAMPLES, **SAID}[name], normalization, activation)
    assert bool(said) == (moved > SAME)
    if said:
        assert float(said.rpartition(" ")[2]) == pytest.approx(moved, rel=0.06)


def test_every_kind_of_layer_is_in_one_of_the_changes() -> None:
    changes = [*KEPT.values(), *EXACT_WITHOUT_SAMPLES.values(), *SAID.values()]
    kinds = {table["kind"] for change in changes for side in change for table in side["network.layers"]}
    assert kinds == set(families["layers"])


def test_new_units_behind_a_layer_norm_begin_at_the_mean_and_learn() -> None:
    made = trainer(network__hidden=[8], network__normalization="layer_norm", network__activation="relu", steps=60)
    made.apply({"network.hidden": [13]})
    assert "dense1 grows from 8 to 13 units, the new ones at the mean of the old" in [e.text for e in made.events]
    start = made.parameters
    made.advance(100)
    moved = made.parameters["dense1.weight"] - start["dense1.weight"]
    assert (np.abs(moved[8:]).max(axis=1) > 1e-3).all()
    assert len(np.unique(np.round(moved[8:], 6), axis=0)) == 5


def side(made: Trainer) -> Side:
    return Side(made.state, made.network, made.memory.weights.copy(), made.memory.buffers.copy())


def test_growth_around_the_mean_keeps_mean_and_variance() -> None:
    x = np.random.default_rng(0).normal(size=(50, 6)) * 3.0 + 1.0
    grown = Growth(np.array([0, 1, 2, 3, 4, 5, -1, -1, -1]), np.sqrt(9 / 6)).apply(x, axis=1)
    assert grown.mean(axis=1) == pytest.approx(x.mean(axis=1))
    assert grown.var(axis=1) == pytest.approx(x.var(axis=1))


def test_without_a_normalization_a_layer_grows_by_copies() -> None:
    made = side(trainer(network__hidden=[6]))
    growth = choose_growth(6, 9, made, made, (), False, "dense1")
    assert growth.stretch == 1.0
    assert (growth.origin[:6] == np.arange(6)).all()
    assert (growth.origin[6:] >= 0).all()


def test_what_will_move_is_known_beforehand() -> None:
    made = trainer(network__hidden=[6], steps=30)
    digest = made.digest()
    foreseen = preview(made, made.plan({"network.normalization": "layer_norm"})).notes
    assert made.digest() == digest
    before = answers(made)
    made.apply({"network.normalization": "layer_norm"})
    assert [event.text for event in made.events if event.kind == "note"] == list(foreseen)
    assert float(foreseen[-1].rpartition(" ")[2]) == pytest.approx(np.abs(answers(made) - before).max(), rel=0.06)


@pytest.mark.parametrize(
    "tables",
    [
        (net(dense(4)), net(UPSAMPLE, AVERAGE, AVERAGE, UPSAMPLE, dense(4))),
        (net(conv(3), POOL, dense(4)), net(conv(3), AVERAGE, dense(4))),
        (net(conv(3, padding=1), dense(4)), net(conv(3, kernel=3, padding=1), POOL, UPSAMPLE, dense(4))),
        (net(dense(5), {"kind": "batch_norm"}, dense(4)), net(dense(5), {"kind": "batch_norm", "eps": 0.5}, dense(4))),
    ],
    ids=["inputs", "another pool", "pixels", "eps"],
)
def test_layers_without_weights_of_their_own_are_noticed(tables: tuple[dict[str, Any], dict[str, Any]]) -> None:
    moved, said = change(tables, "none", "relu")
    assert bool(said) == (moved > SAME)
