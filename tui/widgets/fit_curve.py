"""A function of one input: what is learned over what it is learned from."""

from __future__ import annotations

from dltui.core.text import safe_text

from ..draw.axes import Axis
from ..draw.cells import Row, message
from ..draw.fit import fit, fit_axes
from .panel import Panel


class FitPanel(Panel):
    """The curve of one input and one output."""

    NEEDS = frozenset({"fit"})
    LABEL = "Fit"

    _axes: tuple[Axis, Axis] | None = None

    def content_key(self) -> tuple[object, ...]:
        """See `Panel`."""
        return (self.snapshot and self.snapshot.fit,)

    def paint(self, columns: int, rows: int) -> list[Row]:
        """See `Panel`."""
        found = self.snapshot.fit if self.snapshot is not None else None
        if found is None:
            return message("no curve yet", columns, rows)
        known = (found.y_train, found.y_val) if found.y_true is None else (found.y_train, found.y_val, found.y_true)
        self._axes = fit_axes(found.x, known, found.y, self._axes)
        train, val = (found.x_train, found.y_train), (found.x_val, found.y_val)
        return fit(columns, rows, found.x, found.y, train, val, self._axes, true=found.y_true, look=self.look)

    def heading(self) -> Row:
        """Name of the input."""
        names = self.snapshot.input_names if self.snapshot is not None else ()
        return [(f"of {safe_text(names[0], 20)}", "muted")] if names else []

    def legend(self) -> Row:
        """Signs of curves and points."""
        found = self.snapshot.fit if self.snapshot is not None else None
        look = self.look
        line, dots, dot, ring = "━┈●∘" if look.unicode else "-.*o"
        if look.unicode and look.color:
            dot = ring = "⠶"
        row: Row = [(f"{line} network ", "output"), (f"{dot} train ", "train_point"), (f"{ring} val", "val_point")]
        return row if found is None or found.y_true is None else [*row, (f" {dots} f(x)", "truth")]
