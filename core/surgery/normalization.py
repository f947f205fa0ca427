"""Normalization taken out of a network: put into the weights before it, or behind it, so that the output stays.

Batch normalization is, when evaluating, a scale and a shift for every channel. A layer before it with nothing but
pooling or reshaping between takes both into its weights and bias; else a layer behind it does. Layer normalization
differs from sample to sample: the mean and deviation of the typical sample stand for all, and the loss may jump.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np

from ..engine.network import Network, Stage
from ..layers.base import Shape

Arrays = tuple[np.ndarray, np.ndarray]
Values = Callable[[int], np.ndarray]
"""Number of a stage -> what it is given, (n, units)."""
READERS = ("dense", "conv2d", "conv_transpose2d")
POOLS = ("max_pool", "avg_pool", "upsample")


def is_norm(stage: Stage) -> bool:
    """Whether a stage is a normalization."""
    return stage.kind == "layer" and stage.member.name in ("batch_norm", "layer_norm")


def is_reader(stage: Stage) -> bool:
    """Whether a stage is a layer of weighted sums."""
    return stage.kind == "layer" and stage.member.name in READERS


def fold(network: Network, arrays: Arrays, index: int, values: Values) -> bool:
    """Put the normalization at a stage into another layer's weights, in place; whether that could be done.

    The stage itself must then be left out of the network.
    """
    scale, shift = _line(network.stages[index], arrays, index, values)
    return _into_earlier(network, arrays, index, scale, shift) or _into_later(network, arrays, index, scale, shift)


def _line(stage: Stage, arrays: Arrays, index: int, values: Values) -> tuple[np.ndarray, np.ndarray]:
    """Scale and shift of every unit."""
    if stage.member.name == "batch_norm":
        weight, bias = (span.read(arrays[0]).astype(np.float64) for span in stage.weights)
        mean, variance = (span.read(arrays[1]).astype(np.float64) for span in stage.buffers)
        scale = weight / np.sqrt(variance + float(stage.settings["eps"]))
        n = prod(stage.input[1:])
        return np.repeat(scale, n), np.repeat(bias - mean * scale, n)
    x = values(index)
    deviation = np.sqrt(x.var(axis=1) + float(stage.settings["eps"])).mean()
    weight, bias = (span.read(arrays[0]).reshape(-1).astype(np.float64) for span in stage.weights)
    return weight / deviation, bias - weight * x.mean() / deviation


def nearest_line(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope and shift of the line nearest to y over x, column by column; slope 1 where x does not vary."""
    middle_x, middle_y = x.mean(axis=0), y.mean(axis=0)
    spread = ((x - middle_x) ** 2).sum(axis=0)
    varies = spread > 1e-12 * (1.0 + np.abs(middle_x)) * len(x)
    slope = ((x - middle_x) * (y - middle_y)).sum(axis=0) / np.where(varies, spread, 1.0)
    slope = np.where(varies, slope, 1.0)
    return slope, middle_y - slope * middle_x


def _of_channels(line: np.ndarray, shape: Shape) -> np.ndarray | None:
    by_channel = line.reshape(shape[0], -1)
    first = by_channel[:, :1]
    return first[:, 0] if np.allclose(by_channel, first, rtol=1e-6, atol=1e-9) else None


def _through(stage: Stage, scale: np.ndarray, shift: np.ndarray, shape: Shape, to: Shape) -> Arrays | None:
    """The same scale and shift on the other side of a stage that only moves values; None if it does more."""
    if stage.kind == "hook" or (stage.plan is not None and (stage.plan.alias or stage.member.name == "dropout")):
        return scale, shift
    if stage.kind != "layer" or stage.member.name not in POOLS:
        return None
    parts = _of_channels(scale, shape), _of_channels(shift, shape)
    if parts[0] is None or parts[1] is None or (stage.member.name == "max_pool" and (parts[0] <= 0.0).any()):
        return None
    if int(stage.settings.get("padding", 0)):
        return None
    n = prod(to[1:])
    return np.repeat(parts[0], n), np.repeat(parts[1], n)


def _into_earlier(network: Network, arrays: Arrays, index: int, scale: np.ndarray, shift: np.ndarray) -> bool:
    for stage in reversed(network.stages[:index]):
        if is_reader(stage):
            one = _of_channels(scale, stage.output) if len(stage.output) == 3 else scale
            other = _of_channels(shift, stage.output) if len(stage.output) == 3 else shift
            if one is None or other is None:
                return False
            weight, bias = stage.weights
            axis = 1 if stage.member.name == "conv_transpose2d" else 0
            array = np.moveaxis(weight.read(arrays[0]).astype(np.float64), axis, -1) * one
            weight.write(arrays[0], np.moveaxis(array, -1, axis))
            bias.write(arrays[0], bias.read(arrays[0]) * one + other)
            return True
        passed = _through(stage, scale, shift, stage.output, stage.input)
        if passed is None:
            return False
        scale, shift = passed
    return False


def _into_later(network: Network, arrays: Arrays, index: int, scale: np.ndarray, shift: np.ndarray) -> bool:
    for stage in network.stages[index + 1 :]:
        if is_reader(stage):
            if stage.member.name == "dense":
                one, other = scale, shift
            else:
                parts = _of_channels(scale, stage.input), _of_channels(shift, stage.input)
                if parts[0] is None or parts[1] is None:
                    return False
                one, other = parts[0], parts[1]
                if np.any(other) and (int(stage.settings["padding"]) or stage.member.name != "conv2d"):
                    return False
            weight, bias = stage.weights
            axis = 0 if stage.member.name == "conv_transpose2d" else 1
            array = np.moveaxis(weight.read(arrays[0]).astype(np.float64), axis, -1)
            added = (array * other).sum(axis=-1).reshape(len(bias.read(arrays[0])), -1).sum(axis=1)
            weight.write(arrays[0], np.moveaxis(array * one, -1, axis))
            bias.write(arrays[0], bias.read(arrays[0]) + added)
            return True
        passed = _through(stage, scale, shift, stage.input, stage.output)
        if passed is None:
            return False
        scale, shift = passed
    return False
