"""Decay by a factor at chosen steps (PyTorch MultiStepLR)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..registry import Param, Settings
from .base import Clock, Schedule


def rates(base: float, clock: Clock, settings: Settings, memory: Mapping[str, float]) -> np.ndarray:
    """η₀·gamma^(milestones passed); a milestone given twice counts twice."""
    passed = np.searchsorted(np.sort(np.asarray(settings["milestones"], dtype=np.int64)), clock.t, side="right")
    return np.asarray(base * np.power(settings["gamma"], passed.astype(np.float64)))


MULTISTEP = Schedule(
    name="multistep",
    title="Multi-step decay",
    summary="Falls by a factor at steps of your choice.",
    formula="η(t) = η₀ · gamma^(milestones ≤ t)",
    paper="He et al. 2016, arXiv:1512.03385 (PyTorch MultiStepLR)",
    params=(
        Param(
            name="milestones",
            default=(1000, 2000, 3000),
            low=0,
            high=10**9,
            unit="steps",
            summary="Steps at which the rate falls.",
        ),
        Param(name="gamma", default=0.1, low=0.0, high=1.0, summary="Factor of each fall."),
    ),
    rates=rates,
)
