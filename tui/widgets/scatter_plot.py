"""Predicted against true values: on the dotted line the network is right."""

from __future__ import annotations

from dltui.core.text import safe_text

from ..draw.axes import Axis
from ..draw.cells import Row, message
from ..draw.fit import against
from .panel import Panel


class ScatterPlot(Panel):
    """Predicted over true values of the validation part."""

    NEEDS = frozenset({"scatter"})
    LABEL = "Predicted ↑ true →"

    _axis: Axis | None = None

    def content_key(self) -> tuple[object, ...]:
        """See `Panel`."""
        return (self.snapshot and self.snapshot.scatter,)

    def paint(self, columns: int, rows: int) -> list[Row]:
        """See `Panel`."""
        found = self.snapshot.scatter if self.snapshot is not None else None
        if found is None:
            return message("no answers yet", columns, rows)
        drawn, self._axis = against(columns, rows, found.true, found.predicted, old=self._axis, look=self.look)
        return drawn

    def heading(self) -> Row:
        """What is predicted."""
        found = self.snapshot.scatter if self.snapshot is not None else None
        return [(safe_text(found.name, 24), "muted")] if found is not None else []
