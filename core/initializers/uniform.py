"""Uniform numbers between two fixed limits, whatever the width of the layer.

PyTorch's `uniform_` draws from [0, 1) by default; here the limits are -0.1 and 0.1.
"""

from __future__ import annotations

import math

import numpy as np

from ..errors import ConfigError
from ..registry import Param, Settings
from .base import Draw, Initializer


def draw(request: Draw, settings: Settings) -> np.ndarray:
    """w ~ U(low, high).

    Raises:
        ConfigError: The limits are the wrong way around.
    """
    low, high = float(settings["low"]), float(settings["high"])
    if low > high:
        raise ConfigError("lies above `high`", field="network.low", value=low, allowed=f"a number up to {high:g}")
    return low + (high - low) * request.uniform(math.prod(request.shape)).reshape(request.shape)


UNIFORM = Initializer(
    name="uniform",
    title="Uniform",
    summary="Evenly spread between two limits, the same for narrow and wide layers.",
    formula="w ~ U(low, high)",
    paper="common practice",
    params=(
        Param(name="low", default=-0.1, low=-10.0, high=10.0, summary="Smallest weight."),
        Param(name="high", default=0.1, low=-10.0, high=10.0, summary="Largest weight."),
    ),
    draw=draw,
)
