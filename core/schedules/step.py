"""Decay by a factor at equal distances (PyTorch StepLR)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..registry import Param, Settings
from .base import Clock, Schedule


def rates(base: float, clock: Clock, settings: Settings, memory: Mapping[str, float]) -> np.ndarray:
    """η₀·gamma^⌊t / step_size⌋."""
    return np.asarray(
        base * np.power(settings["gamma"], np.floor_divide(clock.t, settings["step_size"]).astype(np.float64))
    )


STEP = Schedule(
    name="step",
    title="Step decay",
    summary="Falls by a factor every so many steps, and is flat in between.",
    formula="η(t) = η₀ · gamma^⌊t / step_size⌋",
    paper="common practice (PyTorch StepLR)",
    params=(
        Param(
            name="step_size",
            default=1000,
            low=1,
            high=10**9,
            unit="steps",
            scale="log",
            summary="Steps between two falls.",
        ),
        Param(name="gamma", default=0.1, low=0.0, high=1.0, summary="Factor of each fall."),
    ),
    rates=rates,
)
