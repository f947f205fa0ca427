"""The way a run came: of all its decisions those that led to where it is, each with the stretch of steps behind it.

A run that returned to an earlier state has decisions that no longer count. The way leaves them out, so that any moment
on it can be brought back from a state before it. It is read from the decisions alone; nothing is trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..config import Config
from ..errors import ConfigError
from ..store.decisions import (
    AimDecision,
    ApplyDecision,
    EndDecision,
    OverwriteDecision,
    PlanDecision,
    RestartDecision,
    RewindDecision,
    decision_of,
)
from ..store.journal import GAP, Record
from ..training.switch import first_weights
from ..training.trainer import Trainer
from .course import configs_after
from .replay import Point, advance_to, make_again


@dataclass(frozen=True)
class Stretch:
    """The steps behind one decision."""

    n: int
    """Number of the decision; 0 is the start of the run."""
    start: int
    """Step at which it was made."""
    record: Record | None = None
    """What was decided; None where nothing of the state changed: the start, a plan, a return."""


@dataclass(frozen=True)
class Way:
    """The stretches from the start of the curves to the present, one after the other."""

    stretches: tuple[Stretch, ...] = (Stretch(0, 0),)

    def leads_through(self, point: Point) -> bool:
        """Whether the run passed a point, number of the last decision and step, on its way."""
        n, step = point
        for i, one in enumerate(self.stretches):
            if one.n == n:
                end = self.stretches[i + 1].start if i + 1 < len(self.stretches) else step
                return one.start <= step <= end
        return False

    def at(self, step: int) -> Point:
        """The point of a step: behind the last decision that was made there or before."""
        passed = [one for i, one in enumerate(self.stretches) if one.start <= step or i == 0]
        return passed[-1].n, step

    def before(self, step: int) -> Point:
        """The point of a step before anything was decided at it."""
        earlier = [one for i, one in enumerate(self.stretches) if one.start < step or i == 0]
        return earlier[-1].n, step

    def changes_at(self, step: int) -> tuple[Record, ...]:
        """What was changed at a step, in order."""
        found = (one.record for one in self.stretches[1:] if one.start == step and one.record is not None)
        return tuple(record for record in found if isinstance(decision_of(record), ApplyDecision | OverwriteDecision))

    def between(self, start: Point, end: Point) -> tuple[Record, ...]:
        """What was decided behind one point and up to another, both on the way."""
        numbers = [one.n for one in self.stretches]
        first, last = numbers.index(start[0]) + 1, numbers.index(end[0]) + 1
        return tuple(one.record for one in self.stretches[first:last] if one.record is not None)


def way_of(config: Config, records: Sequence[Record]) -> Way:
    """The way that decisions tell of.

    Args:
        config: In force at the start.
        records: All decisions, in order.

    Raises:
        ConfigError: Decisions are lost, or one is not what dltui writes.
    """
    configs = configs_after(config, records)
    before: dict[int, tuple[int | None, Stretch]] = {0: (None, Stretch(0, 0))}
    last = 0
    for record in records:
        if record.kind == GAP:
            raise ConfigError(f"decisions before number {record.n} are lost")
        parent: int | None = last
        stretch = Stretch(record.n, record.step, record)
        match decision_of(record):
            case RewindDecision(n, step):
                parent, stretch = n, Stretch(record.n, step)
            case RestartDecision():
                parent, stretch = None, Stretch(record.n, 0)
            case PlanDecision():
                stretch = Stretch(record.n, record.step)
            case ApplyDecision() if first_weights(configs[record.n]) != first_weights(configs[last]):
                parent, stretch = None, Stretch(record.n, 0)
        before[record.n] = parent, stretch
        last = record.n
    found = []
    at: int | None = last
    while at is not None:
        at, stretch = before[at]
        found.append(stretch)
    return Way(tuple(reversed(found)))


def go_along(trainer: Trainer, records: Sequence[Record], step: int) -> None:
    """Make decisions of a way again, each at its step, and train on to a step.

    Args:
        trainer: At a point of the way before them.
        records: As `Way.between` gives them.
        step: Where to come to.

    Raises:
        ConfigError: A decision cannot be made again.
    """
    for record in records:
        advance_to(trainer, step_of(record), record.n)
        make_of_way(trainer, record)
    advance_to(trainer, step, records[-1].n if records else 0)


def step_of(record: Record) -> int:
    """The step to which a run is trained before a decision of its way is made again."""
    decision = decision_of(record)
    return decision.start if isinstance(decision, EndDecision) else record.step


def make_of_way(trainer: Trainer, record: Record) -> None:
    """Make a decision of a way again, at its step.

    Raises:
        ConfigError: It does not fit the run.
    """
    decision = decision_of(record)
    if isinstance(decision, ApplyDecision | OverwriteDecision | AimDecision | EndDecision):
        make_again(trainer, record, decision)
