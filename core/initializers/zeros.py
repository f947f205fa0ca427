"""All weights zero: every unit of a layer then learns the same, which is the lesson of this choice."""

from __future__ import annotations

import numpy as np

from ..registry import Settings
from .base import Draw, Initializer


def draw(request: Draw, settings: Settings) -> np.ndarray:
    """Zeros."""
    return np.zeros(request.shape)


ZEROS = Initializer(
    name="zeros",
    title="Zeros",
    summary="Every weight 0: the units of a layer stay equal, so nothing much is learned.",
    formula="w = 0",
    paper="common practice",
    draw=draw,
)
