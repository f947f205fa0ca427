"""The decisions of a run, each on the disk before it takes effect.

One record a line, JSON with a CRC-32, numbered without gaps. The decision to know: a journal is only ever believed up
to the first byte that is not as it was written. What lies behind is cut off, said, and unless it is the torn end of a
record whose writer died, kept in a file beside it.
"""

from __future__ import annotations

import os
import threading
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ..disk.canonical import from_json, to_json
from ..disk.disk import DISK, Disk
from ..disk.files import AppendLog, read_regular, write_atomic
from ..disk.home import describe_failure
from ..errors import ConfigError
from ..text import safe_text

FORMAT = 1
MAX_BYTES = 64 << 20
MAX_RECORD = 1 << 20

_KEYS = {"n", "step", "kind", "intent", "applied"}


@dataclass(frozen=True)
class Record:
    """One decision."""

    n: int
    """Counts up from 1; 0 is the record that opens the journal."""
    step: int
    """It takes effect before this step."""
    kind: str
    """"apply", "rewind", …; "journal" opens one, "gap" says that records before it are lost."""
    intent: Mapping[str, Any] = field(default_factory=dict)
    """What was asked."""
    applied: Mapping[str, Any] = field(default_factory=dict)
    """What was done."""

    def line(self) -> bytes:
        """The record as a line of the file.

        Raises:
            ConfigError: It holds what is not plain data, or is longer than 1 MB.
        """
        text = to_json(
            {"n": self.n, "step": self.step, "kind": self.kind, "intent": self.intent, "applied": self.applied}
        )
        if len(text) > MAX_RECORD - 32:
            raise ConfigError("is too long for the journal", field=self.kind, allowed=f"at most {MAX_RECORD} bytes")
        return f'{text[:-1]},"crc":"{zlib.crc32(text.encode()):08x}"}}\n'.encode()


@dataclass(frozen=True)
class Scan:
    """What a journal holds."""

    records: tuple[Record, ...]
    """The decisions that can be believed, without the opening record."""
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
    opening = _record(data[:end])
    if opening is None or opening.kind != "journal" or opening.n != 0:
        raise ConfigError("is not a journal, or is damaged in its first line", file=file)
    if opening.intent.get("format") != FORMAT:
        found = opening.intent.get("format")
        raise ConfigError("is of another version", value=found, allowed=f"version {FORMAT}", file=file)
    records: list[Record] = []
    last = 0
    while end < len(data):
        stop = data.find(b"\n", end) + 1
        record = _record(data[end:stop]) if stop else None
        if record is None or not _follows(record, last):
            rest = data[end:]
            trouble = "foreign record" if record else "torn tail" if _is_torn(rest) else "bad record"
            start = safe_text(rest[:60].decode("utf-8", "replace"), 60)
            message = f"{file}: {trouble} at byte {end}; {len(records)} records kept, {len(rest)} bytes not: {start}"
            return Scan(tuple(records), end, trouble, message)
        records.append(record)
        last = record.n
        end = stop
    return Scan(tuple(records), end)


def read(path: str | os.PathLike[str], disk: Disk = DISK) -> Scan:
    """Read a journal without touching it, also while its writer lives.

    Raises:
        ConfigError: It cannot be read or is none.
    """
    return scan(read_regular(path, MAX_BYTES, disk), safe_text(os.fspath(path)))


def _follows(record: Record, last: int) -> bool:
    return record.n == last + 1 or (record.kind == "gap" and record.n > last)


def _is_torn(rest: bytes) -> bool:
    """Whether this is what a write cut short leaves: no whole record, and no end or sectors of zeros."""
    if any(_record(line) for line in rest.splitlines(keepends=True)):
        return False
    return not rest.endswith(b"\n") or b"\0" in rest


def _record(line: bytes) -> Record | None:
    """The record of a line, None unless it is exactly as written."""
    text, mark, crc = line.rpartition(b',"crc":"')
    text += b"}"
    if not mark or len(line) > MAX_RECORD or crc != b'%08x"}\n' % zlib.crc32(text):
        return None
    try:
        data = from_json(text, "")
    except ConfigError:
        return None
    if not isinstance(data, dict) or set(data) != _KEYS:
        return None
    record = Record(**data)
    if type(record.n) is not int or type(record.step) is not int or not isinstance(record.kind, str):
        return None
    if not isinstance(record.intent, dict) or not isinstance(record.applied, dict):
        return None
    return record


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
        write_atomic(path, Record(0, 0, "journal", {"format": FORMAT, "run": run}).line(), disk)
        return cls(path, disk)

    @property
    def records(self) -> tuple[Record, ...]:
        """All decisions, in order."""
        return tuple(self._records)

    @property
    def last_n(self) -> int:
        """Number of the last decision; 0 before the first."""
        return self._records[-1].n if self._records else 0

    def append(
        self, step: int, kind: str, intent: Mapping[str, Any], applied: Mapping[str, Any] | None = None
    ) -> Record:
        """Write down a decision; when this returns with no `problem` it survives a loss of power.

        Raises:
            ConfigError: It cannot be written down; nothing was.
        """
        with self._lock:
            return self._add(Record(self.last_n + 1, step, kind, dict(intent), dict(applied or {})))

    def skip_to(self, n: int, step: int) -> None:
        """Go on after decision `n` of a checkpoint, the records up to which are lost here."""
        with self._lock:
            if n > self.last_n:
                self._add(Record(n, step, "gap", {"lost_after": self.last_n}))

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
        line = record.line()
        self._records.append(record)
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
    stem, ending = os.path.splitext(path)
    taken = disk.names(os.path.dirname(path))
    number = 1
    while os.path.basename(f"{stem}-damaged-{number}{ending}") in taken:
        number += 1
    write_atomic(f"{stem}-damaged-{number}{ending}", data, disk)
    return f"{stem}-damaged-{number}{ending}"
