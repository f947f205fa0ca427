"""Glorot (Xavier) normal: signals and gradients keep their size through tanh and linear layers.

PyTorch's `xavier_normal_` with its default gain of 1.
"""

from __future__ import annotations

import math

import numpy as np

from ..registry import Param, Settings
from .base import Draw, Initializer, scaled_normal


def draw(request: Draw, settings: Settings) -> np.ndarray:
    """w ~ N(0, 2 gain² / (fan_in + fan_out))."""
    return scaled_normal(request, settings["gain"] * math.sqrt(2.0 / (request.fan_in + request.fan_out)))


GLOROT_NORMAL = Initializer(
    name="glorot_normal",
    title="Glorot normal",
    summary="Keeps the size of signals and gradients; for tanh, sigmoid and linear layers.",
    formula="w ~ N(0, 2 gain² / (fan_in + fan_out))",
    paper="Glorot, Bengio 2010, Understanding the difficulty of training deep feedforward neural networks",
    params=(
        Param(name="gain", default=1.0, low=0.0, high=10.0, summary="Factor on the weights; 5/3 is usual for tanh."),
    ),
    draw=draw,
)
