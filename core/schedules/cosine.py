"""Half a cosine from the base rate down (PyTorch CosineAnnealingLR), which then holds instead of rising again."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..registry import Param, Settings
from .base import Clock, Schedule, length_param


def rates(base: float, clock: Clock, settings: Settings, memory: Mapping[str, float]) -> np.ndarray:
    """eta_min + (η₀ - eta_min)·(1 + cos(π·t / t_max)) / 2, held from t_max on."""
    share = np.minimum(clock.t / settings["t_max"], 1.0)
    low = settings["eta_min"]
    return np.asarray(np.maximum(low + (base - low) * (1.0 + np.cos(np.pi * share)) / 2.0, 0.0))


COSINE = Schedule(
    name="cosine",
    title="Cosine annealing",
    summary="Glides from the base rate to the smallest along half a cosine, then holds.",
    formula="η(t) = eta_min + (η₀ - eta_min) · (1 + cos(π·min(t, t_max)/t_max)) / 2",
    paper="Loshchilov, Hutter 2017, arXiv:1608.03983; held past its end, where PyTorch's rises again",
    params=(
        length_param("t_max", "Steps until the smallest rate is reached"),
        Param(name="eta_min", default=0.0, low=0.0, high=1e6, summary="Rate at the end."),
    ),
    rates=rates,
    length="t_max",
)
