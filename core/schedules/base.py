"""Contract of a learning-rate schedule: a closed form of the steps since it was chosen.

`rates` is called by the trainer for a whole chunk, and by the rate chart for the dotted future: one function, so that
what is shown is what happens. Time is counted in optimizer steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ..registry import Param, Settings

REST = "the rest of the run"
"""What 0 means for the setting that says over how many steps a schedule runs."""
WITHOUT_END = 1000
"""Steps a schedule takes that asks for the rest of a run that has no end."""


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Which steps the rates are asked for.

    The arrays have equal length, one entry per step.
    """

    t: np.ndarray
    """int64: steps since the schedule was chosen, 0 for its first step."""
    epoch: np.ndarray
    """int64: epoch of the run the step belongs to."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """One learning-rate schedule."""

    name: str
    """Key in presets: "cosine"."""
    title: str
    """Name for people."""
    summary: str
    """One line for the picker."""
    formula: str
    """In plain text."""
    paper: str
    """Authors, year and identifier, or "common practice"."""
    params: tuple[Param, ...] = ()
    """Settings."""
    rates: Callable[[float, Clock, Settings, Mapping[str, float]], np.ndarray]
    """(base rate, clock, settings, memory) -> float64 rates, one per step, never negative, finite; past its end a
    schedule holds its last value."""
    memory: Mapping[str, float] | None = None
    """Start values of what it remembers between evaluations; None for closed forms."""
    observe: Callable[[float, Settings, Mapping[str, float], float], Mapping[str, float]] | None = None
    """(evaluation loss, settings, memory, base rate) -> memory after this evaluation."""
    rebase: Callable[[Mapping[str, float]], Mapping[str, float]] | None = None
    """Memory -> memory after a person set the base rate: what it says of the rate so far no longer holds."""
    length: str = ""
    """Setting that says over how many steps it runs before it holds its last value: "t_max"; 0 of it is the rest of the
    run. "" for a schedule that has no end."""
    check: Callable[[Settings, float], None] | None = None
    """(settings, base rate): checks of settings against each other or of text; raises ConfigError with `field` = the
    setting's name."""

    def takes_rest(self, settings: Settings) -> bool:
        """Whether it is to run over the rest of the run, however long that is."""
        return bool(self.length) and not settings[self.length]

    def settings_over(self, settings: Settings, n_steps: int) -> Settings:
        """Its settings where the rest of the run is `n_steps` steps: what `rates` is called with."""
        return {**settings, self.length: n_steps} if self.takes_rest(settings) else settings


def length_param(name: str, summary: str) -> Param:
    """The setting that says over how many steps a schedule runs; 0, as it is by default, is the rest of the run."""
    return Param(
        name=name,
        default=0,
        low=0,
        high=10**9,
        unit="steps",
        scale="log",
        summary=f"{summary}; 0: {REST}.",
        zero=REST,
        former=WITHOUT_END,
    )


def learning_rates(
    schedule: Schedule,
    base: float,
    clock: Clock,
    settings: Settings,
    memory: Mapping[str, float],
    warmup_steps: int = 0,
) -> np.ndarray:
    """The effective learning rates of a schedule after a linear warmup.

    Mathematics: for t < W the rate is r(0)·(t+1)/(W+1), afterwards r(t-W), with r the schedule alone. So the schedule
    starts where the warmup ends, and the first step is never lost to a rate of zero.

    Args:
        schedule: The member in force.
        base: Base learning rate.
        clock: The steps asked for.
        settings: Settings of the member.
        memory: What the member remembers; {} for closed forms.
        warmup_steps: W, 0 for none.

    Returns:
        float64, one rate per step, finite and never negative.
    """
    own = Clock(t=np.maximum(clock.t - warmup_steps, 0), epoch=clock.epoch)
    rates = schedule.rates(base, own, settings, memory)
    if warmup_steps and clock.t.size and clock.t[0] < warmup_steps:
        rates = rates * np.minimum((clock.t + 1) / (warmup_steps + 1), 1.0)
    return rates
