"""Which shape the dashboard takes in a terminal of a given size, and which panels find room in it. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

WIDE_COLUMNS = 100
MEDIUM_COLUMNS = 70
MEDIUM_ROWS = 30
WIDE_ROWS = 24
RIGHT_COLUMNS = 34
"""Width of the third column."""
LINE_COLUMNS = 40
LINE_ROWS = 10


SHAPES = ("wide", "medium", "tabs", "line")
"""Three columns, two, one panel at a time, a single line."""


class PanelSize(Protocol):
    """What the layout needs to know of a panel."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def column(self) -> str:
        """Its column."""

    @property
    def rank(self) -> int:
        """Who gets room first."""

    @property
    def rows(self) -> int:
        """Least height."""


@dataclass(frozen=True)
class Shape:
    """One arrangement of the dashboard."""

    name: str
    """One of `SHAPES`."""
    rows: int = 34
    """Rows between status and footer."""

    @property
    def tabs(self) -> bool:
        """Whether one panel is shown at a time."""
        return self.name in ("tabs", "line")

    def choose(self, panels: Sequence[PanelSize]) -> set[str]:
        """The panels that are seen: in each column the first by rank, as long as their least heights fit.

        The first of a column is always seen.
        """
        room = {"left": self.rows, "middle": self.rows, "right": self.rows}
        if self.name == "medium":
            room["middle"] = self.rows // 2
            room["right"] = self.rows - room["middle"]
        seen: set[str] = set()
        filled: set[str] = set()
        for panel in sorted(panels, key=lambda panel: panel.rank):
            if panel.column not in filled or panel.rows <= room[panel.column]:
                seen.add(panel.id)
                filled.add(panel.column)
                room[panel.column] -= panel.rows
        return seen


def columns_of(shape: Shape, columns: int, rows: int) -> dict[str, tuple[int, int, int, int]]:
    """Left, top, width and height of each column of a terminal with several, as the styles divide it.

    Example:
        >>> columns_of(shape_of(120, 36), 120, 36)["right"]
        (86, 1, 34, 34)
    """
    tall = rows - 2
    if shape.name == "medium":
        left, upper = columns // 2, tall // 2
        rest = columns - left
        return {
            "left": (0, 1, left, tall),
            "middle": (left, 1, rest, upper),
            "right": (left, 1 + upper, rest, tall - upper),
        }
    left = columns * 5 // 12
    return {
        "left": (0, 1, left, tall),
        "middle": (left, 1, columns - left - RIGHT_COLUMNS, tall),
        "right": (columns - RIGHT_COLUMNS, 1, RIGHT_COLUMNS, tall),
    }


def shape_of(columns: int, rows: int) -> Shape:
    """The shape for a terminal of this size.

    Example:
        >>> [shape_of(*size).name for size in ((200, 60), (80, 40), (80, 24), (30, 9))]
        ['wide', 'medium', 'tabs', 'line']
    """
    if columns < LINE_COLUMNS or rows < LINE_ROWS:
        return Shape("line", max(rows - 1, 0))
    if columns >= WIDE_COLUMNS and rows >= WIDE_ROWS:
        return Shape("wide", rows - 2)
    if columns >= MEDIUM_COLUMNS and rows >= MEDIUM_ROWS:
        return Shape("medium", rows - 2)
    return Shape("tabs", rows - 3)
