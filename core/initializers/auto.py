"""The initializer that fits the activation after the layer: each activation names its own in its field `gain`.

The network looks that name up and draws with it: He for the ReLU family, Glorot for tanh and sigmoid,
LeCun for SELU. Drawn directly, with no activation to ask (an output layer), it is Glorot uniform with gain 1.
"""

from __future__ import annotations

import math

import numpy as np

from ..registry import Settings
from .base import Draw, Initializer, scaled_uniform


def draw(request: Draw, settings: Settings) -> np.ndarray:
    """Glorot uniform: w ~ U(-b, b), b = sqrt(6 / (fan_in + fan_out))."""
    return scaled_uniform(request, math.sqrt(6.0 / (request.fan_in + request.fan_out)))


AUTO = Initializer(
    name="auto",
    title="By the activation",
    summary="He for the ReLU family, Glorot for tanh and sigmoid, LeCun for SELU.",
    formula="the activation's own; else w ~ U(-b, b), b = sqrt(6 / (fan_in + fan_out))",
    paper="see He, Glorot and LeCun",
    draw=draw,
    by_activation=True,
)
