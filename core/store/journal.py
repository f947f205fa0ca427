"""The decisions of a run, each on the disk before it takes effect.

One record a line, JSON with a CRC-32, numbered without gaps. The sum of a record goes on from that of the record before
it, and the first record names the run: a line of another journal, or one that was left out, is noticed at its place. A
journal is only ever believed up to the first byte that is not as it was written. What lies behind is cut off, said, and
unless it is the torn end of a record whose writer died, kept in a file beside it.
"""

from __future__ import annotations

import os
import re
import threading
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from ..disk.canonical import from_json, to_json
from ..disk.disk import DISK, Disk
from ..disk.files import AppendLog, read_regular, write_atomic
from ..disk.home import describe_failure
from ..disk.typed import is_count
from ..errors import ConfigError
from ..text import safe_text

FORMAT = 2
UNCHAINED = 1
"""The format whose records had a sum of their own each."""
MAX_BYTES = 64 << 20
MAX_RECORD = 1 << 20
OPENING, GAP = "journal", "gap"
"""Kinds of the record that opens a journal, and of one that says that records before it are lost."""
OTHER_VERSION = "is of another version"

_KEYS = {"n", "step", "kind", "intent", "applied"}
_KIND = re.compile(r"[a-z]{1,32}")
_SUM = re.compile(rb',"crc":"([0-9a-f]{8})"\}\n')


@dataclass(frozen=True)
class Record:
    """One decision."""

    n: int
    """Counts up from 1; 0 is the record that opens the journal."""
    step: int
    """It takes effect before this step."""
    kind: str
    """"apply", "rewind", …: see `decisions`; "journal" opens one, "gap" says that records before it are lost."""
    intent: Mapping[str, object] = field(default_factory=dict)
    """What was asked."""
    applied: Mapping[str, object] = field(default_factory=dict)
    """What was done."""

    def line(self, before: int = 0) -> bytes:
        """The record as a line of the file.

        Args:
            before: Sum of the record before it.

        Raises:
            ConfigError: It holds what is not plain data, or is longer than 1 MB.
        """
        text = to_json(
            {"n": self.n, "step": self.step, "kind": self.kind, "intent": self.intent, "applied": self.applied}
        )
        if len(text) > MAX_RECORD - 32:
            raise ConfigError("is too long for the journal", field=self.kind, allowed=f"at most {MAX_RECORD} bytes")
        return f'{text[:-1]},"crc":"{zlib.crc32(text.encode(), before):08x}"}}\n'.encode()


@dataclass(frozen=True)
class Scan:
    """What a journal holds."""

    run: str
    """Name of the run, from its first line."""
    records: tuple[Record, ...]
    """The decisions that can be believed, without the opening record."""
    sums: tuple[int, ...]
    """Sums of the opening record and of each of them."""
    chained: bool
    """Whether each sum goes on from the one before it."""
    size: int
    """Bytes up to the end of the last of them."""
    trouble: str = ""
    """"torn tail", "bad record", "foreign record" (it belongs to another place or journal), or ""."""
    message: str = ""
    """One sentence with file, offset, and what is kept and not."""


def scan(data: bytes, file: str) -> Scan:
    """Read a journal up to the first damage.

    Raises:
        ConfigError: Not even its first line is that of a journal, or it is of a later version.
    """
    end = data.find(b"\n") + 1
    opening = _record(data[:end], 0)
    if opening is None or opening.kind != OPENING or opening.n != 0:
        raise ConfigError("is not a journal, or is damaged in its first line", file=file)
    version, run = opening.intent.get("format"), opening.intent.get("run", "")
    if version not in (UNCHAINED, FORMAT) or not isinstance(run, str):
        raise ConfigError(OTHER_VERSION, value=version, allowed=f"version {FORMAT}", file=file)
    chained = version == FORMAT
    records: list[Record] = []
    sums = [_sum_of(data[:end])]
    while end < len(data):
        stop = data.find(b"\n", end) + 1
        before = sums[-1] if chained else 0
        record = _record(data[end:stop], before) if stop else None
        if record is None or not _follows(record, records[-1].n if records else 0):
            rest = data[end:]
            trouble = "foreign record" if record else "torn tail" if _is_torn(rest, before, chained) else "bad record"
            start = safe_text(rest[:60].decode("utf-8", "replace"), 60)
            message = f"{file}: {trouble} at byte {end}; {len(records)} records kept, {len(rest)} bytes not: {start}"
            return Scan(run, tuple(records), tuple(sums), chained, end, trouble, message)
        records.append(record)
        sums.append(_sum_of(data[end:stop]))
        end = stop
    return Scan(run, tuple(records), tuple(sums), chained, end)


def read(path: str | os.PathLike[str], disk: Disk = DISK) -> Scan:
    """Read a journal without touching it, also while its writer lives.

    Raises:
        ConfigError: It cannot be read or is none.
    """
    return scan(read_regular(path, MAX_BYTES, disk), safe_text(os.fspath(path)))


def marks_of(scan: Scan) -> dict[int, str]:
    """Number of each decision -> what a state written after it is marked with; "" where that is not known."""
    marks = {0: f"{scan.sums[0]:08x}"}
    for record, total in zip(scan.records, scan.sums[1:], strict=True):
        marks[record.n] = _mark(record, total)
    return marks


def _mark(record: Record, total: int) -> str:
    if record.kind != GAP:
        return f"{total:08x}"
    mark = record.intent.get("mark", "")  # of the state that proved what is lost
    return mark if isinstance(mark, str) else ""


def _follows(record: Record, last: int) -> bool:
    return record.n == last + 1 or (record.kind == GAP and record.n > last)


def _is_torn(rest: bytes, before: int, chained: bool) -> bool:
    """Whether this is what a write cut short leaves: no whole record, and no end or sectors of zeros."""
    for line in rest.splitlines(keepends=True):
        if _record(line, before):
            return False
        before = _sum_of(line) if chained else 0
    return not rest.endswith(b"\n") or b"\0" in rest


def _sum_of(line: bytes) -> int:
    """The sum that stands at the end of a line; 0 if there is none."""
    found = _SUM.fullmatch(line[-19:])
    return int(found[1], 16) if found else 0


def _record(line: bytes, before: int) -> Record | None:
    """The record of a line, None unless it is exactly as written."""
    text, mark, total = line.rpartition(b',"crc":"')
    text += b"}"
    if not mark or len(line) > MAX_RECORD or total != b'%08x"}\n' % zlib.crc32(text, before):
        return None
    try:
        data = from_json(text, "")
    except ConfigError:
        return None
    if not isinstance(data, dict) or set(data) != _KEYS:
        return None
    n, step, kind, intent, applied = (data[key] for key in ("n", "step", "kind", "intent", "applied"))
    if not is_count(n) or not is_count(step) or not isinstance(kind, str) or not _KIND.fullmatch(kind):
        return None
    if not isinstance(intent, dict) or not isinstance(applied, dict):
        return None
    return Record(n, step, kind, intent, applied)


class Journal:
    """An open journal; its owner holds the run's lock. May be used from any thread.

    A record that cannot be written is kept in memory, `problem` says why, and every later call tries again with a whole
    new file; nothing is written to a file after an error on it.
    """

    def __init__(self, path: str | os.PathLike[str], disk: Disk = DISK) -> None:
        """Open a journal, cutting off what cannot be believed; `message` says what that was.

        Raises:
            ConfigError: It is none.
            OSError: It cannot be opened for writing.
        """
        self.path = os.fspath(path)
        self._disk = disk
        self._lock = threading.Lock()
        data = read_regular(path, MAX_BYTES, disk)
        found = scan(data, safe_text(self.path))
        self.message = found.message
        self._records = list(found.records)
        self._marks = marks_of(found)
        self._sum, self._chained = found.sums[-1], found.chained
        self._lines = data[: found.size].splitlines(keepends=True)
        if found.trouble in ("bad record", "foreign record"):
            self.message += f"; set aside as {os.path.basename(set_aside(self.path, data[found.size :], disk))}"
        self._log: AppendLog | None = AppendLog(path, found.size, disk)
        self.problem = ""
        """Why decisions are not on the disk; "" if they are."""

    @classmethod
    def create(cls, path: str | os.PathLike[str], run: str, disk: Disk = DISK) -> Journal:
        """Begin a journal.

        Raises:
            OSError: It cannot be written.
        """
        write_atomic(path, Record(0, 0, OPENING, {"format": FORMAT, "run": run}).line(), disk)
        return cls(path, disk)

    @property
    def records(self) -> tuple[Record, ...]:
        """All decisions, in order."""
        return tuple(self._records)

    @property
    def last_n(self) -> int:
        """Number of the last decision; 0 before the first."""
        return self._records[-1].n if self._records else 0

    def mark(self, n: int) -> str:
        """What a state written after decision `n` is marked with: it fits no other journal. "" if not known."""
        return self._marks.get(n, "")

    def append(
        self, step: int, kind: str, intent: Mapping[str, object], applied: Mapping[str, object] | None = None
    ) -> Record:
        """Write down a decision; when this returns with no `problem` it survives a loss of power.

        Raises:
            ConfigError: It cannot be written down; nothing was.
        """
        with self._lock:
            return self._add(Record(self.last_n + 1, step, kind, dict(intent), dict(applied or {})))

    def skip_to(self, n: int, step: int, mark: str = "") -> None:
        """Go on after decision `n` of a state, the records up to which are lost here.

        Args:
            n: The state's last decision.
            step: Of the state.
            mark: Of the state.
        """
        with self._lock:
            if n > self.last_n:
                self._add(Record(n, step, GAP, {"lost_after": self.last_n, "mark": mark}))

    def flush(self) -> bool:
        """Try again to write what could not be written; whether all is on the disk."""
        with self._lock:
            if self.problem:
                self._write_anew()
            return not self.problem

    def close(self) -> None:
        """Write what can be written and give the file back."""
        self.flush()
        if self._log is not None:
            with suppress(OSError):
                self._log.close()
            self._log = None

    def _add(self, record: Record) -> Record:
        line = record.line(self._sum if self._chained else 0)
        self._sum = _sum_of(line)
        self._records.append(record)
        self._marks[record.n] = _mark(record, self._sum)
        self._lines.append(line)
        if self._log is None or self._log.broken:
            self._write_anew()
            return record
        try:
            self._log.append(line)
        except OSError as error:
            self.problem = describe_failure(error, self.path, len(line))
        return record

    def _write_anew(self) -> None:
        content = b"".join(self._lines)
        try:
            write_atomic(self.path, content, self._disk)
            old, self._log = self._log, None
            if old is not None:
                with suppress(OSError):
                    old.close()
            self._log = AppendLog(self.path, len(content), self._disk)
            self.problem = ""
        except OSError as error:
            self.problem = describe_failure(error, self.path, len(content))


def set_aside(path: str, data: bytes, disk: Disk) -> str:
    """Keep damaged bytes beside the file they are from; the path written."""
    beside = free_name(path, disk)
    write_atomic(beside, data, disk)
    return beside


def free_name(path: str, disk: Disk) -> str:
    """A path beside `path` for what is damaged, that is not taken yet."""
    stem, ending = os.path.splitext(path)
    taken = disk.names(os.path.dirname(path))
    number = 1
    while os.path.basename(f"{stem}-damaged-{number}{ending}") in taken:
        number += 1
    return f"{stem}-damaged-{number}{ending}"
