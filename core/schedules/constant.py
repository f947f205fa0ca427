"""The rate that does not move."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..registry import Settings
from .base import Clock, Schedule


def rates(base: float, clock: Clock, settings: Settings, memory: Mapping[str, float]) -> np.ndarray:
    """The base rate at every step."""
    return np.full(clock.t.shape, float(base))


CONSTANT = Schedule(
    name="constant",
    title="Constant",
    summary="The same rate at every step; the one to compare the others with.",
    formula="η(t) = η₀",
    paper="Robbins, Monro 1951 (who ask for a rate that falls)",
    rates=rates,
)
