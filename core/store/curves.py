"""The curves of a run on the disk, bounded however long it runs.

Three files: the last points as they came, a longer stretch with 16 points in one, and the whole run with 256 in one, or
512, 1024, … once the file is full and every two are made one. Each point keeps lowest, mean, highest and last value, so
a spike survives. These files are for looking; what a run needs to be resumed is in its states, so a damaged block costs
its own points and nothing else. `dltui runs RUN` draws them.
"""

from __future__ import annotations

import os
import struct
import threading
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeGuard

import numpy as np

from ..disk.canonical import Json, from_json, to_json
from ..disk.disk import DISK, Disk
from ..disk.files import read_regular, write_all, write_atomic
from ..errors import ConfigError
from ..text import safe_text

BLOCK = 4096
"""Bytes of a block; block 0 of a file names its columns."""
MAX_BLOCKS = 1024
"""Blocks a file may have."""
FACTORS = (1, 16, 256)
"""Points in one record of each file, at first."""

_MAGIC = b"DLTM"
_FORMAT = 1
_HEAD = struct.Struct("<4sHHIQI")  # magic, format, records, factor, serial, CRC of all but itself


@dataclass(frozen=True, eq=False)
class SavedSeries:
    """One file's points, in the order of the run; what a rewind took back is left out."""

    factor: int
    """Points in one record, at most."""
    steps: np.ndarray
    """int64 (k,): first step of each."""
    low: np.ndarray
    """float64 (k, columns); NaN where there was no value, as in the three others."""
    mean: np.ndarray
    high: np.ndarray
    last: np.ndarray
    n_damaged: int
    """Blocks that cannot be read."""


@dataclass(frozen=True, eq=False)
class SavedCurves:
    """The curves of a run."""

    columns: tuple[str, ...]
    """Their names."""
    series: Mapping[int, SavedSeries]
    """Points in one record of a file, at first -> what the file holds."""

    def column(self, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Steps, lowest, mean and highest values of a curve over the whole run, everywhere as fine as it was kept.

        Only points where the curve has a value; nothing at all where there is no such curve.
        """
        if name not in self.columns:
            return np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros(0)
        at = self.columns.index(name)
        pieces: list[tuple[np.ndarray, ...]] = []
        start = np.iinfo(np.int64).max
        for factor in sorted(self.series):  # the finest first: what is coarser stands for what was before
            found = self.series[factor]
            rows = (found.steps < start) & ~np.isnan(found.mean[:, at])
            pieces.insert(0, (found.steps[rows], *(values[rows, at] for values in (found.low, found.mean, found.high))))
            if len(found.steps):
                start = min(start, int(found.steps[0]))
        steps, low, mean, high = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
        return steps, low, mean, high

    def last(self, name: str) -> tuple[int, float] | None:
        """Step and value of the last point of a curve; None if there is none."""
        if name not in self.columns:
            return None
        at = self.columns.index(name)
        for factor in sorted(self.series):
            found = self.series[factor]
            rows = np.flatnonzero(~np.isnan(found.last[:, at]))
            if len(rows):
                return int(found.steps[rows[-1]]), float(found.last[rows[-1], at])
        return None


def file_name(factor: int) -> str:
    """Name of the file that starts with `factor` points in a record."""
    return f"metrics-{factor:04d}.bin"


def read_curves(folder: str | os.PathLike[str], run: str = "", disk: Disk = DISK) -> SavedCurves:
    """The curves of the run in a folder, also while their writer lives.

    Args:
        folder: The run's.
        run: Name of the run; "" in a run of a version that named none.
        disk: Where.

    Raises:
        ConfigError: A file is no such file, or of another run.
    """
    columns: tuple[str, ...] | None = None
    series = {}
    present = disk.names(os.fspath(folder))
    for factor in FACTORS:
        if file_name(factor) not in present:
            continue
        path = os.path.join(folder, file_name(factor))
        found = _read(path, disk)
        if found.run != run or (columns is not None and found.columns != columns):
            raise ConfigError("holds the curves of another run", file=safe_text(path))
        columns = found.columns
        records = _without_taken_back(found.records)
        steps, values = records["step"], records["values"]
        low, mean, high, last = (values[:, :, i] for i in range(4))
        series[factor] = SavedSeries(found.factor, steps, low, mean, high, last, found.n_damaged)
    return SavedCurves(columns or (), series)


class CurveWriter:
    """Writes the three files. `append` only touches memory; `flush` writes, from any thread.

    Args:
        folder: The run's folder; files there are continued.
        columns: Names of the curves.
        run: Name of the run; "" in a run of a version that named none.
        disk: Where.

    Raises:
        OSError: The folder cannot be read.
    """

    def __init__(
        self, folder: str | os.PathLike[str], columns: Sequence[str], run: str = "", disk: Disk = DISK
    ) -> None:
        self._columns = tuple(columns)
        self._lock = threading.Lock()
        self._files = [_CurveFile(os.path.join(folder, file_name(f)), f, self._columns, run, disk) for f in FACTORS]

    def append(self, step: int, values: Sequence[float]) -> None:
        """Add a point: one number a column, NaN for none."""
        record = np.zeros(1, _record_type(len(self._columns)))
        record["step"], record["count"] = step, 1
        record["values"][0] = np.asarray(values, np.float64)[:, None]
        with self._lock:
            for file in self._files:
                file.add(record)

    def flush(self) -> None:
        """Write what is new.

        Raises:
            OSError: It cannot be written; it is kept in memory for the next time.
        """
        for file in self._files:
            with self._lock:
                work = file.take()
            try:
                file.write(work)
            except BaseException:
                with self._lock:
                    file.put_back(work)
                raise


class _CurveFile:
    """One file and its newest records in memory."""

    def __init__(self, path: str, factor: int, columns: tuple[str, ...], run: str, disk: Disk) -> None:
        self.path, self.factor, self._columns, self._run, self._disk = path, factor, columns, run, disk
        self._ring = factor != FACTORS[-1]
        kind = _record_type(len(columns))
        self._per_block = (BLOCK - _HEAD.size) // kind.itemsize
        self._gathered: list[np.ndarray] = []
        self._whole: list[np.ndarray] = []  # every record, for the file that is never overwritten
        self._block: list[np.ndarray] = []
        self._serial = 0
        self._dirty: dict[int, bytes] = {}
        self._changed = False
        self._anew = True
        if os.path.basename(path) in disk.names(os.path.dirname(path)):
            self._continue()

    def _continue(self) -> None:
        """Take up a file that is there; one that is damaged or of other curves is put out of the way."""
        found: _FileContent | None = None
        with suppress(ConfigError):
            found = _read(self.path, self._disk)
        if found is None or (found.columns, found.run) != (self._columns, self._run):
            with suppress(OSError):
                self._disk.rename(self.path, f"{self.path}.old")
            return
        if self._ring:
            self._serial, self._anew = found.next_serial, False
        else:
            self.factor = found.factor
            self._whole = [found.records[i : i + 1] for i in range(len(found.records))]

    def add(self, record: np.ndarray) -> None:
        self._gathered.append(record)
        if len(self._gathered) < self.factor:
            return
        merged = _merge(np.concatenate(self._gathered))
        self._gathered.clear()
        if not self._ring:
            self._whole.append(merged)
            if len(self._whole) >= (MAX_BLOCKS - 1) * self._per_block:
                every = np.concatenate(self._whole)
                self._whole = [_merge(every[i : i + 2]) for i in range(0, len(every), 2)]
                self.factor *= 2
            self._anew = True
            return
        self._block.append(merged)
        self._changed = True
        if len(self._block) == self._per_block:
            self._seal()
            self._block.clear()
            self._serial += 1

    def _seal(self) -> None:
        place = 1 + self._serial % (MAX_BLOCKS - 1)
        self._dirty[place] = _block(np.concatenate(self._block), self.factor, self._serial, self._run)
        self._changed = False

    def take(self) -> tuple[bytes, dict[int, bytes]]:
        """What to write: a whole new file, and blocks into it."""
        if self._changed:
            self._seal()
        blocks, self._dirty = self._dirty, {}
        if not self._anew:
            return b"", blocks
        self._anew = False
        pieces = [_title(self._columns, self.factor, self._run)]
        for serial, start in enumerate(range(0, len(self._whole), self._per_block)):
            records = np.concatenate(self._whole[start : start + self._per_block])
            pieces.append(_block(records, self.factor, serial, self._run))
        return b"".join(pieces), blocks

    def put_back(self, work: tuple[bytes, dict[int, bytes]]) -> None:
        self._anew = self._anew or bool(work[0])
        self._dirty = work[1] | self._dirty

    def write(self, work: tuple[bytes, dict[int, bytes]]) -> None:
        whole, blocks = work
        if whole:
            write_atomic(self.path, whole, self._disk)
        if not blocks:
            return
        descriptor = self._disk.open(self.path, os.O_WRONLY)
        try:
            for place, block in blocks.items():
                self._disk.seek(descriptor, place * BLOCK)
                write_all(self._disk, descriptor, block)
            self._disk.fdatasync(descriptor)
        finally:
            self._disk.close(descriptor)


def _record_type(n_columns: int) -> np.dtype:
    return np.dtype([("step", "<i8"), ("count", "<i8"), ("values", "<f8", (n_columns, 4))])


def _merge(records: np.ndarray) -> np.ndarray:
    """One record for several: values are lowest, mean, highest, last."""
    if len(records) == 1:
        return records
    merged = records[:1].copy()
    values = records["values"]
    merged["count"] = records["count"].sum()
    merged["values"][0, :, 0] = np.fmin.reduce(values[:, :, 0])
    merged["values"][0, :, 2] = np.fmax.reduce(values[:, :, 2])
    merged["values"][0, :, 3] = values[-1, :, 3]
    there = ~np.isnan(values[:, :, 1])
    weights = records["count"][:, None] * there
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        total = np.sum(np.where(there, values[:, :, 1], 0.0) * weights, axis=0)
        merged["values"][0, :, 1] = total / weights.sum(axis=0)
    return merged


def _block(records: np.ndarray, factor: int, serial: int, run: str) -> bytes:
    return _seal(len(records), factor, serial, records.tobytes(), run)


def _title(columns: tuple[str, ...], factor: int, run: str) -> bytes:
    content: Json = {"columns": columns, "run": run} if run else columns
    return _seal(0, factor, 0, to_json(content).encode())


def _seal(n_records: int, factor: int, serial: int, content: bytes, run: str = "") -> bytes:
    """A block with its sum, which goes on from the name of the run."""
    if len(content) > BLOCK - _HEAD.size:
        raise ConfigError("has too many columns for its curves to be saved")
    content += bytes(BLOCK - _HEAD.size - len(content))
    head = zlib.crc32(_HEAD.pack(_MAGIC, _FORMAT, n_records, factor, serial, 0), zlib.crc32(run.encode()))
    crc = zlib.crc32(content, head)
    return _HEAD.pack(_MAGIC, _FORMAT, n_records, factor, serial, crc) + content


def _open(block: bytes, run: str = "") -> tuple[int, int, int, bytes] | None:
    """Records, factor, serial and content of a block; None if it is not exactly as written."""
    if len(block) != BLOCK:
        return None
    _, version, n_records, factor, serial, _ = _HEAD.unpack_from(block)
    content = block[_HEAD.size :]
    if version != _FORMAT or _seal(n_records, factor, serial, content, run) != block:
        return None
    return n_records, factor, serial, content


@dataclass(frozen=True, eq=False)
class _FileContent:
    """What a file of curves holds."""

    columns: tuple[str, ...]
    run: str
    records: np.ndarray
    factor: int
    n_damaged: int
    next_serial: int


def _read(path: str, disk: Disk) -> _FileContent:
    """The content of a file of curves.

    Raises:
        ConfigError: It is no such file.
    """
    data = read_regular(path, MAX_BLOCKS * BLOCK, disk)
    title = _open(data[:BLOCK])
    content = from_json(title[3].rstrip(b"\0"), safe_text(path)) if title else None
    columns, run = (content.get("columns"), content.get("run")) if isinstance(content, dict) else (content, "")
    if title is None or not _are_names(columns) or not isinstance(run, str):
        raise ConfigError("is not a file of curves, or is damaged in its first block", file=safe_text(path))
    kind = _record_type(len(columns))
    blocks: dict[int, np.ndarray] = {}
    n_damaged, factor = 0, title[1]
    for start in range(BLOCK, len(data), BLOCK):
        piece = data[start : start + BLOCK]
        opened = _open(piece, run)
        if opened is None or opened[0] * kind.itemsize > len(opened[3]):
            n_damaged += any(piece)  # never written: a hole
            continue
        n_records, factor, serial, body = opened
        blocks[serial] = np.frombuffer(body, kind, n_records)
    empty = np.zeros(0, kind)
    records = np.concatenate([blocks[serial] for serial in sorted(blocks)]) if blocks else empty
    return _FileContent(tuple(columns), run, records, factor, n_damaged, max(blocks, default=-1) + 1)


def _are_names(value: Json) -> TypeGuard[list[str]]:
    return isinstance(value, list) and 0 < len(value) <= 64 and all(isinstance(name, str) for name in value)


def _without_taken_back(records: np.ndarray) -> np.ndarray:
    """After a rewind the old future is no part of the curve: each point must be before all that came later."""
    steps = records["step"]
    soonest_later = np.minimum.accumulate(steps[::-1])[::-1]
    keep = np.ones(len(steps), bool)
    keep[:-1] = steps[:-1] < soonest_later[1:]
    kept: np.ndarray = records[keep]
    return kept
