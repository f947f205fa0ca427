"""A whole window that is drawn by one pure function, and sends only the cells that changed."""

from __future__ import annotations

from collections.abc import Callable

from ..draw.cells import Row
from ..draw.look import Look
from .panel import Panel

Drawing = Callable[[int, int, Look], list[Row]]
"""(columns, rows, look) -> rows of cells."""


class Page(Panel):
    """What `draw` draws; the window it lies in says when that has changed."""

    draw: Drawing | None = None

    def paint(self, columns: int, rows: int) -> list[Row]:
        """See `Panel`."""
        return self.draw(columns, rows, self.look) if self.draw is not None else []

    def show_drawing(self, draw: Drawing) -> None:
        """Draw this from now on."""
        self.draw = draw
        self.update()

    def content_key(self) -> tuple[object, ...]:
        """See `Panel`."""
        return (self.draw,)
