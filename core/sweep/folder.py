"""A sweep on the disk: a folder with what was asked for and, line by line, what came out.

A row is written and flushed before it counts, in a journal like that of a run. So whatever dies, what is lost is what
was in flight, and who goes on trains that alone.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from ..disk.canonical import Json, from_json, to_json
from ..disk.disk import DISK, Disk
from ..disk.files import make_new_folder, read_regular, remove_own_temps, write_atomic
from ..disk.lock import Lock, is_locked, read_holder
from ..errors import ConfigError
from ..store.journal import Journal, Scan, read
from ..text import safe_text
from .plan import SweepPlan
from .trial import TrialRow

PLAN, ROW = "sweep", "trial"
"""Kinds of records."""
JOURNAL, STATUS, LOCK = "journal.jsonl", "status.json", "LOCK"
MAX_STATUS = 1 << 20
_ID = re.compile(r"sweep-[a-z0-9][a-z0-9-]{0,63}")
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class SweepInfo:
    """What a sweep's folder says."""

    id: str
    path: str
    plan: SweepPlan
    rows: Mapping[int, TrialRow] = field(default_factory=dict)
    """What came out so far, by the number of the trial."""
    live: bool = False
    """Whether a process is at it."""
    pid: int = 0
    """The process, 0 where there is none or it is not known."""


class SweepFolder:
    """The folder of a sweep that is trained now; its lock is held.

    Args:
        path: The folder.

    Raises:
        ConfigError: It is in use, or its journal is none of a sweep.
        OSError: It cannot be written.
    """

    def __init__(self, path: str, disk: Disk = DISK) -> None:
        self.path, self.id, self._disk = path, os.path.basename(path), disk
        self._lock = Lock(os.path.join(path, LOCK), disk)
        try:
            remove_own_temps(path, disk)
            self._journal = Journal(os.path.join(path, JOURNAL), disk)
            self.plan, self.rows = _read_records(self._journal.records, path)
        except BaseException:
            self._lock.release()
            raise
        self.message = self._journal.message
        """What of the journal could not be believed; "" if all can."""

    def add(self, row: TrialRow) -> bool:
        """Write a row down; False where that trial has one. When this returns it survives a loss of power.

        Raises:
            OSError: It cannot be written, and does not count.
        """
        if row.number in self.rows:
            return False
        self._journal.append(row.step, ROW, row.plain())
        if self._journal.problem and not self._journal.flush():
            raise OSError(self._journal.problem)
        self.rows[row.number] = row
        return True

    def say(self, status: Mapping[str, object]) -> None:
        """Tell whoever watches how it stands; whether that can be written does not matter to the sweep."""
        with suppress(OSError):
            write_atomic(os.path.join(self.path, STATUS), to_json(status).encode(), self._disk)

    def close(self) -> None:
        """Give everything back."""
        self._journal.close()
        self._lock.release()


def create_sweep(sweeps: str, plan: SweepPlan, disk: Disk = DISK) -> SweepFolder:
    """Begin a sweep's folder.

    Args:
        sweeps: Folder of all sweeps.
        plan: With nothing left open.
        disk: Where.

    Raises:
        OSError: It cannot be made.
    """
    path = make_new_folder(sweeps, lambda: _name_of(time.time()), disk)
    journal = Journal.create(os.path.join(path, JOURNAL), os.path.basename(path), disk)
    journal.append(0, PLAN, plan.plain())
    journal.close()
    if journal.problem:
        raise OSError(journal.problem)
    disk.sync_folder(sweeps)
    return SweepFolder(path, disk)


def _name_of(now: float) -> str:
    """The name of a sweep begun at a time; four letters for the part of the second, so that they sort by age."""
    part, letters = int((now % 1.0) * len(_LETTERS) ** 4), ""
    for _ in range(4):
        part, rest = divmod(part, len(_LETTERS))
        letters = _LETTERS[rest] + letters
    return time.strftime("sweep-%Y%m%d-%H%M%S-", time.localtime(now)) + letters


def sweep_names(sweeps: str, disk: Disk = DISK) -> list[str]:
    """Ids of all sweeps, the oldest first."""
    with suppress(OSError):
        return sorted(name for name in disk.names(sweeps) if _ID.fullmatch(name))
    return []


def find_sweep(sweeps: str, name: str, disk: Disk = DISK) -> str:
    """The folder of a sweep.

    Args:
        sweeps: Folder of all sweeps.
        name: An id, its end, or "last".
        disk: Where.

    Raises:
        ConfigError: There is none; names the nearest.
    """
    names = sweep_names(sweeps, disk)
    found = names[-1:] if name == "last" else [one for one in names if one == name or one.endswith(f"-{name}")]
    if len(found) != 1:
        choices = names[-20:]
        raise ConfigError("is not a sweep", field="sweep", value=safe_text(name, 80), choices=choices)
    return os.path.join(sweeps, found[0])


def read_sweep(path: str, disk: Disk = DISK) -> SweepInfo:
    """What a sweep's folder says, also while it is trained.

    Raises:
        ConfigError: It is none.
    """
    found: Scan = read(os.path.join(path, JOURNAL), disk)
    plan, rows = _read_records(found.records, path)
    lock = os.path.join(path, LOCK)
    live = is_locked(lock, disk)
    pid = read_holder(lock, disk).pid if live else 0
    return SweepInfo(os.path.basename(path), path, plan, rows, live, pid)


def read_status(path: str, disk: Disk = DISK) -> Mapping[str, Json]:
    """What the process at a sweep said last; {} where it said nothing that can be read."""
    with suppress(ConfigError):
        said = from_json(read_regular(os.path.join(path, STATUS), MAX_STATUS, disk), STATUS)
        if isinstance(said, Mapping):
            return said
    return {}


def unfinished_like(sweeps: str, plan: SweepPlan, disk: Disk = DISK) -> str:
    """The newest sweep that was asked for in the same words; "" if there is none."""
    digest = plan.digest()
    for name in reversed(sweep_names(sweeps, disk)):
        path = os.path.join(sweeps, name)
        with suppress(ConfigError):
            if read_sweep(path, disk).plan.digest() == digest:
                return path
    return ""


def _read_records(records: object, path: str) -> tuple[SweepPlan, dict[int, TrialRow]]:
    """The plan, and the first row of each trial."""
    assert isinstance(records, tuple)
    if not records or records[0].kind != PLAN:
        raise ConfigError("is not the journal of a sweep", file=safe_text(path))
    plan = SweepPlan.from_plain(records[0].intent)
    rows: dict[int, TrialRow] = {}
    for record in records[1:]:
        if record.kind == ROW:
            row = TrialRow.from_plain(record.intent)
            if row.number < plan.n_trials:
                rows.setdefault(row.number, row)
    return plan, rows
