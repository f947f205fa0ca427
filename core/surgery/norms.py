"""A normalization put into a running network as one that takes back what it does.

Its scale and shift start as the deviation and the mean of its input. For batch normalization that is exact; layer
normalization differs from sample to sample, and the typical deviation and mean change the output least.
"""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from ..engine.measure import batch_statistics
from ..engine.memory import aligned_copy
from ..engine.network import Network
from .weights import by_channel

if TYPE_CHECKING:
    from ..engine.state import TrainState

Arrays = tuple[np.ndarray, np.ndarray]


def begin_norm(network: Network, index: int, arrays: Arrays, x: np.ndarray, at: TrainState, *, averaged: bool) -> str:
    """Give a new normalization its first weights and statistics, in place; what was done.

    Args:
        network: The network to come.
        index: Stage of the normalization.
        arrays: Flat weights and kept statistics of that network.
        x: What the stage is given, (n, units).
        at: The standing to come.
        averaged: Whether the weights are averaged ones, evaluated with statistics of their own.
    """
    stage = network.stages[index]
    eps = float(stage.settings["eps"])
    if stage.member.name == "batch_norm":
        columns = by_channel(x, stage.input[0])
        mean, variance = columns.mean(axis=0), columns.var(axis=0)
        for span, values in zip(stage.buffers, (mean, variance), strict=True):
            span.write(arrays[1], values)
        if averaged:
            mean, variance = _evaluated(network, index, arrays, at)
        for span, values in zip(stage.weights, (np.sqrt(variance.astype(np.float32) + eps), mean), strict=True):
            span.write(arrays[0], values)
        return f"{stage.name} starts with the scale and shift of its input"
    typical = np.sqrt(x.var(axis=1) + eps).mean(), x.mean()
    for span, value in zip(stage.weights, typical, strict=True):
        span.write(arrays[0], np.full(span.shape, value))
    return f"{stage.name} starts as near to its input as it can come"


def _evaluated(network: Network, index: int, arrays: Arrays, at: TrainState) -> Arrays:
    """Mean and variance that an evaluation of averaged weights will compute for a normalization."""
    stage, statistics = network.stages[index], aligned_copy(arrays[1])
    part = replace(network, stages=network.stages[: index + 1], n_outputs=prod(stage.output))
    batch_statistics(part, at.config, (arrays[0], statistics), at.data.x_train, at.step)
    mean, variance = (span.read(statistics) for span in stage.buffers)
    return mean, variance
