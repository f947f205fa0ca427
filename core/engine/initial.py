"""First weights: every tensor drawn from numbers that depend on the seed and the tensor's name alone.

So a layer starts with the same weights whatever comes before it, and a layer added in the middle of a run starts as it
would have at the beginning.
"""

from __future__ import annotations

import zlib

import numpy as np

from ..config import Config
from ..initializers.base import Draw
from ..kernel import random
from ..registry import default_settings, families
from .memory import Memory
from .network import Network, TensorSpan


def draw_weights(network: Network, config: Config, memory: Memory) -> None:
    """Write the first weights of all tensors, and the start of kept statistics."""
    for span in network.weights.values():
        span.write(memory.weights, first_values(span, config))
    for span in network.buffers.values():
        span.write(memory.buffers, np.full(span.shape, span.fill, np.float32))


def first_values(span: TensorSpan, config: Config) -> np.ndarray:
    """The first values of one tensor, float64 in PyTorch's shape."""
    if span.fill is not None:
        return np.full(span.shape, span.fill, np.float64)
    initializer = config.network.initializer_member
    settings = config.network.initializer_settings
    if initializer.by_activation and span.gain:
        initializer = families["initializers"][span.gain]
        settings = default_settings(initializer.params)
    key, seed = zlib.crc32(span.name.encode()), config.training.seed
    draw = Draw(
        shape=span.shape,
        fan_in=span.fan_in,
        fan_out=span.fan_out,
        gain=span.gain_factor,
        uniform=lambda n: random.uniform(seed, random.INITIAL, key, n),
        normal=lambda n: random.normal(seed, random.INITIAL, key, n),
    )
    return initializer.draw(draw, settings)
