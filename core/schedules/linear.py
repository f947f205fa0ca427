"""A straight line between two factors (PyTorch LinearLR)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..registry import Param, Settings
from .base import Clock, Schedule, length_param


def rates(base: float, clock: Clock, settings: Settings, memory: Mapping[str, float]) -> np.ndarray:
    """η₀ times a factor that goes from start_factor to end_factor over total_iters steps, then holds."""
    share = np.minimum(clock.t / settings["total_iters"], 1.0)
    return np.asarray(base * (settings["start_factor"] * (1.0 - share) + settings["end_factor"] * share))


LINEAR = Schedule(
    name="linear",
    title="Linear",
    summary="A straight line from one multiple of the base rate to another, then flat.",
    formula="η(t) = η₀ · (start_factor + (end_factor - start_factor) · min(t/total_iters, 1))",
    paper="common practice (PyTorch LinearLR, whose defaults rise; ours fall, as warmup_steps does the rising)",
    params=(
        Param(name="start_factor", default=1.0, low=0.0, high=1e3, summary="Multiple of the base rate at the start."),
        Param(name="end_factor", default=0.01, low=0.0, high=1e3, summary="Multiple of the base rate at the end."),
        length_param("total_iters", "Steps from start to end"),
    ),
    rates=rates,
    length="total_iters",
)
