"""Contract of a learning-rate schedule: a closed form of the steps since it was chosen.

`rates` is called by the trainer for a whole chunk, and by the rate chart for the dotted future: one function, so that
what is shown is what happens. Time is counted in optimizer steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..registry import Param


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Which steps the rates are asked for.

    Attributes below have equal length, one entry a step.
    """

    t: np.ndarray
    """int64: steps since the schedule was chosen, 0 for its first step."""
    epoch: np.ndarray
    """int64: epoch of the run the step belongs to."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """One learning-rate schedule."""

    name: str
    title: str
    summary: str
    formula: str
    paper: str
    params: tuple[Param, ...] = ()
    rates: Callable[[float, Clock, Mapping[str, Any], Mapping[str, float]], np.ndarray]
    """(base rate, clock, settings, memory) -> float64 rates, one a step, never negative, finite; past its end a schedule
    holds its last value."""
    memory: Mapping[str, float] | None = None
    """Start values of what it remembers between evaluations; None for closed forms."""
    observe: Callable[[float, Mapping[str, Any], Mapping[str, float], float], Mapping[str, float]] | None = None
    """(evaluation loss, settings, memory, base rate) -> memory after this evaluation."""
    check: Callable[[Mapping[str, Any]], None] | None = None
    """Checks of settings against each other or of text; raises ConfigError with `field` = the setting's name."""
