"""The flat arrays of a run: weights, gradients, optimizer state, kept statistics.

One aligned float32 array each, so that an optimizer is one loop, a copy one call, and a switch of optimizer a new set
of named state arrays. Tensors begin at multiples of 16 floats; the padding stays 0. For two inputs and three units:

    float        0                  16                 32
    weights      dense1.weight (6)  dense1.bias (3)    dense2.weight ...
                 6 numbers, 10 x 0  3 numbers, 13 x 0
    gradients    the same places
    each slot    the same places: the first moments of Adam, its second moments ...
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..config.arguments import check_numbers
from ..errors import ConfigError
from ..kernel.arrays import aligned
from .network import Network


def aligned_copy(array: np.ndarray) -> np.ndarray:
    """An aligned copy of a float32 vector."""
    copy = aligned(array.size)
    copy[:] = array
    return copy


def is_finite(array: np.ndarray) -> bool:
    """Whether all numbers of an array are finite.

    Its extremes tell: they are found several times faster than every number is looked at, and are no numbers where one
    of these is none.
    """
    return not array.size or bool(np.isfinite(array.min()) and np.isfinite(array.max()))


class Memory:
    """What training changes, apart from the counters."""

    def __init__(self, n_floats: int, n_buffer_floats: int, *, averaging: bool = False) -> None:
        self.weights = aligned(n_floats)
        """Learned numbers, laid out by `Network.weights`."""
        self.gradients = aligned(n_floats)
        """Gradient of the last step, after the hooks."""
        self.raw_gradients = aligned(n_floats)
        """Gradient of the last step before the hooks; kept only while hooks are on."""
        self.buffers = aligned(n_buffer_floats)
        """Kept statistics, laid out by `Network.buffers`."""
        self.slots: dict[str, np.ndarray] = {}
        """Optimizer state by meaning, each like the weights."""
        self.t = 0
        """Steps the optimizer's state has seen."""
        self.average = aligned(n_floats if averaging else 0)
        """Averaged weights; empty while averaging is off."""
        self.n_averaged = 0
        """Weights in the average."""
        self.waited = 0.0
        """Steps since the last weights went into the average."""

    def copy(self) -> Memory:
        """An independent copy."""
        copy = Memory(0, 0)
        for name in ("weights", "gradients", "raw_gradients", "buffers", "average"):
            setattr(copy, name, aligned_copy(getattr(self, name)))
        copy.slots = {name: aligned_copy(array) for name, array in self.slots.items()}
        copy.t, copy.n_averaged, copy.waited = self.t, self.n_averaged, self.waited
        return copy

    @property
    def sound(self) -> bool:
        """Whether weights, kept statistics and optimizer state are all finite."""
        return all(map(is_finite, (self.weights, self.buffers, self.average, *self.slots.values())))


def write_parameters(network: Network, memory: Memory, values: Mapping[str, object]) -> None:
    """Overwrite weights or kept statistics by name, with arrays of PyTorch's shapes.

    Raises:
        ConfigError: A name or a shape is wrong, or a value no finite number; nothing is written then.
    """
    spans = {**network.weights, **network.buffers}
    checked = []
    if not isinstance(values, Mapping):
        raise ConfigError("is not a table of arrays by name", field="parameters", value=values, choices=spans)
    for name, value in values.items():
        if name not in spans:
            raise ConfigError("is not a parameter", field="parameters", value=name, choices=spans)
        with np.errstate(over="ignore"):  # a number too large becomes one that is not finite
            array = check_numbers(value, name).astype(np.float32)
        if array.shape != spans[name].shape:
            raise ConfigError(f"has shape {array.shape}", field=name, allowed=f"shape {spans[name].shape}")
        if not np.isfinite(array).all():
            raise ConfigError("holds a value that is not finite", field=name)
        checked.append((spans[name], array))
    for span, array in checked:
        span.write(memory.weights if span.name in network.weights else memory.buffers, array)
