"""Normal numbers without the far ends: none is further than `cut` standard deviations from the mean.

PyTorch's `trunc_normal_(mean, std, mean - cut * std, mean + cut * std)`; as there, the cut lowers the actual deviation
below `std`. Numbers outside are drawn again, the same distribution as by PyTorch's inverse cumulative.
"""

from __future__ import annotations

import math

import numpy as np

from ..registry import Param, Settings
from .base import Draw, Initializer


def draw(request: Draw, settings: Settings) -> np.ndarray:
    """w ~ N(mean, std²), drawn again where |w - mean| > cut std."""
    n = math.prod(request.shape)
    asked, inside = n, np.empty(0)
    while inside.size < n:
        asked *= 2
        numbers = request.normal(asked)
        inside = numbers[np.abs(numbers) <= settings["cut"]]
    return (float(settings["mean"]) + float(settings["std"]) * inside[:n]).reshape(request.shape)


TRUNCATED_NORMAL = Initializer(
    name="truncated_normal",
    title="Truncated normal",
    summary="Bell-shaped without rare large weights.",
    formula="w ~ N(mean, std²) given |w - mean| ≤ cut std",
    paper="common practice",
    params=(
        Param(name="mean", default=0.0, low=-10.0, high=10.0, summary="Center of the weights."),
        Param(name="std", default=0.1, low=0.0, high=10.0, summary="Standard deviation before the cut."),
        Param(
            name="cut",
            default=2.0,
            low=0.5,
            high=6.0,
            summary="Largest distance from the mean, in standard deviations.",
        ),
    ),
    draw=draw,
)
