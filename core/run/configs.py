"""The Configs a kept run went through, from its decisions alone: nothing is trained."""

from __future__ import annotations

from collections.abc import Sequence

from ..config import Config
from ..config.sections import NONE
from ..errors import ConfigError
from ..store.decisions import (
    ApplyDecision,
    GapDecision,
    OverwriteDecision,
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
                config = config.with_changes(changes)
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
