"""Looks ahead beside a run: computes the futures that were asked for on copies, in a thread of its own.

The run goes on meanwhile and is not touched. The compiled loops hold no lock of the interpreter, so on two cores both
train at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

from ..errors import ConfigError
from ..foresight.prospects import Prospects
from ..snapshot import Foresight
from ..training.rate_offers import rate_offers
from ..training.trainer import Trainer
from ..warmup.functions import uncompiled_functions

OPTIMIZER, RATE = "optimizer.name", "optimizer.learning_rate"
BUDGET_S = 1.5
"""Time of computing for a horizon that was not named."""
MOST_STEPS = 1_000_000
"""Longest horizon that is not named."""


class Lookout:
    """One question at a time; a new one, or `stop`, ends the one before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: Foresight | None = None
        self._is_new = False
        self._off = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being computed, or is there to be fetched."""
        # In this order: what ends sets its last answer first.
        at_work = self._thread is not None and self._thread.is_alive()
        return at_work or self._is_new

    def ask(self, trainer: Trainer, candidates: Sequence[Mapping[str, object]], n_steps: int) -> None:
        """Compute the futures of changes from the state in force.

        Args:
            trainer: Read now, between two steps, and not again.
            candidates: The changes; {} is the run as it goes on.
            n_steps: Horizon; 0: as far as a second or two allow.
        """
        self.stop()
        self._off = threading.Event()
        work = Prospects(trainer.copy(), candidates, _needs_compiling(trainer.copy()), _at_the_same_step_size)
        self._set(Foresight(trainer.step, 0, (), busy=True))
        args = work, n_steps or MOST_STEPS, float("inf") if n_steps else BUDGET_S, self._off
        self._thread = threading.Thread(target=self._work, args=args, name="dltui-lookout", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Forget what was asked; a piece that is being computed is thrown away."""
        self._off.set()
        self._set(None)

    @property
    def is_new(self) -> bool:
        """Whether there is more to be fetched than the last time."""
        return self._is_new

    def fetch(self) -> Foresight | None:
        """What is known; None where nothing was asked."""
        with self._lock:
            self._is_new = False
            return self._found

    def _work(self, work: Prospects, most: int, budget_s: float, off: threading.Event) -> None:
        step = work.base.step
        horizon = 0
        for horizon in work.rounds(most, budget_s, off.is_set):
            self._set(Foresight(step, horizon, work.latest(), busy=True), off)
        self._set(Foresight(step, horizon, work.latest(), busy=False), off)

    def _set(self, found: Foresight | None, off: threading.Event | None = None) -> None:
        with self._lock:
            if off is None or not off.is_set():
                self._is_new = self._is_new or found is not self._found
                self._found = found


def _at_the_same_step_size(twin: Trainer, changes: Mapping[str, object]) -> Mapping[str, object]:
    """A change of optimizer at the rate that keeps the size of the first step, as it is offered where one is chosen."""
    if set(changes) != {OPTIMIZER} or changes[OPTIMIZER] == twin.config.optimizer.name:
        return changes
    offers = rate_offers(twin, twin.plan(changes))
    return {**changes, RATE: next((offer.rate for offer in offers if offer.name == "remap"), twin.config.get(RATE))}


def _needs_compiling(trainer: Trainer) -> Callable[[Mapping[str, object]], bool]:
    """What tells whether a change needs functions that are not compiled yet; `trainer` is only planned with."""

    def needs(changes: Mapping[str, object]) -> bool:
        try:
            plan = trainer.plan(changes)
        except ConfigError:  # it is refused where it is tried
            return False
        return bool(uncompiled_functions(plan.network, plan.new))

    return needs
