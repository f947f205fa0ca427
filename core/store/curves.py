"""The curves of a run on the disk, bounded however long it runs.

Three files: the last points as they came, a longer stretch with 16 points in one, and the whole run with 256 in one, or
512, 1024, … once the file is full and every two are made one. Each point keeps lowest, mean, highest and last value, so
a spike survives. The decision to know: these files are for looking; what a run needs to go on is in its checkpoints,
so a damaged block costs its own points and nothing else.
"""

from __future__ import annotations

import os
import struct
import threading
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from ..disk.canonical import from_json, to_json
from ..disk.disk import DISK, Disk
from ..disk.files import read_regular, write_all, write_atomic
from ..errors import ConfigError
from ..text import safe_text

BLOCK = 4096
"""Bytes of a block; block 0 of a file names its columns."""
SLOTS = 1024
"""Blocks a file may have."""
FACTORS = (1, 16, 256)
"""Points in one record of each file, at first."""

_MAGIC = b"DLTM"
_FORMAT = 1
_HEAD = struct.Struct("<4sHHIQI")  # magic, format, records, factor, serial, CRC of all but itself


@dataclass(frozen=True, eq=False)
class Series:
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


def file_name(factor: int) -> str:
    """Name of the file that starts with `factor` points in a record."""
    return f"metrics-{factor:04d}.bin"


def read_metrics(folder: str | os.PathLike[str], disk: Disk = DISK) -> tuple[tuple[str, ...], dict[int, Series]]:
    """Column names and the series of each file, also while its writer lives.

    Raises:
        ConfigError: A file is no such file.
    """
    names: tuple[str, ...] = ()
    series = {}
    present = disk.names(os.fspath(folder))
    for factor in FACTORS:
        if file_name(factor) in present:
            names, records, found, n_damaged, _ = _read(os.path.join(folder, file_name(factor)), disk)
            kept = _without_taken_back(records)
            values = kept["values"]
            series[factor] = Series(
                found, kept["step"], values[:, :, 0], values[:, :, 1], values[:, :, 2], values[:, :, 3], n_damaged
            )
    return names, series


class MetricsLog:
    """Writes the three files. `append` only touches memory; `flush` writes, from any thread.

    Args:
        folder: The run's folder; files there are gone on with.
        names: The columns.

    Raises:
        OSError: The folder cannot be read.
    """

    def __init__(self, folder: str | os.PathLike[str], names: Sequence[str], disk: Disk = DISK) -> None:
        self._names = tuple(names)
        self._disk = disk
        self._lock = threading.Lock()
        self._levels = [_Level(os.path.join(folder, file_name(f)), f, self._names, disk) for f in FACTORS]

    def append(self, step: int, values: Sequence[float]) -> None:
        """Add a point: one number a column, NaN for none."""
        record = np.zeros(1, _record_type(len(self._names)))
        record["step"], record["count"] = step, 1
        record["values"][0] = np.asarray(values, np.float64)[:, None]
        with self._lock:
            for level in self._levels:
                level.add(record)

    def flush(self) -> None:
        """Write what is new.

        Raises:
            OSError: It cannot be written; it is kept in memory for the next time.
        """
        for level in self._levels:
            with self._lock:
                work = level.take()
            try:
                level.write(work)
            except BaseException:
                with self._lock:
                    level.put_back(work)
                raise


class _Level:
    """One file and its newest records in memory."""

    def __init__(self, path: str, factor: int, names: tuple[str, ...], disk: Disk) -> None:
        self.path, self.factor, self._names, self._disk = path, factor, names, disk
        self._ring = factor != FACTORS[-1]
        kind = _record_type(len(names))
        self._per_block = (BLOCK - _HEAD.size) // kind.itemsize
        self._gathered: list[np.ndarray] = []
        self._whole: list[np.ndarray] = []  # every record, for the file that is never overwritten
        self._block: list[np.ndarray] = []
        self._serial = 0
        self._dirty: dict[int, bytes] = {}
        self._changed = False
        self._anew = True
        if os.path.basename(path) in disk.names(os.path.dirname(path)):
            self._go_on(kind)

    def _go_on(self, kind: np.dtype) -> None:
        try:
            names, records, factor, _, serial = _read(self.path, self._disk)
        except ConfigError:
            names = ()
        if names != self._names:
            with suppress(OSError):
                self._disk.rename(self.path, f"{self.path}.old")
            return
        if self._ring:
            self._serial, self._anew = serial, False
        else:
            self.factor = factor
            self._whole = [records[i : i + 1] for i in range(len(records))]

    def add(self, record: np.ndarray) -> None:
        self._gathered.append(record)
        if len(self._gathered) < self.factor:
            return
        merged = _merge(np.concatenate(self._gathered))
        self._gathered.clear()
        if not self._ring:
            self._whole.append(merged)
            if len(self._whole) >= (SLOTS - 1) * self._per_block:
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
        slot = 1 + self._serial % (SLOTS - 1)
        self._dirty[slot] = _block(np.concatenate(self._block), self.factor, self._serial)
        self._changed = False

    def take(self) -> tuple[bytes, dict[int, bytes]]:
        """What to write: a whole new file, and blocks into it."""
        if self._changed:
            self._seal()
        blocks, self._dirty = self._dirty, {}
        if not self._anew:
            return b"", blocks
        self._anew = False
        pieces = [_title(self._names, self.factor)]
        for serial, start in enumerate(range(0, len(self._whole), self._per_block)):
            records = np.concatenate(self._whole[start : start + self._per_block])
            pieces.append(_block(records, self.factor, serial))
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
            for slot, block in blocks.items():
                self._disk.seek(descriptor, slot * BLOCK)
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


def _block(records: np.ndarray, factor: int, serial: int) -> bytes:
    return _sealed(len(records), factor, serial, records.tobytes())


def _title(names: tuple[str, ...], factor: int) -> bytes:
    return _sealed(0, factor, 0, to_json(names).encode())


def _sealed(n_records: int, factor: int, serial: int, content: bytes) -> bytes:
    if len(content) > BLOCK - _HEAD.size:
        raise ConfigError("has too many columns for its curves to be saved")
    content += bytes(BLOCK - _HEAD.size - len(content))
    crc = zlib.crc32(content, zlib.crc32(_HEAD.pack(_MAGIC, _FORMAT, n_records, factor, serial, 0)))
    return _HEAD.pack(_MAGIC, _FORMAT, n_records, factor, serial, crc) + content


def _opened(block: bytes) -> tuple[int, int, int, bytes] | None:
    """Records, factor, serial and content of a block; None if it is not exactly as written."""
    if len(block) != BLOCK:
        return None
    _, version, n_records, factor, serial, _ = _HEAD.unpack_from(block)
    content = block[_HEAD.size :]
    if version != _FORMAT or _sealed(n_records, factor, serial, content) != block:
        return None
    return n_records, factor, serial, content


def _read(path: str, disk: Disk) -> tuple[tuple[str, ...], np.ndarray, int, int, int]:
    """Names, records, factor, damaged blocks and the next serial."""
    data = read_regular(path, SLOTS * BLOCK, disk)
    file = safe_text(path)
    title = _opened(data[:BLOCK])
    names = from_json(title[3].rstrip(b"\0"), file) if title else None
    if title is None or not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ConfigError("is not a file of curves, or is damaged in its first block", file=file)
    kind = _record_type(len(names))
    blocks: dict[int, np.ndarray] = {}
    n_damaged, factor = 0, title[1]
    for start in range(BLOCK, len(data), BLOCK):
        piece = data[start : start + BLOCK]
        opened = _opened(piece)
        if opened is None or opened[0] * kind.itemsize > len(opened[3]):
            n_damaged += any(piece)  # never written: a hole
            continue
        n_records, factor, serial, content = opened
        blocks[serial] = np.frombuffer(content, kind, n_records)
    empty = np.zeros(0, kind)
    records = np.concatenate([blocks[serial] for serial in sorted(blocks)]) if blocks else empty
    return tuple(names), records, factor, n_damaged, max(blocks, default=-1) + 1


def _without_taken_back(records: np.ndarray) -> np.ndarray:
    """After a rewind the old future is no part of the curve: each point must be before all that came later."""
    steps = records["step"]
    soonest_later = np.minimum.accumulate(steps[::-1])[::-1]
    keep = np.ones(len(steps), bool)
    keep[:-1] = steps[:-1] < soonest_later[1:]
    kept: np.ndarray = records[keep]
    return kept
