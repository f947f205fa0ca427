"""The curves as a table: a row a step, a column a curve, and in the last column what was changed there.

A cell is empty where the curve has no point. Where the run is long a value is the mean of a stretch of steps.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from .base import ExportedRun, ExportFormat
from .jsonl import curve_points

MARKS = "marks"
"""Heading of the column that tells what happened."""


def make(run: ExportedRun, stem: str) -> Mapping[str, bytes]:
    """One file."""
    names = sorted(run.history.series)
    rows: dict[int, dict[str, str]] = {event.step: {} for event in run.events}
    for step, name, mean, _, _ in curve_points(run):
        rows.setdefault(step, {})[name] = f"{mean:.9g}"
    for event in run.events:
        row = rows[event.step]
        row[MARKS] = "; ".join(filter(None, (row.get(MARKS, ""), f"{event.kind}: {event.text}")))
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["step", *names, MARKS])
    for step in sorted(rows):
        writer.writerow([step, *(rows[step].get(name, "") for name in (*names, MARKS))])
    return {f"{stem}.csv": stream.getvalue().encode()}


CSV = ExportFormat(
    name="csv",
    title="CSV",
    summary="The curves as a table, with the marks in its last column.",
    suffix=".csv",
    make=make,
    is_text=True,
)
