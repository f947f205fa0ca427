"""Looks ahead beside a run: computes the futures that were asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from ..errors import ConfigError
from ..foresight.prospects import Prospects
from ..snapshot import Foresight
from ..training.rate_offers import rate_offers
from ..training.trainer import Trainer
from ..warmup.functions import uncompiled_functions
from .aside import Aside, CalledOff, Tell

OPTIMIZER, RATE = "optimizer.name", "optimizer.learning_rate"
BUDGET_S = 1.5
"""Time of computing for a horizon that was not named."""
MOST_STEPS = 1_000_000
"""Longest horizon that is not named."""


class Lookout(Aside[Foresight | None]):
    """The futures that were asked for."""

    def __init__(self) -> None:
        super().__init__("dltui-lookout", None)

    def ask(self, trainer: Trainer, candidates: Sequence[Mapping[str, object]], n_steps: int) -> None:
        """Compute the futures of changes from the state in force.

        Args:
            trainer: Read now, between two steps, and not again.
            candidates: The changes; {} is the run as it goes on.
            n_steps: Horizon; 0: as far as a second or two allow.
        """
        self.stop()
        work = Prospects(trainer.copy(), candidates, _needs_compiling(trainer.copy()), _at_the_same_step_size)
        rounds = partial(_look_ahead, work, n_steps or MOST_STEPS, float("inf") if n_steps else BUDGET_S)
        self._begin(rounds, Foresight(trainer.step, 0, (), busy=True))


def _look_ahead(work: Prospects, most: int, budget_s: float, tell: Tell[Foresight | None], off: CalledOff) -> None:
    step, horizon = work.base.step, 0
    for horizon in work.rounds(most, budget_s, off):
        tell(Foresight(step, horizon, work.latest(), busy=True))
    tell(Foresight(step, horizon, work.latest(), busy=False))


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
