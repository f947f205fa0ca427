"""Decay by the same factor at every step (PyTorch ExponentialLR)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..registry import Param, Settings
from .base import Clock, Schedule


def rates(base: float, clock: Clock, settings: Settings, memory: Mapping[str, float]) -> np.ndarray:
    """η₀·gamma^t."""
    return np.asarray(base * np.power(settings["gamma"], clock.t.astype(np.float64)))


EXPONENTIAL = Schedule(
    name="exponential",
    title="Exponential decay",
    summary="Falls by the same share at every step: a straight line on a log axis.",
    formula="η(t) = η₀ · gamma^t",
    paper="common practice (PyTorch ExponentialLR)",
    params=(
        Param(
            name="gamma",
            default=0.999,
            low=0.0,
            high=1.0,
            summary="Factor of each step; 0.999 halves the rate in 693 steps.",
        ),
    ),
    rates=rates,
)
