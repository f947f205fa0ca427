"""LeCun normal: variance 1 / fan_in, which SELU needs to normalize itself.

PyTorch's `kaiming_normal_` with nonlinearity "linear".
"""

from __future__ import annotations

import math

import numpy as np

from ..registry import Settings
from .base import Draw, Initializer, scaled_normal


def draw(request: Draw, settings: Settings) -> np.ndarray:
    """w ~ N(0, 1 / fan_in)."""
    return scaled_normal(request, math.sqrt(1.0 / request.fan_in))


LECUN = Initializer(
    name="lecun",
    title="LeCun",
    summary="Variance 1 / fan_in; for SELU and linear layers.",
    formula="w ~ N(0, 1 / fan_in)",
    paper="LeCun, Bottou, Orr, Müller 1998; Klambauer et al. 2017, arXiv:1706.02515",
    draw=draw,
)
