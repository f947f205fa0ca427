"""The frames of the dashboard before there is a dashboard: what is painted first, from the table of panels alone.

It needs none of the libraries the panels draw with, so it is on the screen while those are imported; when the dashboard
follows, its frames are where these were.
"""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from .layout import columns_of, shape_of, stacked
from .panels import PANELS


class Skeleton(Widget):
    """Status line and empty frames with their titles."""

    DEFAULT_CSS = "Skeleton { width: 100%; height: 100%; }"

    def __init__(self, unicode: bool = True) -> None:
        super().__init__()
        self._unicode = unicode
        self._lines: list[str] = []
        self._for = (0, 0)

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        size = (self.size.width, self.size.height)
        if size != self._for:
            self._for, self._lines = size, lines(*size, self._unicode)
        text = self._lines[y] if y < len(self._lines) else ""
        style = self.rich_style + (Style(color="#6db3ff", bold=True) if y == 0 else Style(color="#8d96a5"))
        return Strip([Segment(text.ljust(size[0]), style)], size[0])


def lines(columns: int, rows: int, unicode: bool = True) -> list[str]:
    """The screen as text, `rows` lines of at most `columns` cells.

    Example:
        >>> lines(30, 8)[0].strip()
        'dltui  starting'
    """
    shape = shape_of(columns, rows)
    canvas = [[" "] * columns for _ in range(rows)]
    if canvas:
        canvas[0][:] = " dltui  starting".ljust(columns)[:columns]
    fitting = [info for info in PANELS if info.fits(None)]
    if shape.name == "line":
        return ["".join(row) for row in canvas]
    if shape.tabs:
        _frame(canvas, fitting[0].title, (0, 2, columns, rows - 3), unicode)
        return ["".join(row) for row in canvas]
    seen = shape.choose(fitting)
    for column, (left, top, wide, tall) in columns_of(shape, columns, rows).items():
        members = [info for info in fitting if info.column == column and info.id in seen]
        for info, (start, high) in zip(members, stacked([info.share for info in members], tall), strict=True):
            _frame(canvas, info.title, (left, top + start, wide, high), unicode)
    return ["".join(row) for row in canvas]


def _frame(canvas: list[list[str]], title: str, place: tuple[int, int, int, int], unicode: bool) -> None:
    left, top, wide, tall = place
    if wide < 8 or tall < 3:
        return
    line, side, corners = ("─", "│", "╭╮╰╯") if unicode else ("-", "|", "++++")
    head = f"{corners[0]}{line} {title} ".ljust(wide - 1, line) + corners[1]
    canvas[top][left : left + wide] = head[: wide - 1] + corners[1]
    for row in canvas[top + 1 : top + tall - 1]:
        row[left], row[left + wide - 1] = side, side
    canvas[top + tall - 1][left : left + wide] = corners[2] + line * (wide - 2) + corners[3]
