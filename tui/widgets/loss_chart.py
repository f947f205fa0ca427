"""The loss on the training and validation parts: raw and faint, smoothed over it, logarithmic at first.

Dotted ahead of it is the future: the run as it goes on, and with the change that is being typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dltui.core.snapshot import Curve, Prospect, RunCurves, Snapshot

from ..draw.branches import signed
from ..draw.cells import Row
from ..draw.format import count
from ..draw.line import DASHES, PlotSeries, smooth, value_at
from ..draw.prospects import drawn_ahead, told
from .chart import SMOOTHING, CurveChart
from .overlays import Overlay, same_unit


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
        drawn = [_ahead(one) for one in drawn_ahead(snapshot.foresight) if len(one.steps)]
        effect, cursor = snapshot.effect, self.view.cursor
        if effect is not None and cursor is not None and abs(cursor - effect.step) <= 1:
            for one, role in ((effect.unmade, "future"), (effect.made, "preview")):
                if len(one.steps):
                    drawn.append(PlotSeries(one.steps, one.losses, role, dotted=True))
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

    def _other_runs(self, snapshot: Snapshot, columns: int) -> Row:
        found, foresight = drawn_ahead(snapshot.foresight), snapshot.foresight
        if not found or foresight is None:
            return super()._other_runs(snapshot, columns)
        row: Row = [(f" in {count(foresight.n_steps)} steps: ", "muted")]
        for one in found:
            sign, name = "··" if self.look.unicode else "..", "with it" if one.changes else "unchanged"
            row += [(f"{sign} {name} ", _role(one)), (f"{told(one, foresight.step)}  ", "strong")]
        return row

    def _apart(self, snapshot: Snapshot) -> list[PlotSeries]:
        """See `CurveChart`: differences of the training loss, on the same batches."""
        drawn = []
        for overlay in self.overlays:
            apart = overlay.branch.difference if overlay.branch is not None else None
            if apart is not None and len(apart.steps):
                values = smooth(apart.values, SMOOTHING[self.smoothing])
                drawn.append(PlotSeries(apart.steps, values, overlay.role, dash=DASHES[overlay.place % len(DASHES)]))
        return drawn

    def _apart_at(self, overlay: Overlay, step: float) -> Row:
        """See `CurveChart`."""
        apart = overlay.branch.difference if overlay.branch is not None else None
        if apart is None or not len(apart.steps):
            return []
        values = smooth(apart.values, SMOOTHING[self.smoothing])
        return [(f" Δ{signed(value_at(PlotSeries(apart.steps, values, overlay.role), step))}", "muted")]

    def overlaid(self, snapshot: Snapshot, run: RunCurves) -> Curve | None:
        """See `CurveChart`; losses of another kind are not drawn beside each other."""
        return super().overlaid(snapshot, run) if same_unit(run, snapshot) else None


def _ahead(one: Prospect) -> PlotSeries:
    """A future; one that diverges must not set the axis for all others."""
    return PlotSeries(one.steps, one.losses, _role(one), dotted=True, counts=one.stopped != "diverged")


def _role(one: Prospect) -> str:
    return "preview" if one.changes else "future"
