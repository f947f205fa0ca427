"""The curves as an event file of TensorBoard, with every mark as a text at its step.

TensorBoard and all that reads its files show it. The messages and the checksums are those of tensorboardX; its writer
is left alone, since it writes by itself, with the time of day in every record, and a run exported twice is one file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import Any

from .base import ExportedRun, ExportFormat, library
from .jsonl import curve_points

_PACKAGE = "tensorboardX"
MARKS = "marks"
"""Tag of the texts."""


def make(run: ExportedRun, stem: str) -> Mapping[str, bytes]:
    """One file."""
    return {f"{stem}.tfevents": b"".join(_framed(event.SerializeToString()) for event in _events(run))}


def tag_of(curve: str) -> str:
    """What a curve is called, so that those of one quantity stand in one chart: "loss/train"."""
    part, _, quantity = curve.partition("_")
    return f"{quantity}/{part}" if part in ("train", "val") and quantity else f"{curve}/{curve}"


def _events(run: ExportedRun) -> Iterator[Any]:
    """The records in the order of the steps. The time of each is its step: a run has no clock."""
    summary = library(f"{_PACKAGE}.summary", _PACKAGE)
    event = library(f"{_PACKAGE}.proto.event_pb2", _PACKAGE).Event
    yield event(wall_time=0.0, file_version="brain.Event:2")
    records = [(step, 1, tag_of(name), mean) for step, name, mean, _, _ in curve_points(run)]
    texts = [(one.step, 0, MARKS, f"{one.kind}: {one.text}") for one in run.events]
    for step, _, tag, content in sorted([*texts, *records], key=lambda record: record[:3]):
        made = summary.text(tag, content) if isinstance(content, str) else summary.scalar(tag, content)
        yield event(wall_time=float(step), step=step, summary=made)


def _framed(record: bytes) -> bytes:
    """A record as TFRecord holds it: length and content, each with its checksum."""
    checksum = library(f"{_PACKAGE}.record_writer", _PACKAGE).masked_crc32c
    length = struct.pack("<Q", len(record))
    return length + struct.pack("<I", checksum(length)) + record + struct.pack("<I", checksum(record))


TENSORBOARD = ExportFormat(
    name="tensorboard",
    title="TensorBoard",
    summary="The curves as an event file, with the marks as text.",
    suffix=".tfevents",
    make=make,
)
