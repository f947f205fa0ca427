"""Hands out the trials of a sweep and keeps what comes back; knows neither processes nor screens."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from .folder import SweepFolder
from .table import best_of
from .trial import Bench, Trial, TrialRow

SAY_EVERY_S = 0.5
"""Time between two words to whoever watches."""


class Engine(Protocol):
    """Who trains the trials."""

    def run(self, trials: Sequence[Trial], called_off: Callable[[], bool]) -> Iterator[TrialRow | None]:
        """Train them, in whatever order; a row for each that ended, None now and then while there is none.

        Raises:
            ConnectionError: Those who train are gone.
        """

    def running(self) -> list[int]:
        """Numbers of the trials that are being trained."""

    def workers(self) -> list[str]:
        """Who trains, one phrase each."""


@dataclass
class Here:
    """Trains in this process, one trial after the other.

    Args:
        bench: What trains.
    """

    bench: Bench
    _now: list[int] = field(default_factory=list)

    def run(self, trials: Sequence[Trial], called_off: Callable[[], bool]) -> Iterator[TrialRow | None]:
        """See `Engine`."""
        for trial in trials:
            self._now = [trial.number]
            row = self.bench.run(trial, called_off)
            if row is None:
                return
            yield row
        self._now = []

    def running(self) -> list[int]:
        """See `Engine`."""
        return self._now

    def workers(self) -> list[str]:
        """See `Engine`."""
        return ["this process"]


@dataclass
class Driver:
    """One sweep from where it stands to its end.

    Args:
        folder: Where rows are kept.
        engine: Who trains.
        called_off: Asked now and then whether to stop.
    """

    folder: SweepFolder
    engine: Engine
    called_off: Callable[[], bool] = lambda: False
    _said: float = -math.inf

    def rows(self) -> Iterator[TrialRow | None]:
        """Train what is missing; each row when it is on the disk, and None now and then while there is none.

        Raises:
            ConnectionError: Those who train are gone; what has come back is kept.
            OSError: A row cannot be written.
        """
        kept = self.folder.rows
        for generation in self.folder.plan.generations():
            missing = [trial for trial in generation.trials if trial.number not in kept]
            for row in self.engine.run(missing, self.called_off) if missing else ():
                if row is None or self.folder.add(row):
                    self._say()
                    yield row
            if any(trial.number not in kept for trial in generation.trials):
                break  # called off
            generation.rows = [kept[trial.number] for trial in generation.trials]
        self._say(at_once=True)

    @property
    def finished(self) -> bool:
        """Whether every trial has its row."""
        return len(self.folder.rows) >= self.folder.plan.n_trials

    def _say(self, at_once: bool = False) -> None:
        now = time.monotonic()
        if now - self._said < SAY_EVERY_S and not at_once:
            return
        self._said = now
        best = best_of(self.folder.plan, self.folder.rows.values())
        self.folder.say(
            {
                "done": len(self.folder.rows),
                "of": self.folder.plan.n_trials,
                "best": best.number if best is not None else None,
                "running": self.engine.running()[:256],
                "workers": self.engine.workers()[:256],
                "finished": self.finished,
            }
        )
