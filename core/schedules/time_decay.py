"""Decay with the time, the oldest of the falling rates."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..registry import Param, Settings
from .base import Clock, Schedule


def rates(base: float, clock: Clock, settings: Settings, memory: Mapping[str, float]) -> np.ndarray:
    """η₀ / (1 + decay·t)."""
    return np.asarray(base / (1.0 + settings["decay"] * clock.t))


TIME_DECAY = Schedule(
    name="time_decay",
    title="Time decay",
    summary="Falls like one over time: fast at first, then more and more slowly.",
    formula="η(t) = η₀ / (1 + decay·t)",
    paper="Robbins, Monro 1951",
    params=(
        Param(
            name="decay",
            default=0.001,
            low=0.0,
            high=1e3,
            scale="log",
            summary="How fast it falls: after 1/decay steps the rate is halved.",
        ),
    ),
    rates=rates,
)
