"""First weights: every tensor drawn from numbers that depend on the seed and the tensor's name alone.

So a layer starts the same whatever stands before it, and a layer added in the middle of a run starts as it would have
at the beginning.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable

import numpy as np

from ..config import Config
from ..initializers.base import Draw
from ..kernel import random
from ..registry import families
from .memory import Memory
from .network import Network, TensorSpan

_GAINS = {"tanh": 5.0 / 3.0, "relu": math.sqrt(2.0), "selu": 0.75}
"""`torch.nn.init.calculate_gain`; 1 for functions it does not list."""


def draw_weights(network: Network, config: Config, memory: Memory, names: Iterable[str] | None = None) -> None:
    """Write the first weights of all tensors, or of those named, and the start of kept statistics."""
    chosen = network.weights if names is None else {name: network.weights[name] for name in names}
    for span in chosen.values():
        span.write(memory.weights, first_values(span, config))
    if names is None:
        for span in network.buffers.values():
            span.write(memory.buffers, np.full(span.shape, span.fill, np.float32))


def first_values(span: TensorSpan, config: Config) -> np.ndarray:
    """The first values of one tensor, float64 in PyTorch's shape."""
    if span.fill is not None:
        return np.full(span.shape, span.fill, np.float64)
    name = config.network.initializer
    settings = config.network.initializer_settings
    if name == "auto":
        name = families["activations"][span.activation].gain
        settings = {param.name: param.default for param in families["initializers"][name].params}
    key, seed = zlib.crc32(span.name.encode()), config.training.seed
    draw = Draw(
        shape=span.shape,
        fan_in=span.fan_in,
        fan_out=span.fan_out,
        gain=_gain(span.activation, config),
        uniform=lambda n: random.uniform(seed, random.INITIAL, key, n),
        normal=lambda n: random.normal(seed, random.INITIAL, key, n),
    )
    values: np.ndarray = families["initializers"][name].draw(draw, settings)
    return values


def _gain(activation: str, config: Config) -> float:
    if activation == "leaky_relu":
        slope = float(config.network.activation_settings.get("negative_slope", 0.01))
        return math.sqrt(2.0 / (1.0 + slope**2))
    return _GAINS.get(activation, 1.0)
