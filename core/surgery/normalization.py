"""Normalization put into a running network as one that undoes itself, and taken out of it into the weights around it.

When evaluating, normalization over the batch is a scale and a shift of every channel. A new one starts with the
deviation and the mean of its input, which is exact; one that is taken out goes into the layer of weighted sums before
it, if there is nothing but pooling or reshaping between, or else into the one behind it. Normalization of each sample
by itself is another scale and shift for every sample: one stands for all, and the answers change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import prod

import numpy as np

from ..engine.measure import batch_statistics
from ..engine.memory import aligned_copy
from ..engine.network import Stage
from .lineage import Lineage
from .side import Side, by_channel
from .weights import read_sums, sums_of_constants, sums_shape, write_sums

Line = tuple[np.ndarray, np.ndarray]
"""Scale and shift of every unit."""


def eps_of(stage: Stage) -> float:
    """What a normalization adds to the variance."""
    return float(stage.settings.get("eps", 0.0))


def nearest_line(x: np.ndarray, y: np.ndarray) -> Line:
    """Slope and shift of the line nearest to y over x, column by column; slope 1 where x does not vary."""
    middle_x, middle_y = x.mean(axis=0), y.mean(axis=0)
    spread = ((x - middle_x) ** 2).sum(axis=0)
    varies = spread > 1e-12 * (1.0 + np.abs(middle_x)) * len(x)
    slope = ((x - middle_x) * (y - middle_y)).sum(axis=0) / np.where(varies, spread, 1.0)
    slope = np.where(varies, slope, 1.0)
    return slope, middle_y - slope * middle_x


def begin_normalization(side: Side, index: int, *, averaged: bool) -> str:
    """Give a new normalization its first weights and statistics, in place; what was done.

    Args:
        side: The network to come.
        index: Stage of the normalization.
        averaged: Whether the weights are averaged ones, evaluated with statistics of their own.
    """
    stage, x = side.network.stages[index], side.values(index)
    if stage.normalizes == "batch":
        columns = by_channel(x, stage.weights[0].size)
        mean, variance = columns.mean(axis=0), columns.var(axis=0)
        side.write_statistics(stage, mean, variance)
        if averaged:
            # What is measured behind it must see the numbers an evaluation will use, not those of the last batches.
            mean, variance = _evaluated(side, index)
            side.write_statistics(stage, mean, variance)
        side.write(stage, np.sqrt(variance.astype(np.float32) + eps_of(stage)), mean)
        return f"{stage.name} starts with the scale and shift of its input"
    n = stage.weights[0].size
    side.write(stage, np.full(n, _deviation(side, index, x)), np.full(n, x.mean()))
    return f"{stage.name} starts as near to its input as it can come"


def carry_batch(before: Side, after: Side, old: Stage, new: Stage, lineage: Lineage) -> None:
    """Give a normalization over the batch that stays what it needs to do to the new channels what it did to the old.

    Args:
        before: The old network.
        after: The new one.
        old: The normalization before.
        new: The same one to come.
        lineage: What its new channels say about the old ones.
    """
    taken = np.maximum(lineage.origin, 0)
    factor, shift = (tensor[taken] for tensor in before.tensors(old))
    mean, variance = (kept[taken] for kept in before.statistics(old))
    if not lineage.same_values or eps_of(new) != eps_of(old):
        slope, scale = lineage.slope, factor / np.sqrt(variance + eps_of(old))
        # Where the new value says nothing about the old one, it is scaled by zero, whatever its statistics are.
        speaks = np.abs(slope) > 1e-6
        divisor = np.where(speaks, slope, 1.0)
        moved = np.where(speaks, (mean - lineage.shift) / divisor, 0.0)
        shift = shift + scale * (lineage.shift + slope * moved - mean)
        mean = moved
        variance = np.where(speaks, (variance + eps_of(old)) / divisor**2 - eps_of(new), 1.0)
        variance = np.maximum(variance, 0.0)
        factor = scale * slope * np.sqrt(variance + eps_of(new))
    after.write(new, factor, shift)
    after.write_statistics(new, mean, variance)


def fit_normalization(side: Side, index: int, x: np.ndarray, y: np.ndarray) -> None:
    """Choose factor and shift of a normalization so that what it makes of x (n, units) comes nearest to y."""
    stage = side.network.stages[index]
    n = stage.weights[0].size
    side.write(stage, np.ones(n), np.zeros(n))
    z = side.outputs_of(index, x)
    rows = min(len(z), len(y))
    side.write(stage, *nearest_line(by_channel(z[:rows], n), by_channel(y[:rows], n)))


def fold_away(side: Side, index: int) -> bool:
    """Put the normalization at a stage into another layer's weights, in place; whether that could be done.

    The stage itself must then be left out of the network.
    """
    return any(_into_earlier(side, index, *line) or _into_later(side, index, *line) for line in _lines(side, index))


def _lines(side: Side, index: int) -> Iterator[Line]:
    """What a normalization does to every unit, and for one of samples also to every channel."""
    stage = side.network.stages[index]
    units = prod(stage.input)
    if stage.normalizes == "batch":
        factor, bias = side.tensors(stage)
        mean, variance = side.statistics(stage)
        scale = factor / np.sqrt(variance + eps_of(stage))
        yield _spread(scale, units), _spread(bias - mean * scale, units)
        return
    x = side.values(index)
    factor, bias = (tensor.reshape(-1) for tensor in side.tensors(stage))
    scale = factor / _deviation(side, index, x)
    line = _spread(scale, units), _spread(bias - scale * x.mean(), units)
    side.write(stage, factor, bias)
    yield line
    n = stage.input[0]
    scale, shift = (_spread(array.reshape(n, -1).mean(axis=1), units) for array in line)
    yield scale, shift


def _deviation(side: Side, index: int, x: np.ndarray) -> float:
    """By how much a normalization of samples divides the typical one of x (n, units); its weights are overwritten."""
    stage = side.network.stages[index]
    n = stage.weights[0].size
    side.write(stage, np.ones(n), np.zeros(n))
    z = side.outputs_of(index, x)
    deviation = (x[: len(z)].std(axis=1) / np.maximum(z.std(axis=1), 1e-12)).mean()
    return float(max(deviation, 1e-12))


def _evaluated(side: Side, index: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance that an evaluation of averaged weights will compute for a normalization."""
    network, at = side.network, side.state
    stage, statistics = network.stages[index], aligned_copy(side.buffers)
    part = replace(network, stages=network.stages[: index + 1], n_outputs=prod(stage.output))
    batch_statistics(part, at.config, (side.weights, statistics), at.data.x_train, at.step)
    mean, variance = (span.read(statistics) for span in stage.buffers)
    return mean, variance


def _into_earlier(side: Side, index: int, scale: np.ndarray, shift: np.ndarray) -> bool:
    """Whether the layer of weighted sums before a stage has taken up what the stage does."""
    for at in range(index - 1, -1, -1):
        stage = side.network.stages[at]
        if stage.sums is not None:
            weight, bias = read_sums(stage, side.weights)
            one, other = _by_channel(scale, len(bias)), _by_channel(shift, len(bias))
            if one is None or other is None:
                return False
            weight = weight.astype(np.float64) * one.reshape(-1, *(1,) * (weight.ndim - 1))
            write_sums(stage, side.weights, weight, bias * one + other)
            return True
        passed = _across(side, at, (scale, shift), prod(stage.input))
        if passed is None:
            return False
        scale, shift = passed
    return False


def _into_later(side: Side, index: int, scale: np.ndarray, shift: np.ndarray) -> bool:
    """Whether the layer of weighted sums behind a stage has taken up what the stage does."""
    for at in range(index + 1, len(side.network.stages)):
        stage = side.network.stages[at]
        if stage.sums is not None:
            n_in = sums_shape(stage)[1]
            one, other = _by_channel(scale, n_in), _by_channel(shift, n_in)
            if one is None or other is None:
                return False
            added = sums_of_constants(side, at, other)
            if added is None:
                return False
            weight, bias = read_sums(stage, side.weights)
            weight = weight.astype(np.float64) * one.reshape(-1, *(1,) * (weight.ndim - 2))
            write_sums(stage, side.weights, weight, bias + added)
            return True
        passed = _across(side, at, (scale, shift), prod(stage.output))
        if passed is None:
            return False
        scale, shift = passed
    return False


def _across(side: Side, index: int, line: Line, units: int) -> Line | None:
    """The same scale and shift on the other side, of so many units, of a stage that hands values on; None if it does
    more than that.
    """
    stage = side.network.stages[index]
    if stage.passes == "units":
        return line
    if stage.passes not in ("means", "picks"):
        return None
    scale, shift = (_by_channel(array, stage.input[0]) for array in line)
    if scale is None or shift is None or (stage.passes == "picks" and (scale <= 0.0).any()):
        return None
    if np.any(shift) and not side.passes_constants(index):
        return None
    return _spread(scale, units), _spread(shift, units)


def _by_channel(line: np.ndarray, n_channels: int) -> np.ndarray | None:
    """One number a channel; None where the units of a channel have several."""
    if len(line) % n_channels:
        return None
    units = line.reshape(n_channels, -1)
    return units[:, 0] if np.allclose(units, units[:, :1], rtol=1e-6, atol=1e-9) else None


def _spread(line: np.ndarray, units: int) -> np.ndarray:
    return np.repeat(line, units // len(line))
