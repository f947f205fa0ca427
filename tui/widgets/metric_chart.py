"""The share of right answers for classes, R² for values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dltui.core.snapshot import Curve, Snapshot

from ..draw.cells import Row
from ..draw.line import PlotSeries
from .chart import CurveChart


class MetricChart(CurveChart):
    """Training and validation accuracy or R²."""

    LABEL = "Score"

    def series(self, snapshot: Snapshot, curves: dict[str, Curve]) -> Sequence[PlotSeries]:
        """See `CurveChart`."""
        breaks = self.breaks(snapshot)
        return [self.line(curves[key], role, breaks) for role, _, key in self.values() if key in curves]

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
