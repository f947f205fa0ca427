"""One side of a change of the network, before it or after it, and what can be measured there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod

import numpy as np

from ..engine.measure import stage_values, values_before
from ..engine.network import Network, Stage
from ..engine.state import TrainState

SAME = 1e-5
"""Largest difference, beside the size of the values, at which two answers count as the same."""


@dataclass(frozen=True, eq=False)
class Side:
    """A network with its weights, and the data it is measured on."""

    state: TrainState
    """Config, data and step."""
    network: Network
    weights: np.ndarray
    """Flat, laid out by the network."""
    buffers: np.ndarray
    """Kept statistics, flat."""

    @property
    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """Weights and kept statistics."""
        return self.weights, self.buffers

    def values(self, index: int) -> np.ndarray:
        """What stage number `index` is given on the training data, float64 (n, units)."""
        at = self.state
        return values_before(self.network, at.config, self.arrays, index, at.data.x_train, at.step)

    def outputs(self) -> list[np.ndarray]:
        """The outputs on the training data and on the validation data, float64 (n, outputs), of the first samples."""
        at, n = self.state, len(self.network.stages)
        parts = [x for x in (at.data.x_train, at.data.x_val) if len(x)]
        return [values_before(self.network, at.config, self.arrays, n, x, at.step) for x in parts]

    def outputs_of(self, index: int, x: np.ndarray) -> np.ndarray:
        """What stage number `index` makes of values (n, units), float64 (n, units)."""
        return stage_values(self.network, self.state.config, self.arrays, index, x, self.state.step)

    def tensors(self, stage: Stage) -> list[np.ndarray]:
        """The weights of a stage, float64 in PyTorch's shapes."""
        return [span.read(self.weights).astype(np.float64) for span in stage.weights]

    def statistics(self, stage: Stage) -> list[np.ndarray]:
        """The kept statistics of a stage, float64."""
        return [span.read(self.buffers).astype(np.float64) for span in stage.buffers]

    def write(self, stage: Stage, *tensors: np.ndarray) -> None:
        """Overwrite the weights of a stage, with arrays of their shapes or flat."""
        for span, array in zip(stage.weights, tensors, strict=True):
            span.write(self.weights, np.reshape(array, span.shape))

    def write_statistics(self, stage: Stage, *statistics: np.ndarray) -> None:
        """Overwrite the kept statistics of a stage, with arrays of their shapes or flat."""
        for span, array in zip(stage.buffers, statistics, strict=True):
            span.write(self.buffers, np.reshape(array, span.shape))

    def passes_constants(self, index: int) -> bool:
        """Whether a stage makes the same constant of values that are all alike, and so adds nothing at its edges."""
        given = np.array([[1.0], [-1.0]]) * np.ones(prod(self.network.stages[index].input))
        return bool(np.abs(self.outputs_of(index, given) - given[:, :1]).max() <= SAME)

    def without(self, index: int) -> Side:
        """The same without one of its stages."""
        stages = self.network.stages
        return replace(self, network=replace(self.network, stages=(*stages[:index], *stages[index + 1 :])))


def by_channel(x: np.ndarray, n_channels: int) -> np.ndarray:
    """Values (samples, units) with one column a channel, (samples and places, channels)."""
    return np.moveaxis(x.reshape(len(x), n_channels, -1), 1, 2).reshape(-1, n_channels)


def same_answers(before: np.ndarray, after: np.ndarray) -> bool:
    """Whether two sets of values differ by no more than rounding."""
    return bool(np.abs(after - before).max(initial=0.0) <= SAME * max(1.0, float(np.abs(before).max(initial=0.0))))
