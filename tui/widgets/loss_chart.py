"""The loss on the training and validation parts: raw and faint, smoothed over it, logarithmic at first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dltui.core.snapshot import Curve, RunCurves, Snapshot

from ..draw.line import PlotSeries
from .chart import SMOOTHING, CurveChart
from .overlays import same_unit


class LossChart(CurveChart):
    """Training and validation loss."""

    LABEL = "Loss"
    SMOOTHED = frozenset({"train"})
    CARDS = True

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.set_reactive(CurveChart.log_y, True)

    def series(self, snapshot: Snapshot, curves: dict[str, Curve]) -> Sequence[PlotSeries]:
        """See `CurveChart`."""
        drawn = []
        breaks, weight = self.breaks(snapshot), SMOOTHING[self.smoothing]
        if "train_loss" in curves:
            train = curves["train_loss"]
            if weight > 0:
                drawn.append(PlotSeries(train.steps, train.values, "train_faint", train.low, train.high, counts=False))
            drawn.append(self.line(train, "train", breaks, weight))
        if "val_loss" in curves:
            drawn.append(self.line(curves["val_loss"], "val", breaks))
        return drawn

    def values(self) -> Iterable[tuple[str, str, str]]:
        """See `CurveChart`."""
        return (("train", "train", "train_loss"), ("val", "val", "val_loss"))

    def overlaid(self, snapshot: Snapshot, run: RunCurves) -> Curve | None:
        """See `CurveChart`; losses of another kind are not drawn beside each other."""
        return super().overlaid(snapshot, run) if same_unit(run, snapshot) else None
