"""Which class is taken for which, on the validation part."""

from __future__ import annotations

from dltui.core.text import safe_text

from ..draw.cells import Row, message
from ..draw.format import count
from ..draw.table import confusion
from .panel import Panel


class ConfusionMatrix(Panel):
    """True classes against predicted ones."""

    NEEDS = frozenset({"confusion"})
    LABEL = "Confusion"

    def content_key(self) -> tuple[object, ...]:
        """See `Panel`."""
        return (self.snapshot and self.snapshot.confusion,)

    def paint(self, columns: int, rows: int) -> list[Row]:
        """See `Panel`."""
        found = self.snapshot.confusion if self.snapshot is not None else None
        if found is None:
            return message("no answers yet", columns, rows)
        return confusion(columns, rows, found.counts, [safe_text(n, 20) for n in found.names], look=self.look)

    def legend(self) -> Row:
        """What stands where."""
        return [("true ↓  predicted →", "muted")]

    def heading(self) -> Row:
        """How many answers were wrong."""
        found = self.snapshot.confusion if self.snapshot is not None else None
        if found is None or not found.counts.size:
            return []
        total = int(found.counts.sum())
        return [(f"{count(total - int(found.counts.trace()))} wrong of {count(total)}", "muted")]
