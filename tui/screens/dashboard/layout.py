"""Which shape the dashboard takes in a terminal of a given size, and which panels find room in it. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

WIDE_COLUMNS = 100
MEDIUM_COLUMNS = 70
MEDIUM_ROWS = 30
WIDE_ROWS = 24
RIGHT_COLUMNS = 34
"""Width of the third column."""
LEFT_SHARE, ALL_SHARES = 10, 24
"""Width of the first column, in shares of the terminal's."""
MOST_LEFT, MOST_RIGHT = 16, 60
"""Widest that a user can make them."""
LEAST_MIDDLE = 16
"""Cells left to the second column at least."""
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


def columns_of(
    shape: Shape,
    columns: int,
    rows: int,
    used: Collection[str] = ("left", "middle", "right"),
    left: int = LEFT_SHARE,
    right: int = RIGHT_COLUMNS,
) -> dict[str, tuple[int, int, int, int]]:
    """Left, top, width and height of each column that is used in a terminal with several.

    Args:
        shape: With several columns.
        columns: Width of the terminal.
        rows: Its height; the first and the last are not a column's.
        used: Columns with a panel in them; the others leave their room to these.
        left: Shares of the first column.
        right: Cells of the third column.

    Example:
        >>> columns_of(shape_of(120, 36), 120, 36)["right"]
        (86, 1, 34, 34)
    """
    tall = rows - 2
    first = columns * left // ALL_SHARES if shape.name == "wide" else columns // 2
    if "left" not in used:
        first = 0
    elif not {"middle", "right"} & set(used):
        first = columns
    rest = columns - first
    if shape.name == "medium":
        upper = tall if "right" not in used else tall // 2 if "middle" in used else 0
        places = {
            "left": (0, 1, first, tall),
            "middle": (first, 1, rest, upper),
            "right": (first, 1 + upper, rest, tall - upper),
        }
        return {name: places[name] for name in used}
    last = rest if "middle" not in used else min(right, max(rest - LEAST_MIDDLE, 1)) if "right" in used else 0
    if "middle" not in used and "left" in used and "right" in used:
        last = min(right, columns - 1)
        first = columns - last
    places = {
        "left": (0, 1, first, tall),
        "middle": (first, 1, columns - first - last, tall),
        "right": (columns - last, 1, last, tall),
    }
    return {name: places[name] for name in used}


def stacked(shares: Sequence[int], tall: int) -> list[tuple[int, int]]:
    """Top and height of each panel of a column, by its share of the height.

    Example:
        >>> stacked([5, 3, 2], 34)
        [(0, 17), (17, 10), (27, 7)]
    """
    whole, passed, places = sum(shares), 0, []
    for share in shares:
        top, passed = tall * passed // whole, passed + share
        places.append((top, tall * passed // whole - top))
    return places


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
