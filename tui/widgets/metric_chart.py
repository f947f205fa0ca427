"""The share of right answers for classes, R² for values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from dltui.core.snapshot import Curve, Snapshot

from ..draw.cells import Row
from ..draw.figures import figures
from ..draw.line import PlotSeries
from .chart import CurveChart

LEAST_CURVE = 6
"""Rows that the curve keeps above the table of figures."""


class MetricChart(CurveChart):
    """Training and validation accuracy or R²; below, what a user asks for beside what a constant answer gets."""

    LABEL = "Score"
    NEEDS = frozenset({"scores"})

    def paint(self, columns: int, rows: int) -> list[Row]:
        """See `Panel`."""
        scores = self.snapshot.scores if self.snapshot is not None else ()
        below = figures(scores, columns, max(rows - LEAST_CURVE, 0))
        return [*super().paint(columns, rows - len(below)), *below]

    def series(self, snapshot: Snapshot, curves: dict[str, Curve]) -> Sequence[PlotSeries]:
        """See `CurveChart`."""
        breaks = self.breaks(snapshot)
        return [
            *_constant(snapshot),
            *(self.line(curves[key], role, breaks) for role, _, key in self.values() if key in curves),
        ]

    def values(self) -> Iterable[tuple[str, str, str]]:
        """See `CurveChart`."""
        metric = self._metric()
        return (("train", "train", f"train_{metric}"), ("val", "val", f"val_{metric}"))

    def heading(self) -> Row:
        """What is measured, and the part of the run."""
        return [("accuracy · " if self._metric() == "accuracy" else "R² · ", "muted"), *super().heading()]

    def _metric(self) -> str:
        known = self.snapshot.curves if self.snapshot is not None else {}
        metrics = self.snapshot.metrics if self.snapshot is not None else {}
        return "r2" if any(key.endswith("_r2") for key in (*known, *metrics)) else "accuracy"


def _constant(snapshot: Snapshot) -> list[PlotSeries]:
    """What a constant answer gets, drawn where it lies within sight."""
    if not snapshot.scores or not np.isfinite(snapshot.scores[0].baseline):
        return []
    steps = np.array([0, max(snapshot.step, 1)])
    return [PlotSeries(steps, np.full(2, snapshot.scores[0].baseline), "baseline", dotted=True, counts=False)]
