"""The curves as JSON Lines: one object a point, and one a mark, in the order of the steps.

Where the run is long a point stands for a stretch of steps: it holds their mean, and `low` and `high`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import groupby
from typing import TypeAlias

from ..training.history import COUNT, FIRST, HIGH, LOW, SUM
from .base import ExportedRun, ExportFormat

CurvePoint: TypeAlias = tuple[int, str, float, float, float]
"""(first step, curve, mean, lowest, highest) of a stretch of steps."""


def curve_points(run: ExportedRun) -> list[CurvePoint]:
    """Every point of every curve, by their steps."""
    found: list[CurvePoint] = []
    for name, series in run.history.series.items():
        for bucket in series.used.tolist():
            found.append((int(bucket[FIRST]), name, bucket[SUM] / bucket[COUNT], bucket[LOW], bucket[HIGH]))
    return sorted(found, key=lambda point: point[:2])


def _lines(run: ExportedRun) -> Iterator[tuple[int, int, dict[str, object]]]:
    """(step, 0 for a mark and 1 for a point, content)."""
    for event in run.events:
        plain = {key: value for key, value in asdict(event).items() if value is not None and key != "number"}
        yield event.step, 0, {**plain, **{key: _number(plain[key]) for key in ("before", "after") if key in plain}}
    for step, points in groupby(curve_points(run), key=lambda point: point[0]):
        values: dict[str, object] = {"step": step}
        spread: dict[str, list[float | None]] = {}
        for _, name, mean, low, high in points:
            values[name] = _number(mean)
            if low != high and math.isfinite(mean):
                spread[name] = [_number(low), _number(high)]
        yield step, 1, {**values, **({"low_high": spread} if spread else {})}


def _number(value: float) -> float | None:
    """The number, or None for what JSON has no number for."""
    return value if math.isfinite(value) else None


def make(run: ExportedRun, stem: str) -> Mapping[str, bytes]:
    """One file."""
    lines = sorted(_lines(run), key=lambda line: line[:2])
    text = "".join(f"{json.dumps(content, ensure_ascii=False)}\n" for _, _, content in lines)
    return {f"{stem}.jsonl": text.encode()}


JSONL = ExportFormat(
    name="jsonl",
    title="JSON Lines",
    summary="The curves, one object a step, and the marks between them.",
    suffix=".jsonl",
    make=make,
    is_text=True,
)
