"""Sudden rises of the loss, found in the curve as it is kept: each stretch against the fifty before it.

A stretch is a spike if its mean lies ten median deviations above their median, above twice it, and above a hundredth of
the loss the run began with: next to nothing, twice as much is still nothing. Looking at stretches instead of steps
keeps the noise of small batches from raising alarms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..training.history import Series

BEFORE = 50
"""Stretches compared with."""
DEVIATIONS = 10.0
"""Median deviations above the median."""
TIMES = 2.0
"""Times the median."""
OF_THE_START = 0.01
"""Share of the first loss below which nothing is a spike."""
SHORTEST = 32
"""Fewest steps of a stretch: shorter ones are joined."""


@dataclass(frozen=True)
class Spike:
    """One rise."""

    step: int
    """First step of the stretch."""
    value: float
    """Its mean loss."""
    usual: float
    """Median of the stretches before it."""


class SpikeFinder:
    """Looks through a growing curve once."""

    def __init__(self) -> None:
        self._looked_at = -1
        # A curve that keeps jumping is marked now and then, not at every jump.
        self._last = -1

    def look(self, series: Series) -> Spike | None:
        """The newest spike among the stretches that are complete since the last look."""
        steps, means = _stretches(series)
        found = None
        floor = OF_THE_START * float(series.buckets[0, 2] / series.buckets[0, 1]) if len(steps) else 0.0
        if len(steps) and steps[-1] < self._looked_at:
            # The run went back: its curve begins anew from an earlier step.
            self._looked_at, self._last = int(steps[-1]), -1
        for k in range(BEFORE, len(steps)):
            if steps[k] <= self._looked_at:
                continue
            before = means[k - BEFORE : k]
            usual = float(np.median(before))
            spread = float(np.median(np.abs(before - usual)))
            apart = steps[k - BEFORE] >= self._last
            if apart and means[k] > max(usual + DEVIATIONS * spread, TIMES * usual, floor):
                found = Spike(int(steps[k]), float(means[k]), usual)
                self._last = found.step
        if len(steps):
            self._looked_at = max(self._looked_at, int(steps[-1]))
        return found


def _stretches(series: Series) -> tuple[np.ndarray, np.ndarray]:
    """First steps and mean values of the complete stretches near the end of a curve."""
    width = int(series.state[1])
    together = -(-SHORTEST // width)
    used = int(series.state[0]) // together * together
    first = max(0, used - 4 * BEFORE * together)
    buckets = series.buckets[first:used].reshape(-1, together, 5)
    whole = buckets[:, :, 1].sum(axis=1) == together * width
    buckets = buckets[whole]
    return buckets[:, 0, 0].astype(np.int64), buckets[:, :, 2].sum(axis=1) / (together * width)
