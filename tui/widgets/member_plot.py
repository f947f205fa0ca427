"""What a choice would do, as a picture: an activation with its slope, or the learning rates to come."""

from __future__ import annotations

import numpy as np

from dltui.core.snapshot import FunctionShape, RatePreview

from ..draw.axes import ROUNDING, Axis, limits
from ..draw.cells import Row, fit_row
from ..draw.plane import PlaneLayer, plane
from .panel import Panel

LEAST_COLUMNS, LEAST_ROWS = 24, 6
"""A smaller picture shows nothing."""


class MemberPlot(Panel, can_focus=False):
    """The picture beside a choice."""

    DEFAULT_CSS = "MemberPlot { width: 1fr; height: 1fr; min-height: 0; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(framed=False, id=id)
        self._preview: RatePreview | None = None
        self._factor = 1.0

    def show_preview(self, preview: RatePreview | None, factor: float = 1.0) -> None:
        """Show what is known of a choice.

        Args:
            preview: The session's answer; None while there is none.
            factor: By how much the rates to come are moved by the offer taken.
        """
        self._preview, self._factor = preview, factor
        self.display = preview is not None and (bool(preview.functions) or varies(preview))
        self.update()

    def content_key(self) -> tuple[object, ...]:
        """See `Panel`."""
        return (self._preview, self._factor)

    def paint(self, columns: int, rows: int) -> list[Row]:
        """See `Panel`."""
        preview = self._preview
        if preview is None or columns < LEAST_COLUMNS or rows < LEAST_ROWS:
            return []
        if preview.functions:
            return self._function(columns, rows, preview.functions[0])
        return self._rates(columns, rows, preview)

    def _function(self, columns: int, rows: int, shape: FunctionShape) -> list[Row]:
        y = limits(*_ends(shape.values, shape.slopes))
        x = Axis(float(shape.z[0]), float(shape.z[-1]))
        # A slope that jumps is drawn as two lines, not as one with a cliff between.
        slopes = shape.slopes.copy()
        jumps = np.flatnonzero(np.abs(np.diff(slopes)) > 0.4 * max(float(np.ptp(slopes)), 1e-9))
        slopes[jumps] = np.nan
        layers = [
            PlaneLayer(x=shape.z, y=slopes, role="val", dotted=self.look.strokes),
            PlaneLayer(x=shape.z, y=shape.values, role="train"),
        ]
        line, dots = ("━", "━") if not self.look.strokes else ("━━━", "━ ━")
        legend: Row = [(f"{line} f(z)  ", "train"), (f"{dots} its slope", "val"), ("  over z", "muted")]
        return [fit_row(legend, columns), *plane(columns, rows - 1, layers, x, y, look=self.look)]

    def _rates(self, columns: int, rows: int, preview: RatePreview) -> list[Row]:
        rates = np.asarray(preview.rates, float) * self._factor
        x = Axis(float(preview.steps[0]), float(preview.steps[-1]))
        y = limits(0.0, float(np.nanmax(rates)))
        layers = [PlaneLayer(x=np.asarray(preview.steps, float), y=rates, role="rate")]
        legend: Row = [("learning rate", "rate"), ("  over the steps to come", "muted")]
        return [fit_row(legend, columns), *plane(columns, rows - 1, layers, x, y, look=self.look)]


def varies(preview: RatePreview) -> bool:
    """Whether the rates to come are not all the same."""
    if not len(preview.rates) or preview.error:
        return False
    low, high = float(np.min(preview.rates)), float(np.max(preview.rates))
    return high - low > ROUNDING * high


def _ends(*curves: np.ndarray) -> tuple[float, float]:
    finite = np.concatenate([curve[np.isfinite(curve)] for curve in curves])
    return (float(finite.min()), float(finite.max())) if len(finite) else (-1.0, 1.0)
