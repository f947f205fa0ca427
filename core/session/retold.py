"""What was tried in a kept run, made again from its decisions: the scores before and after, and the curves.

Nothing of it is kept with the run, since all of it follows from the decisions. A try counts where no other decision
came before it was due.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..config import Config
from ..config.tries import DIVERGED, Try
from ..errors import ConfigError
from ..run.replay import CLOSE, Point, replay, start_trainer
from ..store.decisions import (
    AimDecision,
    ApplyDecision,
    Decision,
    EndDecision,
    PlanDecision,
    RestartDecision,
    decision_of,
)
from ..store.folder import RunDir
from ..store.journal import Record
from ..training.trainer import Trainer
from .tries import scores_of, try_of

Curves = Mapping[str, tuple[np.ndarray, np.ndarray]]
"""Name of a curve -> steps and values."""


@dataclass(eq=False)
class Attempt:
    """One try of a run."""

    number: int
    """Which of the lesson's tries, counted from 0."""
    one: Try
    start: Point
    """The point before its decision."""
    step: int
    """Step it counts from."""
    end: Point | None
    """The point at which it is looked at; None where the run was changed or ended before."""
    diverged: bool = False
    """Whether the run diverged before."""
    before: dict[str, float] = field(default_factory=dict)
    after: dict[str, float] = field(default_factory=dict)
    """Scores; {} where it was never looked at."""
    curves_before: Curves = field(default_factory=dict)
    curves_after: Curves = field(default_factory=dict)

    @property
    def outcome(self) -> str:
        """What came out: "held", "failed", or "left" where nothing did."""
        if not self.after:
            return "left"
        return "held" if self.one.holds(self.before, self.after) else "failed"


def attempts_of(run: RunDir, make_trainer: Callable[[Config], Trainer] = Trainer) -> list[Attempt]:
    """Every try of a run, with what came out; trains the run again.

    Args:
        run: Open for reading.
        make_trainer: Makes a fresh trainer of a Config.

    Raises:
        ConfigError: It cannot be replayed.
    """
    trainer = start_trainer(run, make_trainer)
    found = attempts_in(run.records, trainer.config.preset.tries, run.last_shown()[1])
    starts = {attempt.start: attempt for attempt in found}
    ends = {attempt.end: attempt for attempt in found if attempt.end is not None}

    def visit(point: Point) -> None:
        if point in ends:
            ends[point].after, ends[point].curves_after = scores_of(trainer), _curves(trainer)
        if point in starts:
            starts[point].before, starts[point].curves_before = scores_of(trainer), _curves(trainer)

    replay(trainer, run.records, {*starts, *ends}, visit, max(run.furthest_step(), CLOSE))
    for attempt in found:
        if attempt.diverged:
            attempt.after = {DIVERGED: 1.0}
    return found


def attempts_in(records: Sequence[Record], tries: Sequence[Try], last_step: int) -> list[Attempt]:
    """The tries among the decisions of a run, and where to look at each.

    Args:
        records: Decisions in order.
        tries: Of its lesson.
        last_step: Step the run came to after the last of them.
    """
    read = [(record, decision_of(record)) for record in records]
    decisions = [
        pair for pair in read if not isinstance(pair[1], PlanDecision | AimDecision)
    ]  # they change nothing yet
    found: list[Attempt] = []
    for i, (record, decision) in enumerate(decisions):
        if not isinstance(decision, ApplyDecision):
            continue
        following = decisions[i + 1 :]
        begun = following[0] if following and isinstance(following[0][1], RestartDecision) else None
        restarted = begun is not None and begun[0].step == record.step
        number = _number(tries, decision.changes, restarted)
        if number is None:
            continue
        one = tries[number]
        last, step = (begun[0], 0) if begun is not None and restarted else (record, record.step)
        rest = following[1:] if restarted else following
        end, diverged = _end(last.n, step + one.after, rest, last_step)
        found.append(Attempt(number, one, (record.n - 1, record.step), step, end, diverged))
    return found


def _number(tries: Sequence[Try], changes: Mapping[str, object], restarted: bool) -> int | None:
    """Which try a change made, of those that begin anew as the run did."""
    alike = [number for number, one in enumerate(tries) if one.restart == restarted]
    place = try_of([tries[number] for number in alike], changes)
    return alike[place] if place is not None else None


def _end(n: int, due: int, rest: Sequence[tuple[Record, Decision]], last_step: int) -> tuple[Point | None, bool]:
    """Where a try is looked at, and whether the run diverged before."""
    if not rest:
        return ((n, due), False) if last_step >= due else (None, False)
    record, decision = rest[0]
    if record.step >= due:
        return (n, due), False
    return None, isinstance(decision, EndDecision) and decision.stopped == "diverged"


def _curves(trainer: Trainer) -> Curves:
    return {name: trainer.history[name] for name in trainer.history if name in ("train_loss", "val_loss")}


def last_run_with_tries(runs: Sequence[tuple[str, Callable[[], RunDir]]]) -> str:
    """Id of the newest run in which something was tried.

    Args:
        runs: Id and how it is opened, the newest first.

    Raises:
        ConfigError: There is none.
    """
    for name, opened in runs:
        try:
            run = opened()
            if attempts_in(run.records, Config.from_dict(run.meta.config).preset.tries, 0):
                return name
        except ConfigError:
            continue
    raise ConfigError("in no kept run was anything tried yet (F2 to F4 in a lesson)")
