"""What the writer of a run says of it, once a second, in its `status.json`: for lists of runs, and for people.

Nothing depends on it but what is shown. So what cannot be believed is left out, and what is read is safe to show.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..disk.canonical import from_json, to_json
from ..disk.disk import DISK, Disk
from ..disk.files import read_regular, write_atomic
from ..disk.typed import is_count, is_number
from ..errors import ConfigError
from ..text import safe_text

NAME = "status.json"
MAX_BYTES = 1 << 16

_OWN = frozenset(("status", "step", "epoch", "n", "pid", "run"))


@dataclass(frozen=True)
class RunStatus:
    """How far a run is."""

    status: str = ""
    """What it is doing, or how it ended: "training", "finished"; "" if nobody said."""
    step: int | None = None
    epoch: int | None = None
    n: int | None = None
    """Number of its last decision."""
    figures: Mapping[str, float] = field(default_factory=dict)
    """Losses and metrics at that step, by name."""


def write_status(folder: str, status: RunStatus, run: str, disk: Disk = DISK) -> None:
    """Replace what is said of a run.

    Raises:
        OSError: It cannot be written.
    """
    told: dict[str, object] = {**status.figures, "pid": os.getpid(), "run": run, "status": status.status}
    told |= {"step": status.step, "epoch": status.epoch, "n": status.n}
    write_atomic(os.path.join(folder, NAME), to_json(told).encode(), disk)


def read_status(folder: str, run: str = "", disk: Disk = DISK) -> RunStatus:
    """What was said last; nothing if it cannot be read or is said of another run.

    Args:
        folder: The run's.
        run: Name of the run; "" if it has none.
        disk: Where.
    """
    try:
        told = from_json(read_regular(os.path.join(folder, NAME), MAX_BYTES, disk), NAME)
    except ConfigError:
        return RunStatus()
    if not isinstance(told, dict) or (run and told.get("run") != run):
        return RunStatus()
    numbers = {name: value for name, value in told.items() if name not in _OWN and is_number(value)}
    figures = {safe_text(name, 40): float(value) for name, value in numbers.items()}
    status = told.get("status", "")
    return RunStatus(
        safe_text(status, 20) if isinstance(status, str) else "",
        _count(told.get("step")),
        _count(told.get("epoch")),
        _count(told.get("n")),
        figures,
    )


def _count(value: object) -> int | None:
    return value if is_count(value) else None
