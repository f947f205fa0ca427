"""The folder of one run, open: its lock, its journal, its states.

    runs/<id>/  meta.json      what never changes: name, resolved Config, seed, digest of the data, fingerprint (`meta`)
                journal.jsonl  every decision (`journal`, `decisions`)
                ckpt-<serial>-<step>.safetensors   the states (`checkpoint`)
                metrics-<factor>.bin               the curves (`curves`)
                shown          the step last shown (`last_shown`)
                status.json    how far it is, for lists (`status`)
                best.json  LOCK

States are ordered by a serial number, not by their step, because a rewind makes an earlier step the newer state. Every
file names its run, and a state says which decisions it was written after: one that belongs elsewhere is passed over,
and what is left suffices.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from ..disk.canonical import from_json, to_json
from ..disk.disk import DISK, Disk
from ..disk.files import read_regular, remove_own_temps, write_atomic
from ..disk.lock import Lock
from ..disk.typed import MAX_COUNT, is_count
from ..errors import ConfigError
from ..text import safe_text
from . import checkpoint, status
from .journal import GAP, OTHER_VERSION, Journal, Record, free_name, marks_of, read
from .last_shown import NAME as SHOWN
from .last_shown import LastShown, read_last_shown
from .meta import RunMeta, meta_bytes, read_meta
from .status import RunStatus, read_status

N_NEWEST = 3
"""States kept for being the newest."""
FASTEST = 1e7
"""Steps a second that no network makes: they bound the step that a run can have reached."""
SLACK_S = 2.0
"""How far the clocks of a disk and of a machine may be apart."""

_STATE = re.compile(r"ckpt-([0-9]{8,12})-([0-9]{1,16})\.safetensors")


@dataclass(frozen=True, eq=False)
class SavedState:
    """One state of a run, as it was written."""

    file: str
    """Name of its file."""
    step: int
    n: int
    """Number of the last decision it contains."""
    arrays: Mapping[str, np.ndarray]
    values: Mapping[str, object]
    """Counters and the Config in force."""
    mark: str
    """Which journal it was written after; "" in a state of a version that did not say."""


@dataclass(frozen=True, eq=False)
class ResumePoint:
    """Where a run can be taken up."""

    step: int
    """Of the state; 0 with no state."""
    n: int
    """Number of the last decision the state contains."""
    arrays: Mapping[str, np.ndarray]
    """Empty with no state: begin at the Config of the meta."""
    values: Mapping[str, object]
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
        self._saving, self._counting = threading.Lock(), threading.Lock()
        self._serial = 0
        self._lock = Lock(self._in("LOCK"), disk) if write else None
        try:
            if meta is not None:
                self.journal: Journal | None = Journal.create(self._in("journal.jsonl"), meta.run, disk)
                write_atomic(self._in("meta.json"), meta_bytes(meta), disk)
            self.meta = read_meta(path, disk)
            if meta is None:
                self.journal = self._open_journal() if write else None
            self._records, self._marks = ((), {}) if write else self._read_journal()
            self._shown = LastShown(path, self.meta.run, disk)
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
    def last_n(self) -> int:
        """Number of the last decision; 0 before the first."""
        if self.journal is not None:
            return self.journal.last_n
        return self._records[-1].n if self._records else 0

    @property
    def in_place(self) -> bool:
        """Whether the folder still lies where it was opened for writing."""
        return self._lock is not None and self._lock.is_ours()

    def _in(self, name: str) -> str:
        return os.path.join(self.path, name)

    def _file(self, name: str) -> str:
        return safe_text(self._in(name))

    def _open_journal(self) -> Journal:
        """The journal, or a new one when it is gone, damaged from its first line on, or of another run.

        Raises:
            ConfigError: It is of a later version, or it cannot be told which file belongs to this run.
        """
        path = self._in("journal.jsonl")
        try:
            self._check_run(read(path, self._disk).run)
            journal = Journal(path, self._disk)
        except ConfigError as error:
            if error.problem == OTHER_VERSION or error.field == "meta.json":
                raise
            message = str(error)
            with suppress(FileNotFoundError):
                beside = free_name(path, self._disk)
                self._disk.rename(path, beside)
                message += f"; set aside as {os.path.basename(beside)}"
            self.messages.append(message)
            return Journal.create(path, self.meta.run, self._disk)
        if journal.message:
            self.messages.append(journal.message)
        return journal

    def _read_journal(self) -> tuple[tuple[Record, ...], dict[int, str]]:
        try:
            found = read(self._in("journal.jsonl"), self._disk)
            self._check_run(found.run)
        except ConfigError as error:
            if error.field == "meta.json":
                raise
            self.messages.append(str(error))
            return (), {}
        if found.message:
            self.messages.append(found.message)
        return found.records, marks_of(found)

    def _check_run(self, run: str) -> None:
        """Refuse a journal of another run than the meta's; where the meta may be the one that lies wrong, the folder.

        Raises:
            ConfigError: They are of two runs.
        """
        if not self.meta.run or run == self.meta.run:
            return
        if self.id == self.meta.run:
            raise ConfigError(f"is the journal of another run, {run!r}", file=self._file("journal.jsonl"))
        raise ConfigError(
            f"is of run {self.meta.run!r}, but journal.jsonl is of run {run!r}: one of them does not belong here",
            field="meta.json",
            file=safe_text(self.path),
        )

    def mark(self, n: int) -> str:
        """What a state written after decision `n` is marked with; "" if not known."""
        return self.journal.mark(n) if self.journal is not None else self._marks.get(n, "")

    def write_checkpoint(
        self,
        step: int,
        n: int,
        arrays: Mapping[str, np.ndarray],
        values: Mapping[str, object],
        best: bool = False,
        serial: int | None = None,
    ) -> str:
        """Write the state of a run and drop older ones no longer needed; its file name.

        Called from the saver's thread: `arrays` are copies that nobody changes.

        Args:
            step: Steps done.
            n: Number of the last decision in force (`Journal.last_n` when the state was taken).
            arrays: The state.
            values: Counters and the Config in force.
            best: Whether it is the best so far, to be kept until there is a better one.
            serial: From `next_serial` when the state was taken, if others may be written before this one.

        Raises:
            ConfigError: It cannot be a state, or the run is open for reading only.
            OSError: It could not be written; older ones are still there.
        """
        if self._lock is None:
            raise ConfigError("is open for reading only", file=safe_text(self.path))
        with self._saving:
            if not self._lock.is_ours():
                raise FileNotFoundError(2, "the run's folder was moved or deleted", self.path)
            serial = self.next_serial() if serial is None else serial
            name = f"ckpt-{serial:08d}-{step:012d}.safetensors"
            content: dict[str, object] = {"state": dict(values), "step": step, "n": n}
            if self.meta.run:
                content |= {"run": self.meta.run, "serial": serial, "mark": self.mark(n)}
            checkpoint.save(self._in(name), arrays, content, self._disk)
            if best:
                write_atomic(self._in("best.json"), to_json({"file": name, "run": self.meta.run}).encode(), self._disk)
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
        """(serial, step, name) of each state, oldest first."""
        matches = (_STATE.fullmatch(name) for name in self._disk.names(self.path))
        return sorted((int(match[1]), int(match[2]), match[0]) for match in matches if match)

    def best(self) -> str:
        """File name of the best state, "" if none was marked."""
        with suppress(ConfigError):
            content = from_json(read_regular(self._in("best.json"), 4096, self._disk), "best.json")
            if isinstance(content, dict) and content.get("run", "") == self.meta.run:
                name = content.get("file")
                if isinstance(name, str) and _STATE.fullmatch(name):
                    return name
        return ""

    def _prune(self) -> None:
        """Keep the newest few, the best, and one for each power of two of age."""
        states = self.checkpoints()
        keep = serials_to_keep([serial for serial, _, _ in states])
        doomed = [name for serial, _, name in states if serial not in keep and name != self.best()]
        if not doomed:
            return
        try:  # the newest must be there as it was written before any other goes
            checkpoint.load(self._in(states[-1][2]), self._disk)
        except ConfigError as error:
            self.messages.append(str(error))
            return
        for name in doomed:
            with suppress(OSError):
                self._disk.unlink(self._in(name))

    def read_state(self, name: str) -> SavedState:
        """A state from its file.

        Raises:
            ConfigError: It is damaged, of another run, or fits no decision of this journal.
        """
        return self._state_of(read_regular(self._in(name), checkpoint.MAX_BYTES, self._disk), name)

    def _state_of(self, data: bytes, name: str) -> SavedState:
        file = self._file(name)
        arrays, content = checkpoint.decode(data, file)
        step, n, values = content.get("step"), content.get("n"), content.get("state")
        if not is_count(step) or not is_count(n) or not isinstance(values, dict):
            raise ConfigError("does not say its step", file=file)
        run, serial, mark = content.get("run", ""), content.get("serial"), content.get("mark", "")
        if run != self.meta.run:
            whose = f"run {safe_text(run, 64)!r}" if run else "a run that it does not name"
            raise ConfigError(f"is the state of another run, of {whose}", file=file)
        is_named = bool(run)
        placed = _STATE.fullmatch(name)
        if is_named and placed and (serial != int(placed[1]) or step != int(placed[2])):
            raise ConfigError("is another state than its name says", file=file)
        known = self.mark(n)
        if is_named and mark and known and mark != known:
            raise ConfigError(f"was written after other decisions than the first {n} of the journal", file=file)
        return SavedState(name, step, n, arrays, values, mark if isinstance(mark, str) else "")

    def resume(self, accept: Callable[[SavedState], str] | None = None) -> ResumePoint:
        """The newest state that can be used and the decisions to replay after it.

        Args:
            accept: Looks at a state and says why it must not be resumed from ("" if it may): not finite, of other
                shapes.
        """
        bad: list[str] = []
        state: SavedState | None = None
        for _, _, name in reversed(self.checkpoints()):
            try:
                state = self._usable(name, accept)
                break
            except ConfigError as error:
                bad.append(str(error))
        used = "an older state is used" if state is not None else "all steps are made again"
        messages = [f"{error}; {used}" for error in bad]
        n = state.n if state is not None else 0
        self._note_losses(state, messages)
        replay = tuple(record for record in self.records if record.n > n)
        if any(record.kind == GAP for record in replay):
            messages.append(f"some decisions after number {n} are lost: this run cannot be repeated to the bit")
        if state is None:
            return ResumePoint(0, 0, {}, {}, replay, tuple(messages))
        return ResumePoint(state.step, state.n, state.arrays, state.values, replay, tuple(messages))

    def _usable(self, name: str, accept: Callable[[SavedState], str] | None) -> SavedState:
        """A state; with the run's lock held, one that is damaged or does not belong here is put out of the way.

        Raises:
            ConfigError: It cannot be resumed from.
        """
        data = read_regular(self._in(name), checkpoint.MAX_BYTES, self._disk)
        try:
            state = self._state_of(data, name)
        except ConfigError as error:
            if self._lock is None or error.problem == OTHER_VERSION:
                raise
            aside = ""
            with suppress(OSError):
                beside = free_name(self._in(name), self._disk)
                self._disk.rename(self._in(name), beside)
                aside = f"; set aside as {os.path.basename(beside)}"
            raise ConfigError(f"{error.problem}{aside}", file=error.file) from error
        reason = accept(state) if accept is not None else ""
        if reason:
            raise ConfigError(reason, file=self._file(name))
        return state

    def _note_losses(self, state: SavedState | None, messages: list[str]) -> None:
        """Say which decisions are known to have been made and are not in the journal."""
        if state is not None and state.n > self.last_n:
            messages.append(f"{lost_decisions(self.last_n + 1, state.n)} lost from the journal of {self.id}")
            if self.journal is not None:
                self.journal.skip_to(state.n, state.step, state.mark)
            return
        n = self.last_known_n()
        if n > self.last_n:
            messages.append(
                f"{lost_decisions(self.last_n + 1, n)} lost from the journal of {self.id}, and what came of them"
            )

    def write_status(self, told: RunStatus) -> None:
        """Say how far the run is.

        Raises:
            OSError: It cannot be written.
        """
        status.write_status(self.path, told, self.meta.run, self._disk)

    def note_shown(self, n: int, step: int) -> None:
        """Note that a step is about to be shown, `n` being the last decision."""
        self._shown.write(n, step)

    def last_shown(self) -> tuple[int, int]:
        """(last decision, step) when the run was last shown; (0, 0) if nothing says."""
        return last_shown_in(self.path, self.meta, self._disk)

    def last_known_n(self) -> int:
        """Number of the last decision that anything beside the states tells of."""
        return max(self.last_n, self.last_shown()[0], read_status(self.path, self.meta.run, self._disk).n or 0)

    def furthest_step(self) -> int:
        """A step that this run cannot have passed: what says so was not written by it."""
        return furthest_step(self.path, self.meta)

    def close(self) -> None:
        """Give journal and lock back; the saver was closed before."""
        self._shown.close()
        if self.journal is not None:
            self.journal.close()
        if self._lock is not None:
            self._lock.release()


def lost_decisions(first: int, last: int) -> str:
    """The beginning of a sentence about decisions that are lost."""
    return f"decision {first} is" if first == last else f"decisions {first} to {last} are"


def serials_to_keep(serials: list[int]) -> set[int]:
    """The newest few, and for each power of two the newest serial it divides: ages 1, 2, 4, 8, … all the way back."""
    newest = max(serials, default=0)
    keep = set(sorted(serials)[-N_NEWEST:])
    power = 1
    while power <= newest:
        keep.update([max((s for s in serials if s % power == 0), default=newest)])
        power *= 2
    return keep


def last_shown_in(path: str, meta: RunMeta, disk: Disk = DISK) -> tuple[int, int]:
    """(last decision, step) when the run in a folder was last shown; (0, 0) if nothing says.

    Args:
        path: The folder.
        meta: Of the run.
        disk: Where.
    """
    told = read_status(path, meta.run, disk)
    found = read_last_shown(path, meta.run, disk) or (told.n or 0, told.step or 0)
    return found if found[1] <= furthest_step(path, meta) and found[0] <= MAX_COUNT else (0, 0)


def step_reached(path: str, meta: RunMeta, disk: Disk = DISK) -> int | None:
    """The step the run in a folder was last shown at; None if nothing says.

    The status is written once a second, so that of a killed run may tell of an earlier step.
    """
    told = read_status(path, meta.run, disk)
    n, step = last_shown_in(path, meta, disk)
    return step if (n, step) > (told.n or 0, told.step or 0) else told.step


def furthest_step(path: str, meta: RunMeta) -> int:
    """A step that the run in a folder cannot have passed, by the time there was between its begin and its last word."""
    try:
        begun = datetime.fromisoformat(meta.created).timestamp()
        last = max(os.stat(os.path.join(path, name)).st_mtime for name in _words(path))
    except (OSError, ValueError, TypeError, OverflowError):
        return MAX_COUNT
    return int(FASTEST * (max(0.0, last - begun) + SLACK_S))


def _words(path: str) -> list[str]:
    return [name for name in os.listdir(path) if name in ("journal.jsonl", "meta.json", SHOWN, status.NAME)]
