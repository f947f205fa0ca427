"""The course of a kept run from its decisions alone, nothing trained: the Configs it had, and what is planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..config import Config
from ..config.sections import NONE
from ..config.stated import with_stated_defaults
from ..errors import ConfigError
from ..store.decisions import (
    ApplyDecision,
    GapDecision,
    OverwriteDecision,
    PlanDecision,
    RestartDecision,
    RewindDecision,
    decision_of,
)
from ..store.journal import Record
from ..training.switch import first_weights


@dataclass(frozen=True)
class Course:
    """How a run came to where it is: its settings at step 0, and every change since that was not returned from."""

    start: Config
    changes: tuple[tuple[int, Mapping[str, object]], ...] = ()
    """Each with its step."""
    is_told: bool = True
    """Whether these changes are all: weights changed by hand and a cold optimizer are none of the settings."""

    def changed(self, step: int, changes: Mapping[str, object], is_told: bool = True) -> Course:
        """The course with one more change."""
        return replace(self, changes=(*self.changes, (step, changes)), is_told=self.is_told and is_told)


def course_after(config: Config, records: Sequence[Record]) -> Course:
    """The course that decisions lead to.

    Args:
        config: In force at the start.
        records: The decisions in order.

    Raises:
        ConfigError: A decision is not what dltui writes, or asks for what is not known here.
    """
    configs, course = configs_after(config, records), Course(config)
    courses, last = {0: course}, 0
    for record in records:
        before, after, last = configs[last], configs.get(record.n), record.n
        match decision_of(record):
            case ApplyDecision(changes, cold):
                assert after is not None
                anew = first_weights(before) != first_weights(after)
                course = Course(after) if anew else course.changed(record.step, changes, not cold)
            case OverwriteDecision():
                course = replace(course, is_told=False)
            case RewindDecision(n):
                course = courses[n]
            case RestartDecision():
                assert after is not None
                course = Course(after)
            case GapDecision():
                return replace(course, is_told=False)
        courses[record.n] = course
    return course


def configs_after(config: Config, records: Sequence[Record]) -> dict[int, Config]:
    """Number of each decision -> the Config in force after it; 0 is the start. It ends before the first gap.

    Args:
        config: In force at the start.
        records: The decisions in order.

    Raises:
        ConfigError: A decision is not what dltui writes, or asks for what is not known here.
    """
    configs = {0: config}
    for record in records:
        match decision_of(record):
            case ApplyDecision(changes):
                config = config.with_changes(with_stated_defaults(changes, config, formerly=True))
            case OverwriteDecision("keep average"):
                config = config.with_changes({"averaging.name": NONE})
            case RewindDecision(n):
                if n not in configs:
                    raise ConfigError(f"decision {record.n} returns to decision {n}, which there is not")
                config = configs[n]
            case RestartDecision(int(seed)):
                config = config.with_changes({"training.seed": seed})
            case GapDecision():
                break
        configs[record.n] = config
    return configs


def plan_after(records: Sequence[Record]) -> tuple[Mapping[int, Mapping[str, object]], frozenset[int]]:
    """What is planned, step -> changes, and the steps whose changes were made.

    A plan replaces the one before it. Returning to an earlier state takes back that planned changes were made, not that
    they are planned.

    Args:
        records: The decisions in order.

    Raises:
        ConfigError: A decision is not what dltui writes.
    """
    plan: Mapping[int, Mapping[str, object]] = {}
    made: frozenset[int] = frozenset()
    made_by = {0: made}
    for record in records:
        match decision_of(record):
            case PlanDecision(plan):
                made = frozenset()
            case ApplyDecision(planned=True):
                made |= {record.step}
            case RewindDecision(n):
                made = made_by.get(n, made)
            case RestartDecision():
                made = frozenset()
        made_by[record.n] = made
    return plan, made
