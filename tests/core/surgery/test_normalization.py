"""Normalization goes into the weights around it, or undoes itself, wherever that can be done."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from nets import IMAGES, trainer

from dltui.core.surgery.normalization import begin_normalization, fold_away, nearest_line
from dltui.core.surgery.side import Side

PICTURE = {"kind": "reshape", "channels": 1, "height": 4, "width": 4}
BATCH, SAMPLE = {"kind": "batch_norm"}, {"kind": "layer_norm"}
CONV = {"kind": "conv2d", "filters": 3, "kernel": 2}
PADDED = {"kind": "conv2d", "filters": 3, "kernel": 3, "padding": 1}
MAXIMUM, MEAN = {"kind": "max_pool"}, {"kind": "avg_pool"}


def trained(*tables: dict[str, Any]) -> Side:
    made = trainer(IMAGES)
    made.apply({"network.layers": [PICTURE, *tables], "network.activation": "identity"})
    made.advance(40)
    return Side(made.state, made.network, made.memory.weights.copy(), made.memory.buffers.copy())


def index_of(side: Side, kind: str) -> int:
    return next(k for k, stage in enumerate(side.network.stages) if stage.normalizes == kind)


def folded(*tables: dict[str, Any], flip: bool = False) -> tuple[bool, float]:
    """Whether a normalization could be folded away, and by how much the outputs moved."""
    side = trained(*tables)
    index = index_of(side, "batch")
    if flip:
        factor, shift = side.tensors(side.network.stages[index])
        side.write(side.network.stages[index], -np.abs(factor), shift)
    before = side.outputs()[0]
    if not fold_away(side, index):
        return False, 0.0
    return True, float(np.abs(side.without(index).outputs()[0] - before).max())


@pytest.mark.parametrize(
    "tables",
    [(CONV, BATCH), (CONV, MEAN, BATCH), (CONV, MAXIMUM, BATCH), (BATCH, CONV), (PADDED, BATCH)],
    ids=["behind filters", "behind means", "behind a maximum", "before filters", "behind padded filters"],
)
def test_it_goes_into_the_layer_of_sums_next_to_it(tables: tuple[dict[str, Any], ...]) -> None:
    could, moved = folded(*tables)
    assert could
    assert moved <= 1e-5


def test_a_falling_scale_passes_means_but_no_maximum() -> None:
    # Behind the maximum the dense layer of the outputs takes it up.
    for pool in (MEAN, MAXIMUM):
        could, moved = folded(CONV, pool, BATCH, flip=True)
        assert could
        assert moved <= 1e-5
    assert not folded({**CONV, "kernel": 1}, MAXIMUM, BATCH, MAXIMUM, flip=True)[0]


def test_a_shift_does_not_go_through_edges() -> None:
    assert not folded(BATCH, PADDED)[0]


@pytest.mark.parametrize("norm", [BATCH, SAMPLE], ids=["batch", "sample"])
def test_a_new_one_comes_near_to_its_input(norm: dict[str, Any]) -> None:
    side = trained(CONV, norm)
    index = index_of(side, "batch" if norm is BATCH else "sample")
    x = side.values(index)
    begin_normalization(side, index, averaged=False)
    moved = np.abs(side.outputs_of(index, x) - x)
    assert moved.max() <= 1e-5 if norm is BATCH else moved.mean() < 0.5 * np.abs(x - x.mean()).mean()


def test_the_nearest_line_is_found_column_by_column() -> None:
    x = np.random.default_rng(0).normal(size=(50, 3))
    x[:, 2] = 4.0
    slope, shift = nearest_line(x, x * np.array([2.0, -3.0, 5.0]) + np.array([1.0, 0.0, 0.0]))
    assert slope == pytest.approx([2.0, -3.0, 1.0])
    assert shift == pytest.approx([1.0, 0.0, 16.0])
