"""The course of a kept run from its decisions alone, nothing trained: the Configs it had, and what is planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..config import Config
from ..config.sections import NONE
from ..config.stated import stated
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
                config = config.with_changes(stated(changes, config, formerly=True))
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
