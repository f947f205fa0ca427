"""One rise and one long fall (PyTorch OneCycleLR); the base rate is the top, PyTorch's max_lr."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from ..errors import ConfigError
from ..registry import Param, Settings
from .base import Clock, Schedule, length_param


def rates(base: float, clock: Clock, settings: Settings, memory: Mapping[str, float]) -> np.ndarray:
    """Annealed from base/div_factor up to base, and down to base/div_factor/final_div_factor; held from the end on."""
    n_steps, first = settings["total_steps"], base / settings["div_factor"]
    last = first / settings["final_div_factor"]
    top = settings["pct_start"] * n_steps - 1.0
    bends = [(0.0, first), (top, base), (n_steps - 1.0, last)]
    if settings["three_phase"]:
        bends[2:] = [(2.0 * settings["pct_start"] * n_steps - 2.0, first), (n_steps - 1.0, last)]
    t = np.minimum(clock.t, n_steps - 1).astype(np.float64)
    result = np.full(t.shape, last)
    for (start, low), (end, high) in reversed(list(pairwise(bends))):
        share = (t - start) / (end - start) if end > start else np.ones(t.shape)
        if settings["anneal_strategy"] == "cos":
            values = high + (low - high) / 2.0 * (1.0 + np.cos(np.pi * share))
        else:
            values = low + (high - low) * share
        result = np.where(t <= end, values, result)
    return np.maximum(result, 0.0)


def check(settings: Settings, base: float) -> None:
    """Refuse phases that do not fit into the steps, as soon as it is known how many these are.

    Raises:
        ConfigError: The rise, or with three phases rise and fall, are no shorter than the whole or no step long.
    """
    share, n_steps = settings["pct_start"], settings["total_steps"]
    most = 0.5 if settings["three_phase"] else 1.0
    if share <= 0.0 or (n_steps and share * n_steps <= 1.0):
        raise ConfigError(
            "leaves no step to rise",
            field="pct_start",
            value=share,
            allowed=f"more than 1/total_steps = {1 / n_steps:g}" if n_steps else "more than 0",
        )
    if share >= most:
        raise ConfigError("leaves no step to fall", field="pct_start", value=share, allowed=f"less than {most:g}")


ONE_CYCLE = Schedule(
    name="one_cycle",
    title="One cycle",
    summary="Rises to a large rate, then falls far below the start: fast training in a fixed number of steps.",
    formula="η: η₀/div_factor → η₀ over pct_start of total_steps, then → η₀/(div_factor·final_div_factor)",
    paper="Smith, Topin 2018, arXiv:1708.07120",
    params=(
        length_param("total_steps", "Steps of the whole cycle"),
        Param(name="pct_start", default=0.3, low=0.0, high=1.0, summary="Share of the steps spent rising."),
        Param(
            name="anneal_strategy", default="cos", choices=("cos", "linear"), summary="Shape of the rise and the fall."
        ),
        Param(
            name="div_factor",
            default=25.0,
            low=1.0,
            high=1e9,
            scale="log",
            summary="The largest rate divided by the rate at the start.",
        ),
        Param(
            name="final_div_factor",
            default=1e4,
            low=1.0,
            high=1e12,
            scale="log",
            summary="The rate at the start divided by the rate at the end.",
        ),
        Param(name="three_phase", default=False, summary="Fall back for as long as it rose, then go down to the end."),
    ),
    rates=rates,
    length="total_steps",
    check=check,
)
