"""How a layer of weighted sums reads channels that were copied, moved or thinned out.

Here the weight of every such layer is (output channels, input channels, window …), whatever the order of its axes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod

import numpy as np

from ..engine.network import Network, Stage
from .lineage import Lineage, shares
from .side import Side

MOST_ROWS = 2048
"""Most samples of a fit."""
BLOCK = 1 << 18
"""Numbers of a weight that are worked on at a time, so that a large one takes little memory beside itself."""
Rows = Callable[[range], np.ndarray]
"""Some of the output channels -> their weights for the old input channels, float64 (outputs, inputs, window …)."""


def sums_shape(stage: Stage) -> tuple[int, ...]:
    """(output channels, input channels, window …) of a layer of weighted sums."""
    shape, axes = stage.weights[0].shape, _axes(stage)
    return (*(shape[axis] for axis in axes), *(size for axis, size in enumerate(shape) if axis not in axes))


def read_sums(stage: Stage, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weight, float32, and bias, float64, of a layer of weighted sums."""
    weight, bias = (span.read(weights) for span in stage.weights)
    return np.moveaxis(weight, _axes(stage), (0, 1)), bias.astype(np.float64)


def write_sums(stage: Stage, weights: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> None:
    """Overwrite weight and bias of a layer of weighted sums."""
    stage.weights[0].write(weights, np.moveaxis(weight, (0, 1), _axes(stage)))
    stage.weights[1].write(weights, bias)


def is_matrix(stage: Stage) -> bool:
    """Whether a layer of weighted sums multiplies its inputs by a matrix, with no window to move about."""
    return stage.sums is not None and len(stage.weights[0].shape) == 2


def strength(network: Network, weights: np.ndarray, index: int, n: int) -> np.ndarray:
    """Norm of the weights that read each of the n channels of the layer at a stage; in order where nothing does."""
    in_order = np.arange(n, 0, -1.0)
    reader = next((stage for stage in network.stages[index + 1 :] if stage.sums is not None), None)
    if reader is None:
        return in_order
    squares = np.moveaxis(read_sums(reader, weights)[0].astype(np.float64), 1, 0) ** 2
    if len(squares) % n:
        return in_order
    norms: np.ndarray = np.sqrt(squares.reshape(n, -1).sum(axis=1))
    return norms


def through(
    rows: Rows, shape: tuple[int, ...], lineage: Lineage, steady: np.ndarray, seed: int, name: str
) -> tuple[np.ndarray, np.ndarray]:
    """The weight that makes the same sums of new channels as an old weight of the old ones, before their slopes.

    Args:
        rows: The old weight.
        shape: Of the weight to come.
        lineage: What the new channels say about the old ones.
        steady: The value of each channel that stands for none but always holds the same; NaN for all others.
        seed: The run's.
        name: The layer that reads.

    Returns:
        The weight (output channels, new channels, window …), float32; and for each output what the channels that
        always hold the same add to its sum, which its bias must take back.
    """
    weight, added = np.empty(shape, np.float32), np.zeros(shape[0])
    tail, constant = (1,) * (len(shape) - 2), np.flatnonzero(np.isfinite(steady))
    for block in _blocks(shape):
        old = rows(block)
        split = shares(lineage.origin, block, seed, name)
        weight[block.start : block.stop] = old[:, np.maximum(lineage.origin, 0)] * split.reshape(*split.shape, *tail)
        if constant.size:
            # Channels that hold nothing yet are listened to like old ones, so that they learn.
            fresh = old[:, constant % lineage.n_old]
            weight[block.start : block.stop, constant] = fresh
            added[block.start : block.stop] = (fresh * steady[constant]).sum(axis=1)
    return weight, added


def sums_of_constants(side: Side, index: int, values: np.ndarray) -> np.ndarray | None:
    """What each output channel of a layer of weighted sums adds where every input channel holds one value throughout.

    Args:
        side: Where the layer is.
        index: Its stage.
        values: The value of each input channel.

    Returns:
        One number an output channel; None where it is not the same at all places, as at the edges of a padded image.
    """
    stage = side.network.stages[index]
    n_out, n_in, *_ = sums_shape(stage)
    if is_matrix(stage):
        products: np.ndarray = read_sums(stage, side.weights)[0].astype(np.float64) @ values
        return products
    given = np.repeat(values, prod(stage.input) // n_in)
    sums = side.outputs_of(index, np.stack([given, np.zeros(len(given))]))
    added = (sums[0] - sums[1]).reshape(n_out, -1)
    middle: np.ndarray = added.mean(axis=1)
    return middle if np.abs(added - middle[:, None]).max() <= 1e-5 * max(float(np.abs(sums).max()), 1e-3) else None


def fitted(weight: np.ndarray, bias: np.ndarray, new: np.ndarray, old: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weight and bias for new inputs (n, new units) that come nearest to those for the old ones (n, old units)."""
    n = min(len(new), len(old), MOST_ROWS)
    known = np.column_stack((new[:n], np.ones(n)))
    solution = np.linalg.lstsq(known, old[:n], rcond=1e-5)[0]
    return weight @ solution[:-1].T, bias + weight @ solution[-1]


def _axes(stage: Stage) -> tuple[int, int]:
    assert stage.sums is not None
    return stage.sums.outputs, stage.sums.inputs


def _blocks(shape: tuple[int, ...]) -> Iterator[range]:
    """Output channels, so many at a time that they have about `BLOCK` numbers."""
    step = max(1, BLOCK // max(prod(shape[1:]), 1))
    return (range(first, min(first + step, shape[0])) for first in range(0, shape[0], step))
