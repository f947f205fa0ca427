"""Decay with the square root of the time, as transformers are trained."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..registry import Param, Settings
from .base import Clock, Schedule


def rates(base: float, clock: Clock, settings: Settings, memory: Mapping[str, float]) -> np.ndarray:
    """η₀ / √(1 + t/timescale)."""
    return np.asarray(base / np.sqrt(1.0 + clock.t / settings["timescale"]))


INVERSE_SQRT = Schedule(
    name="inverse_sqrt",
    title="Inverse square root",
    summary="Falls with the square root of time: slower than time decay, and without end.",
    formula="η(t) = η₀ / √(1 + t/timescale)",
    paper="Raffel et al. 2020, arXiv:1910.10683, shifted to start at η₀",
    params=(
        Param(
            name="timescale",
            default=1000,
            low=1,
            high=10**9,
            unit="steps",
            scale="log",
            summary="Steps after which the fall becomes noticeable.",
        ),
    ),
    rates=rates,
)
