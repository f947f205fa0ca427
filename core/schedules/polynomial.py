"""Decay to zero along a power (PyTorch PolynomialLR)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..registry import Param, Settings
from .base import Clock, Schedule, length_param


def rates(base: float, clock: Clock, settings: Settings, memory: Mapping[str, float]) -> np.ndarray:
    """η₀·(1 - min(t, total_iters)/total_iters)^power."""
    left = np.maximum(1.0 - clock.t / settings["total_iters"], 0.0)
    return np.asarray(base * np.power(left, settings["power"]))


POLYNOMIAL = Schedule(
    name="polynomial",
    title="Polynomial decay",
    summary="Falls to zero as a power of the steps left; power 1 is a straight line.",
    formula="η(t) = η₀ · (1 - min(t/total_iters, 1))^power",
    paper="Liu et al. 2015, arXiv:1506.04579 (PyTorch PolynomialLR)",
    params=(
        length_param("total_iters", "Steps until the rate is zero"),
        Param(
            name="power",
            default=1.0,
            low=0.0,
            high=20.0,
            open_low=True,
            summary="1 falls evenly; larger values fall early and flatten out.",
        ),
    ),
    rates=rates,
    length="total_iters",
)
