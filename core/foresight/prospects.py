"""The futures of several changes from one state, side by side, a stretch further each round.

Every candidate goes on from where its last round ended, so that a longer horizon costs only the steps that are new, and
what is shown is always the same number of steps for all that can be compared.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..errors import ConfigError
from ..snapshot import Prospect
from ..training.trainer import Trainer
from .future import look_ahead

FIRST_STEPS = 40
"""Steps of the first round."""
POINTS = 48
"""Most points of a curve."""


@dataclass(eq=False)
class _Candidate:
    changes: Mapping[str, object]
    twin: Trainer | None = None
    prospect: Prospect | None = None
    spent_s: float = 0.0
    made: int = 0


@dataclass(eq=False)
class Prospects:
    """Trains copies of one run, each with a change of its own.

    Args:
        base: A copy that belongs to nobody else; it stays as it is.
        candidates: The changes; {} is the run as it goes on.
        later: Whether a candidate should come after all others, since it needs something first (compiling).
    """

    base: Trainer
    candidates: Sequence[Mapping[str, object]]
    later: Callable[[Mapping[str, object]], bool] = lambda _: False
    complete: Callable[[Trainer, Mapping[str, object]], Mapping[str, object]] = lambda _, changes: changes
    """What is added to a change where it is made: (copy in force, changes) -> all that is changed."""
    _all: list[_Candidate] = field(init=False)

    def __post_init__(self) -> None:
        self._all = [_Candidate(changes) for changes in self.candidates]

    def latest(self) -> tuple[Prospect, ...]:
        """What is known of each candidate, in the order given; those nothing is known of yet are left out."""
        return tuple(one.prospect for one in self._all if one.prospect is not None)

    def rounds(self, most: int, budget_s: float, called_off: Callable[[], bool]) -> Iterator[int]:
        """Compute; gives the horizon of the round at hand after every piece of it.

        Args:
            most: Longest horizon, steps.
            budget_s: Time after which no further round is begun; the first is always made.
            called_off: Asked now and then whether to stop.
        """
        horizon, spent = min(FIRST_STEPS, most), 0.0
        while True:
            began = time.perf_counter()
            now = [one for one in self._all if one.twin is not None or not self.later(one.changes)]
            for one in now + [one for one in self._all if one not in now]:
                if called_off():
                    return
                self._go_to(one, horizon, called_off)
                yield horizon
            spent += time.perf_counter() - began
            if horizon >= most or spent * 2.0 > budget_s:
                return
            horizon = min(2 * horizon, most)

    def _go_to(self, one: _Candidate, horizon: int, called_off: Callable[[], bool]) -> None:
        if one.prospect is not None and (one.prospect.refused or one.prospect.stopped):
            return
        try:
            if one.twin is None:
                twin = self.base.copy()
                one.changes = self.complete(twin, one.changes)
                twin.apply(one.changes)
                one.twin = twin
        except ConfigError as error:
            one.prospect = Prospect(one.changes, np.zeros(0, np.int64), np.zeros(0), {}, 0, "", 0.0, str(error))
            return
        future = look_ahead(one.twin, horizon - one.made, called_off=called_off)
        one.made, one.spent_s = one.made + future.n_steps, one.spent_s + future.elapsed_s
        if future.stopped == "called off":
            return
        steps, losses = since(one.twin, self.base.step)
        us = 1e6 * one.spent_s / one.made if one.made else 0.0
        one.prospect = Prospect(one.changes, steps, losses, future.metrics, one.made, future.stopped or "", us, "")


def since(twin: Trainer, step: int) -> tuple[np.ndarray, np.ndarray]:
    """The training loss from a step on, in at most `POINTS` means of equal stretches."""
    steps, losses = twin.history["train_loss"] if "train_loss" in twin.history else (np.zeros(0, np.int64), np.zeros(0))
    first = int(np.searchsorted(steps, step))
    steps, losses = steps[first:], losses[first:]
    if len(steps) <= POINTS:
        return steps.astype(np.int64), losses.astype(np.float64)
    bounds = np.arange(POINTS) * len(steps) // POINTS
    sizes = np.diff(np.append(bounds, len(steps)))
    return steps[bounds].astype(np.int64), np.add.reduceat(losses.astype(np.float64), bounds) / sizes
