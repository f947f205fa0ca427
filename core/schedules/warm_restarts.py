"""Cosine annealing that begins again and again (PyTorch CosineAnnealingWarmRestarts)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..registry import Param, Settings
from .base import Clock, Schedule


def rates(base: float, clock: Clock, settings: Settings, memory: Mapping[str, float]) -> np.ndarray:
    """Half a cosine over the current period; period i lasts t_0·t_mult^i steps."""
    first, factor, low = settings["t_0"], settings["t_mult"], settings["eta_min"]
    t = clock.t
    if factor == 1:
        start, length = t // first * first, np.full(t.shape, first)
    else:
        starts, lengths, last = [0], [first], int(t.max(initial=0))
        while starts[-1] + lengths[-1] <= last:
            starts.append(starts[-1] + lengths[-1])
            lengths.append(lengths[-1] * factor)
        period = np.searchsorted(starts, t, side="right") - 1
        start, length = np.asarray(starts)[period], np.asarray(lengths, dtype=np.float64)[period]
    return np.asarray(np.maximum(low + (base - low) * (1.0 + np.cos(np.pi * (t - start) / length)) / 2.0, 0.0))


WARM_RESTARTS = Schedule(
    name="warm_restarts",
    title="Cosine with warm restarts",
    summary="Falls along a cosine, jumps back up and falls again, over equal or ever longer periods.",
    formula="η(t) = eta_min + (η₀ - eta_min) · (1 + cos(π·t_cur/t_i)) / 2,  t_i = t_0 · t_mult^i",
    paper="Loshchilov, Hutter 2017, arXiv:1608.03983",
    params=(
        Param(
            name="t_0", default=1000, low=1, high=10**9, unit="steps", scale="log", summary="Steps of the first period."
        ),
        Param(name="t_mult", default=1, low=1, high=100, summary="How many times longer each period is than the last."),
        Param(name="eta_min", default=0.0, low=0.0, high=1e6, summary="Rate at the end of a period."),
    ),
    rates=rates,
)
