"""The learning rate: what it was, and dotted what the schedule will make of it, with or without a change on trial."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dltui.core.snapshot import Curve, RunCurves, Snapshot

from ..draw.cells import Row
from ..draw.format import trimmed
from ..draw.line import PlotSeries
from .chart import CurveChart


class RateChart(CurveChart):
    """Effective learning rate, past and future."""

    LABEL = "Learning rate"
    SHORT = "Rate"

    def series(self, snapshot: Snapshot, curves: dict[str, Curve]) -> Sequence[PlotSeries]:
        """See `CurveChart`."""
        drawn = []
        if len(snapshot.future_steps):
            drawn.append(PlotSeries(snapshot.future_steps, snapshot.future_rates, "future", dotted=True))
        preview = snapshot.preview
        if preview is not None and not preview.error and len(preview.steps):
            drawn.append(PlotSeries(preview.steps, preview.rates, "preview", dotted=True))
        if "learning_rate" in curves:
            past = curves["learning_rate"]
            drawn.append(PlotSeries(past.steps, past.values, "rate"))
        return drawn

    def values(self) -> Iterable[tuple[str, str, str]]:
        """See `CurveChart`."""
        cursor, step = self.view.cursor, self.snapshot.step if self.snapshot is not None else 0
        if cursor is None:
            return ()
        return (("future" if cursor > step else "rate", "rate", "learning_rate"),)

    def _drawn_names(self) -> Sequence[str]:
        return ["learning_rate"]

    def _is_known(self, role: str, step: float) -> bool:
        return role == "future" or super()._is_known(role, step)

    def heading(self) -> Row:
        """Both rates: the one set and the one in force."""
        if self.snapshot is None:
            return []
        return [
            ("base ", "muted"),
            (trimmed(self.snapshot.base_rate), "strong"),
            (" · now ", "muted"),
            (trimmed(self.snapshot.rate).ljust(6), "rate"),
        ]

    def overlaid(self, snapshot: Snapshot, run: RunCurves) -> Curve | None:
        """See `CurveChart`."""
        return run.curves.get("learning_rate")
