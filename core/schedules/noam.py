"""The rate of the first transformer: a straight rise, then the inverse root."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..registry import Param, Settings
from .base import Clock, Schedule


def rates(base: float, clock: Clock, settings: Settings, memory: Mapping[str, float]) -> np.ndarray:
    """η₀·d_model^-½·min(s^-½, s·peak_step^-1½) with s = t + 1."""
    s, peak = clock.t + 1.0, float(settings["peak_step"])
    return np.asarray(base * settings["d_model"] ** -0.5 * np.minimum(s**-0.5, s * peak**-1.5))


NOAM = Schedule(
    name="noam",
    title="Noam",
    summary="Rises in a straight line and falls with the square root of time; the base rate is a factor, often 1.",
    formula="η(t) = η₀ · d_model^-½ · min(s^-½, s · peak_step^-1½),  s = t + 1",
    paper="Vaswani et al. 2017, arXiv:1706.03762, whose warmup_steps is peak_step here",
    params=(
        Param(name="d_model", default=512, low=1, high=10**6, scale="log", summary="Width of the model."),
        Param(
            name="peak_step",
            default=4000,
            low=1,
            high=10**9,
            unit="steps",
            scale="log",
            summary="Step at which the rate is largest.",
        ),
    ),
    rates=rates,
)
