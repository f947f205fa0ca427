"""The rate that swings between two bounds (PyTorch CyclicLR); the base rate is the lower one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..registry import Param, Settings
from .base import Clock, Schedule


def rates(base: float, clock: Clock, settings: Settings, memory: Mapping[str, float]) -> np.ndarray:
    """A triangle between the base rate and max_lr, its height scaled by cycle or by step."""
    up = settings["step_size_up"]
    total = up + (settings["step_size_down"] or up)
    cycle = np.floor_divide(clock.t, total)
    x = (clock.t - cycle * total) / total
    rise = up / total
    height = np.where(x <= rise, x / rise, (x - 1.0) / (rise - 1.0))
    scale = np.ones(clock.t.shape)
    if settings["mode"] == "triangular2":
        scale = np.power(0.5, cycle.astype(np.float64))
    elif settings["mode"] == "exp_range":
        scale = np.power(settings["gamma"], clock.t.astype(np.float64))
    return np.asarray(np.maximum(base + (settings["max_lr"] - base) * np.maximum(height, 0.0) * scale, 0.0))


CYCLIC = Schedule(
    name="cyclic",
    title="Cyclical",
    summary="Swings between the base rate and a largest one, to hop out of bad valleys.",
    formula="η(t) = η₀ + (max_lr - η₀) · triangle(t) · scale",
    paper="Smith 2017, arXiv:1506.01186",
    params=(
        Param(name="max_lr", default=0.1, low=0.0, high=1e6, scale="log", summary="Rate at the top of a cycle."),
        Param(
            name="step_size_up",
            default=2000,
            low=1,
            high=10**9,
            unit="steps",
            scale="log",
            summary="Steps of each rise.",
        ),
        Param(
            name="step_size_down",
            default=0,
            low=0,
            high=10**9,
            unit="steps",
            summary="Steps of each fall; 0: as many as the rise.",
        ),
        Param(
            name="mode",
            default="triangular",
            choices=("triangular", "triangular2", "exp_range"),
            summary="Cycles of equal height, each half as high as the last, or shrinking by gamma at each step.",
        ),
        Param(name="gamma", default=1.0, low=0.0, high=1.0, summary="Factor of each step, for exp_range."),
    ),
    rates=rates,
)
