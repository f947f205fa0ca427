"""The folder of one run, open: its lock, its journal, its checkpoints.

    runs/<id>/  meta.json      what never changes: resolved Config, seed, digest of the data, fingerprint (`run_meta`)
                journal.jsonl  every decision (`journal`)
                ckpt-<serial>-<step>.safetensors   the state (`checkpoint`)
                metrics-<factor>.bin               the curves (`metrics_log`)
                shown          the step last shown (`shown`)
                best.json  status.json  LOCK

The decision to know: checkpoints are ordered by a serial number, not by their step, because a rewind makes an earlier
step the newer state.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..disk.canonical import from_json, to_json
from ..disk.disk import DISK, Disk
from ..disk.files import read_regular, remove_own_temps, write_atomic
from ..disk.lock import Lock
from ..errors import ConfigError
from ..text import safe_text
from . import checkpoint
from .journal import Journal, Record, read, set_aside
from .last_shown import Shown, last_shown
from .meta import RunMeta, meta_bytes, read_meta

N_NEWEST = 3
"""Checkpoints kept for being the newest."""

_CHECKPOINT = re.compile(r"ckpt-([0-9]{8})-([0-9]{1,15})\.safetensors")
_STATUS_S = 1.0


@dataclass(frozen=True, eq=False)
class Resume:
    """Where a run can be taken up."""

    step: int
    """Of the checkpoint; 0 with no checkpoint."""
    n: int
    """Number of the last decision the state contains."""
    arrays: Mapping[str, np.ndarray]
    """Empty with no checkpoint: begin at the Config of the meta."""
    meta: Mapping[str, Any]
    replay: tuple[Record, ...]
    """Decisions made after it, to be applied at their steps."""
    messages: tuple[str, ...]
    """What was bad and passed over, a sentence each."""


class RunDir:
    """One run's folder, open. With `write` its lock is held until `close`. Made by `create_run` and `open_run`."""

    def __init__(self, path: str, write: bool, disk: Disk = DISK, meta: RunMeta | None = None) -> None:
        """Open a folder.

        Args:
            path: The folder.
            write: Whether to hold the lock, to repair the journal and to write.
            disk: Where.
            meta: For a new run: what to write down; the folder is empty.

        Raises:
            ConfigError: In use, or not a run; says why.
            OSError: It cannot be written.
        """
        self.path = path
        self.id = os.path.basename(path)
        self.messages: list[str] = []
        """What was found damaged on opening, a sentence each."""
        self._disk = disk
        self._status_due = 0.0
        self._saving, self._counting = threading.Lock(), threading.Lock()
        self._serial = 0
        self.shown = Shown(path, disk)
        """Takes the step last shown."""
        self._lock = Lock(self._in("LOCK"), disk) if write else None
        try:
            if meta is not None:
                self.journal: Journal | None = Journal.create(self._in("journal.jsonl"), self.id, disk)
                write_atomic(self._in("meta.json"), meta_bytes(meta), disk)
            self.meta = read_meta(path, disk)
            if meta is None:
                self.journal = self._open_journal() if write else None
            self._records = () if write else self._read_journal()
            if write:
                remove_own_temps(path, disk)
        except BaseException:
            if self._lock is not None:
                self._lock.release()
            raise

    @property
    def records(self) -> tuple[Record, ...]:
        """All decisions, in order; for a reader those there when it opened the run."""
        return self.journal.records if self.journal is not None else self._records

    @property
    def in_place(self) -> bool:
        """Whether the folder still lies where it was opened for writing."""
        return self._lock is not None and self._lock.is_ours()

    def _in(self, name: str) -> str:
        return os.path.join(self.path, name)

    def _open_journal(self) -> Journal:
        """The journal, or a new one when it is gone or damaged from its first line on: checkpoints still stand."""
        path = self._in("journal.jsonl")
        try:
            journal = Journal(path, self._disk)
        except ConfigError as error:
            message = str(error)
            with suppress(ConfigError):
                kept = set_aside(path, read_regular(path, 1 << 28, self._disk), self._disk)
                message += f"; set aside as {os.path.basename(kept)}"
            self.messages.append(message)
            return Journal.create(path, self.id, self._disk)
        if journal.message:
            self.messages.append(journal.message)
        return journal

    def _read_journal(self) -> tuple[Record, ...]:
        try:
            found = read(self._in("journal.jsonl"), self._disk)
        except ConfigError as error:
            self.messages.append(str(error))
            return ()
        if found.message:
            self.messages.append(found.message)
        return found.records

    def write_checkpoint(
        self,
        step: int,
        n: int,
        arrays: Mapping[str, np.ndarray],
        meta: Mapping[str, Any],
        best: bool = False,
        serial: int | None = None,
    ) -> str:
        """Write the state of a run and drop older ones no longer needed; its file name.

        Called from the saver's thread: `arrays` are copies that nobody changes.

        Args:
            step: Steps done.
            n: Number of the last decision in force (`Journal.last_n` when the state was taken).
            arrays: The state.
            meta: Counters and the Config in force.
            best: Whether it is the best so far, to be kept until there is a better one.
            serial: From `next_serial` when the state was taken, if others may be written before this one.

        Raises:
            ConfigError: It cannot be a checkpoint, or the run is open for reading only.
            OSError: It could not be written; older ones are still there.
        """
        if self._lock is None:
            raise ConfigError("is open for reading only", file=safe_text(self.path))
        with self._saving:
            if not self._lock.is_ours():
                raise FileNotFoundError(2, "the run's folder was moved or deleted", self.path)
            serial = self.next_serial() if serial is None else serial
            name = f"ckpt-{serial:08d}-{step:012d}.safetensors"
            checkpoint.save(self._in(name), arrays, {"state": dict(meta), "step": step, "n": n}, self._disk)
            if best:
                write_atomic(self._in("best.json"), to_json({"file": name}).encode(), self._disk)
            self._prune()
            return name

    def next_serial(self) -> int:
        """Place in the order of states."""
        with self._counting:
            if not self._serial:
                self._serial = max((serial for serial, _, _ in self.checkpoints()), default=0)
            self._serial += 1
            return self._serial

    def checkpoints(self) -> list[tuple[int, int, str]]:
        """(serial, step, name) of each checkpoint, oldest first."""
        matches = (_CHECKPOINT.fullmatch(name) for name in self._disk.names(self.path))
        return sorted((int(match[1]), int(match[2]), match[0]) for match in matches if match)

    def best(self) -> str:
        """File name of the best checkpoint, "" if none was marked."""
        with suppress(ConfigError):
            found = from_json(read_regular(self._in("best.json"), 4096, self._disk), "best.json")
            name = found.get("file") if isinstance(found, dict) else None
            if isinstance(name, str) and _CHECKPOINT.fullmatch(name):
                return name
        return ""

    def _prune(self) -> None:
        """Keep the newest few, the best, and one for each power of two of age."""
        found = self.checkpoints()
        keep = to_keep([serial for serial, _, _ in found])
        doomed = [name for serial, _, name in found if serial not in keep and name != self.best()]
        if not doomed:
            return
        try:  # the newest must be there as it was written before any other goes
            checkpoint.load(self._in(found[-1][2]), self._disk)
        except ConfigError as error:
            self.messages.append(str(error))
            return
        for name in doomed:
            with suppress(OSError):
                self._disk.unlink(self._in(name))

    def resume(self, accept: Callable[[Mapping[str, np.ndarray], Mapping[str, Any]], str] | None = None) -> Resume:
        """The newest sound state and the decisions to replay after it.

        Args:
            accept: Looks at arrays and meta and says why they must not be gone on from ("" if they may): not finite,
                of other shapes.
        """
        messages: list[str] = []
        for _, _, name in reversed(self.checkpoints()):
            try:
                arrays, content = checkpoint.load(self._in(name), self._disk)
                step, n, state = content.get("step"), content.get("n"), content.get("state")
                if type(step) is not int or type(n) is not int or not isinstance(state, dict):
                    raise ConfigError("does not say its step", file=safe_text(self._in(name)))
                reason = accept(arrays, state) if accept else ""
                if reason:
                    raise ConfigError(reason, file=safe_text(self._in(name)))
            except ConfigError as error:
                messages.append(f"{error}; an older state is used")
                continue
            if self.journal is not None and n > self.journal.last_n:
                messages.append(f"decisions {self.journal.last_n + 1} to {n} are lost from the journal of {self.id}")
                self.journal.skip_to(n, step)
            return Resume(step, n, arrays, state, self._after(n, messages), tuple(messages))
        return Resume(0, 0, {}, {}, self._after(0, messages), tuple(messages))

    def _after(self, n: int, messages: list[str]) -> tuple[Record, ...]:
        replay = tuple(record for record in self.records if record.n > n)
        if any(record.kind == "gap" for record in replay):
            messages.append(f"some decisions after number {n} are lost: this run cannot be repeated to the bit")
        return replay

    def write_status(self, status: Mapping[str, Any], now: bool = False) -> None:
        """Say how far the run is, at most once a second unless `now`.

        Raises:
            OSError: It cannot be written.
        """
        if not now and time.monotonic() < self._status_due:
            return
        self._status_due = time.monotonic() + _STATUS_S
        write_atomic(self._in("status.json"), to_json({**status, "pid": os.getpid()}).encode(), self._disk)

    def last_shown(self) -> tuple[int, int]:
        """(last decision, step) when the run was last shown; (0, 0) if nothing says."""
        found = last_shown(self.path, self._disk)
        if found is None:
            status = last_status(self.path, self._disk)
            n, step = status.get("n"), status.get("step")
            found = (n, step) if type(n) is int and type(step) is int else (0, 0)
        return found

    def close(self) -> None:
        """Give journal and lock back; the saver was closed before."""
        self.shown.close()
        if self.journal is not None:
            self.journal.close()
        if self._lock is not None:
            self._lock.release()


def to_keep(serials: list[int]) -> set[int]:
    """The newest few, and for each power of two the newest serial it divides: ages 1, 2, 4, 8, … all the way back."""
    newest = max(serials, default=0)
    keep = set(sorted(serials)[-N_NEWEST:])
    power = 1
    while power <= newest:
        keep.update([max((s for s in serials if s % power == 0), default=newest)])
        power *= 2
    return keep


def last_status(path: str, disk: Disk = DISK) -> dict[str, Any]:
    """What the writer of the run in a folder said last; empty if nothing readable."""
    with suppress(ConfigError):
        status = from_json(read_regular(os.path.join(path, "status.json"), 1 << 16, disk), "status.json")
        if isinstance(status, dict):
            return status
    return {}
