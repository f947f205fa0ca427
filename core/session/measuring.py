"""Measures what a change did, beside the run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from ..errors import ConfigError
from ..foresight.future import look_ahead
from ..foresight.prospects import since
from ..run.past import Past
from ..run.run import JournaledRun
from ..run.way import go_along, make_of_way
from ..snapshot import Effect, Prospect
from ..store.journal import Record
from ..training.trainer import Trainer
from .aside import Aside, CalledOff, Tell

FIRST_STEPS = 50
"""Steps after which there is a first answer."""
SHORTEST, LONGEST = 100, 2000
"""Steps for which an effect is measured where nobody said for how many."""


class Measuring(Aside[Effect | None]):
    """The effect of one mark."""

    def __init__(self) -> None:
        super().__init__("dltui-effect", None)

    def ask(self, run: JournaledRun, step: int, n_steps: int) -> None:
        """Measure what was changed at a step.

        Args:
            run: Read now, and not again.
            step: Of the mark.
            n_steps: For how many steps; 0: those to the next change or to the present.

        Raises:
            ConfigError: Nothing was changed there, or the state before it is no longer known.
        """
        way = run.way
        changes = way.changes_at(step)
        if not changes:
            raise ConfigError("has no change to be measured", field="step", value=step)
        start = run.course.start if run.course is not None else None
        twin, before = (run.past or Past()).nearest(run.trainer, way, start, way.before(step))
        later = [one.start for one in way.stretches if one.record is not None and one.start > step]
        n = n_steps or min(max(min([*later, run.trainer.step]) - step, SHORTEST), LONGEST)
        self.stop()
        self._begin(partial(_measure, twin, before, step, changes, n), nothing_yet(step))


def _measure(
    twin: Trainer,
    way: Sequence[Record],
    step: int,
    changes: Sequence[Record],
    n_steps: int,
    tell: Tell[Effect | None],
    off: CalledOff,
) -> None:
    try:
        measure_effect(twin, way, step, changes, n_steps, off, tell)
    except ConfigError as error:
        tell(None)
        raise ConfigError(f"the effect cannot be measured: {error}") from error


def measure_effect(
    twin: Trainer,
    way: Sequence[Record],
    step: int,
    changes: Sequence[Record],
    n_steps: int,
    called_off: Callable[[], bool],
    tell: Callable[[Effect], None],
) -> None:
    """Train a run on from a mark, with what was changed there and without it; no later change is made in either.

    Args:
        twin: A copy of the run before the mark, which belongs to nobody else.
        way: What was decided between it and the mark.
        step: Of the mark.
        changes: What was changed there.
        n_steps: How far.
        called_off: Asked now and then whether to stop.
        tell: Given what is known, several times.

    Raises:
        ConfigError: A decision cannot be made again.
    """
    go_along(twin, way, step)
    both = twin, twin.copy()
    for record in changes:
        make_of_way(both[0], record)
    made, horizon = [0, 0], min(FIRST_STEPS, n_steps)
    while True:
        known = []
        for i, one in enumerate(both):
            future = look_ahead(one, horizon - made[i], called_off=called_off)
            made[i] += future.n_steps
            if future.stopped == "called off":
                return
            steps, losses = since(one, step)
            ended = one.stopped or ""
            known.append(Prospect({}, steps, losses, future.metrics, made[i], ended, 1e-3 * future.step_ns, ""))
        over = horizon >= n_steps
        tell(Effect(step, horizon, known[0], known[1], busy=not over))
        if over:
            return
        horizon = min(4 * horizon, n_steps)


def nothing_yet(step: int) -> Effect:
    """What is known of an effect that was just asked for."""
    empty = Prospect({}, np.zeros(0, np.int64), np.zeros(0), {}, 0, "", float("nan"), "")
    return Effect(step, 0, empty, empty, busy=True)
