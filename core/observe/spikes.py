"""Sudden rises of the loss, found in the curve as it is kept: each stretch against the fifty before it.

A stretch is a spike if its mean lies ten median deviations above their median, above twice it, and above a hundredth of
the loss the run began with: twice next to nothing is still nothing. Looking at stretches instead of steps
keeps the noise of small batches from raising alarms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..training.history import COLUMNS, COUNT, FIRST, SUM, BoundedSeries

WINDOW = 50
"""Stretches that one is compared with."""
MIN_DEVIATIONS = 10.0
"""Median deviations a spike lies above the median, at least."""
MIN_RATIO = 2.0
"""Times the median that a spike is, at least."""
FLOOR_SHARE = 0.01
"""Share of the first loss below which nothing is a spike."""
MIN_STEPS = 32
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
        # A curve that keeps jumping is marked from time to time, not at every jump.
        self._last = -1

    def look(self, series: BoundedSeries) -> Spike | None:
        """The newest spike among the stretches that are complete since the last look."""
        steps, means = _stretches(series)
        spike = None
        floor = FLOOR_SHARE * float(series.used[0, SUM] / series.used[0, COUNT]) if len(steps) else 0.0
        if len(steps) and steps[-1] < self._looked_at:
            # The run went back: its curve starts again from an earlier step.
            self._looked_at, self._last = int(steps[-1]), -1
        for k in range(WINDOW, len(steps)):
            if steps[k] <= self._looked_at:
                continue
            before = means[k - WINDOW : k]
            usual = float(np.median(before))
            spread = float(np.median(np.abs(before - usual)))
            apart = steps[k - WINDOW] >= self._last
            if apart and means[k] > max(usual + MIN_DEVIATIONS * spread, MIN_RATIO * usual, floor):
                spike = Spike(int(steps[k]), float(means[k]), usual)
                self._last = spike.step
        if len(steps):
            self._looked_at = max(self._looked_at, int(steps[-1]))
        return spike


def _stretches(series: BoundedSeries) -> tuple[np.ndarray, np.ndarray]:
    """First steps and mean values of the complete stretches near the end of a curve."""
    together = -(-MIN_STEPS // series.width)
    n_steps = together * series.width
    n_used = len(series.used) // together * together
    first = max(0, n_used - 4 * WINDOW * together)
    stretches = series.used[first:n_used].reshape(-1, together, COLUMNS)
    whole = stretches[stretches[:, :, COUNT].sum(axis=1) == n_steps]
    return whole[:, 0, FIRST].astype(np.int64), whole[:, :, SUM].sum(axis=1) / n_steps
