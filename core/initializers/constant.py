"""All weights equal to one number; symmetric like zeros, but signals pass."""

from __future__ import annotations

import numpy as np

from ..registry import Param, Settings
from .base import Draw, Initializer


def draw(request: Draw, settings: Settings) -> np.ndarray:
    """The same number everywhere."""
    return np.full(request.shape, float(settings["value"]))


CONSTANT = Initializer(
    name="constant",
    title="Constant",
    summary="Every weight the same number; the units of a layer stay equal.",
    formula="w = value",
    paper="common practice",
    params=(Param(name="value", default=0.1, low=-10.0, high=10.0, summary="The number every weight starts from."),),
    draw=draw,
)
