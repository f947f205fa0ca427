"""How layers of weighted sums read channels that were copied, moved or added."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from nets import IMAGES, trainer

from dltui.core.surgery import weights
from dltui.core.surgery.lineage import Lineage, copies
from dltui.core.surgery.side import Side
from dltui.core.surgery.weights import (
    fitted,
    is_matrix,
    read_sums,
    strength,
    sums_of_constants,
    sums_shape,
    through,
    write_sums,
)

PICTURE = {"kind": "reshape", "channels": 2, "height": 2, "width": 4}
UNKNOWN = np.full(4, np.nan)


def side(table: dict[str, Any]) -> Side:
    made = trainer(IMAGES)
    made.apply({"network.layers": [PICTURE, table]})
    return Side(made.state, made.network, made.memory.weights.copy(), made.memory.buffers.copy())


def rows_of(weight: np.ndarray) -> Callable[[range], np.ndarray]:
    return lambda block: weight[block.start : block.stop]


@pytest.mark.parametrize(
    ("table", "shape"),
    [
        ({"kind": "dense", "units": 3}, (3, 16)),
        ({"kind": "conv2d", "filters": 3, "kernel": 2}, (3, 2, 2, 2)),
        ({"kind": "conv_transpose2d", "filters": 5, "kernel": 3}, (5, 2, 3, 3)),
    ],
    ids=["dense", "conv2d", "conv_transpose2d"],
)
def test_every_layer_of_sums_is_read_alike(table: dict[str, Any], shape: tuple[int, ...]) -> None:
    made = side(table)
    stage = made.network.stages[1]
    weight, bias = read_sums(stage, made.weights)
    assert weight.shape == sums_shape(stage) == shape
    assert is_matrix(stage) == (len(shape) == 2)
    kept = made.weights.copy()
    write_sums(stage, made.weights, weight, bias)
    assert np.array_equal(made.weights, kept)


def test_copies_make_the_sums_they_made() -> None:
    rng = np.random.default_rng(0)
    weight, x = rng.normal(size=(5, 3)), rng.normal(size=3)
    origin = np.array([2, 0, 1, 0])
    made, added = through(rows_of(weight), (5, 4), copies(origin, 3), UNKNOWN, 1, "dense2")
    assert made @ x[origin] == pytest.approx(weight @ x, abs=1e-6)
    assert not added.any()


def test_blocks_of_a_weight_are_the_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    weight, lineage = rng.normal(size=(7, 3)), copies(np.array([2, 0, 1, 0]), 3)
    whole, _ = through(rows_of(weight), (7, 4), lineage, UNKNOWN, 1, "dense2")
    monkeypatch.setattr(weights, "BLOCK", 8)
    assert np.array_equal(through(rows_of(weight), (7, 4), lineage, UNKNOWN, 1, "dense2")[0], whole)


def test_a_channel_that_always_holds_the_same_is_listened_to_and_taken_back() -> None:
    rng = np.random.default_rng(0)
    weight, x = rng.normal(size=(5, 3)), rng.normal(size=3)
    lineage = copies(np.array([0, 1, 2, -1]), 3)
    steady = np.array([np.nan, np.nan, np.nan, 0.7])
    made, added = through(rows_of(weight), (5, 4), lineage, steady, 1, "dense2")
    assert made[:, 3].all()
    assert made @ np.array([*x, 0.7]) - added == pytest.approx(weight @ x, abs=1e-6)
    unheard, _ = through(rows_of(weight), (5, 4), lineage, UNKNOWN, 1, "dense2")
    assert not unheard[:, 3].any()


@pytest.mark.parametrize(
    ("table", "places_agree"),
    [
        ({"kind": "dense", "units": 3}, True),
        ({"kind": "conv2d", "filters": 3, "kernel": 2}, True),
        ({"kind": "conv2d", "filters": 3, "kernel": 3, "padding": 1}, False),
        ({"kind": "conv_transpose2d", "filters": 3, "kernel": 3}, False),
    ],
    ids=["dense", "no edges", "padded", "transposed"],
)
def test_a_constant_adds_a_constant_where_there_are_no_edges(table: dict[str, Any], places_agree: bool) -> None:
    made = side(table)
    n_in = sums_shape(made.network.stages[1])[1]
    added = sums_of_constants(made, 1, np.arange(1.0, n_in + 1.0))
    assert (added is not None) == places_agree
    if added is not None:
        weight, _ = read_sums(made.network.stages[1], made.weights)
        by_input = weight.reshape(len(weight), n_in, -1).sum(axis=2)
        assert added == pytest.approx(by_input @ np.arange(1.0, n_in + 1.0), abs=1e-5)


def test_the_strongest_channels_are_those_most_listened_to() -> None:
    made = trainer(IMAGES)
    stages = made.network.stages
    index = next(k for k, stage in enumerate(stages) if stage.name == "conv1")
    reader = next(stage for stage in stages[index + 1 :] if stage.sums is not None)
    weight, _ = read_sums(reader, made.memory.weights)
    found = strength(made.network, made.memory.weights, index, 3)
    assert found == pytest.approx(np.linalg.norm(weight.reshape(len(weight), 3, -1), axis=(0, 2)), rel=1e-6)


def test_a_fit_finds_the_weights_that_say_the_same() -> None:
    rng = np.random.default_rng(0)
    old = rng.normal(size=(200, 4))
    turn = rng.normal(size=(4, 4))
    weight, bias = fitted(np.eye(4), np.zeros(4), old @ turn + 1.0, old)
    assert (old @ turn + 1.0) @ weight.T + bias == pytest.approx(old, abs=1e-6)


def test_a_lineage_with_slopes_is_not_the_same_values() -> None:
    assert not Lineage(np.arange(2), np.array([1.0, 2.0]), np.zeros(2), 2).same_values
