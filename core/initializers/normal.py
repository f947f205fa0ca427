"""Normal numbers of a fixed size, whatever the width of the layer.

PyTorch's `normal_` has standard deviation 1 by default; here it is 0.1, a size from which narrow layers learn.
"""

from __future__ import annotations

import numpy as np

from ..registry import Param, Settings
from .base import Draw, Initializer, scaled_normal


def draw(request: Draw, settings: Settings) -> np.ndarray:
    """w ~ N(mean, std²)."""
    return float(settings["mean"]) + scaled_normal(request, settings["std"])


NORMAL = Initializer(
    name="normal",
    title="Normal",
    summary="Bell-shaped around a mean, the same size for narrow and wide layers.",
    formula="w ~ N(mean, std²)",
    paper="common practice",
    params=(
        Param(name="mean", default=0.0, low=-10.0, high=10.0, summary="Center of the weights."),
        Param(name="std", default=0.1, low=0.0, high=10.0, summary="Standard deviation of the weights."),
    ),
    draw=draw,
)
