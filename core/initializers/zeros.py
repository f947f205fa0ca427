"""All weights zero: every unit of a layer then learns the same, which is the lesson of this choice."""

from __future__ import annotations

import numpy as np

from ..registry import Settings
from .base import Draw, Initializer


def _draw(draw: Draw, settings: Settings) -> np.ndarray:
    return np.zeros(draw.shape)


ZEROS = Initializer(
    name="zeros",
    title="Zeros",
    summary="Every weight 0; the units of a layer stay equal, so do not use it to learn.",
    formula="w = 0",
    paper="folklore",
    draw=_draw,
)
