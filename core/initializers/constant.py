"""All weights equal to one number; symmetric like zeros, but signals pass."""

from __future__ import annotations

import numpy as np

from ..registry import Param, Settings
from .base import Draw, Initializer


def _draw(draw: Draw, settings: Settings) -> np.ndarray:
    return np.full(draw.shape, float(settings["value"]))


CONSTANT = Initializer(
    name="constant",
    title="Constant",
    summary="Every weight the same number; the units of a layer stay equal.",
    formula="w = value",
    paper="folklore",
    params=(Param(name="value", default=0.1, low=-10.0, high=10.0, summary="The number."),),
    draw=_draw,
)
