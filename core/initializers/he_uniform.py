"""He (Kaiming) uniform: the gain of 2 makes up for the half of the signal a ReLU removes.

PyTorch's `kaiming_uniform_` with its default slope of 0, that is a gain of sqrt(2).
"""

from __future__ import annotations

import math

import numpy as np

from ..registry import Param, Settings
from .base import Draw, Initializer, scaled_uniform


def draw(request: Draw, settings: Settings) -> np.ndarray:
    """w ~ U(-b, b), b = sqrt(6 / fan)."""
    fan = request.fan_in if settings["mode"] == "fan_in" else request.fan_out
    return scaled_uniform(request, math.sqrt(6.0 / fan))


HE_UNIFORM = Initializer(
    name="he_uniform",
    title="He uniform",
    summary="Keeps the size of signals through ReLU and its relatives.",
    formula="w ~ U(-b, b), b = sqrt(6 / fan)",
    paper="He, Zhang, Ren, Sun 2015, arXiv:1502.01852",
    params=(
        Param(
            name="mode",
            default="fan_in",
            choices=("fan_in", "fan_out"),
            summary="fan_in keeps the size of the signals, fan_out that of the gradients.",
        ),
    ),
    draw=draw,
)
