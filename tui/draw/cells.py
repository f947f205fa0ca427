"""The material every drawing is made of: rows of (text, role) spans, and a grid to draw them on.

A role says what a cell means ("train", "mark", "muted"), not how it looks; the widgets give it a style. Two kinds of
role are colors themselves: "#rrggbb", and "#rrggbb on #rrggbb" for cells that show two pixels one above the other.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .ascii import ascii_text
from .format import char_width, width

Row = list[tuple[str, str]]
"""One line of cells: texts with their roles, left to right."""


class Grid:
    """Cells that can be written anywhere; what falls outside is cut off.

    Args:
        columns: Width in cells.
        rows: Height in cells.
    """

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = max(columns, 0), max(rows, 0)
        self.codes = np.full((self.rows, self.columns), 32, np.uint32)
        self.roles = np.zeros((self.rows, self.columns), np.int32)
        self._names = [""]
        self._numbers = {"": 0}

    def role(self, name: str) -> int:
        """The number under which a role lies in `roles`."""
        if name not in self._numbers:
            self._numbers[name] = len(self._names)
            self._names.append(name)
        return self._numbers[name]

    def put(self, column: int, row: int, text: str, role: str = "") -> None:
        """Write a text from one cell to the right."""
        if not 0 <= row < self.rows:
            return
        number = self.role(role)
        for char in text:
            cells = char_width(char)
            if cells == 0:
                continue
            if column >= 0 and column + cells <= self.columns:
                self.codes[row, column] = ord(char)
                self.roles[row, column] = number
                if cells == 2:
                    self.codes[row, column + 1] = 0
                    self.roles[row, column + 1] = number
            column += cells

    def put_column(self, column: int, top: int, bottom: int, char: str, role: str = "") -> None:
        """Write one sign in every cell of a column from row `top` up to, not including, `bottom`."""
        if 0 <= column < self.columns:
            top, bottom = max(top, 0), min(bottom, self.rows)
            self.codes[top:bottom, column] = ord(char)
            self.roles[top:bottom, column] = self.role(role)

    def put_row(self, column: int, row: int, spans: Row) -> None:
        """Write a row of spans from one cell to the right."""
        for text, role in spans:
            self.put(column, row, text, role)
            column += width(text)

    def line(self, row: int) -> Row:
        """One row as spans, neighbors of one role joined."""
        codes, roles = self.codes[row], self.roles[row]
        if not self.columns:
            return []
        edges = [0, *(np.flatnonzero(roles[1:] != roles[:-1]) + 1).tolist(), self.columns]
        text = codes.tobytes().decode("utf-32-le")
        return [(text[a:b].replace("\0", ""), self._names[roles[a]]) for a, b in pairwise(edges)]

    def lines(self) -> list[Row]:
        """All rows as spans."""
        return [self.line(row) for row in range(self.rows)]


def row_width(row: Row) -> int:
    """Cells a row takes."""
    return sum(width(text) for text, _ in row)


def fit_row(row: Row, columns: int, end: str = "…") -> Row:
    """A row in exactly `columns` cells: filled with spaces or cut, with `end` where text was lost."""
    total = row_width(row)
    if total <= columns:
        return [*row, (" " * (columns - total), "")] if total < columns else row
    room, kept = columns - width(end), []
    for text, role in row:
        taken = ""
        for char in text:
            cells = char_width(char)
            if cells > room:
                room = 0
                break
            taken += char
            room -= cells
        if taken:
            kept.append((taken, role))
        if room <= 0:
            break
    if columns >= width(end):
        kept.append((end, "muted"))
    rest = columns - row_width(kept)
    return [*kept, (" " * rest, "")] if rest > 0 else kept


def join_ends(left: Row, right: Row, columns: int, fill: str = " ", role: str = "") -> Row:
    """`left` at the left end and `right` at the right end of `columns` cells; `right` goes first where room lacks."""
    gap = columns - row_width(left) - row_width(right)
    if gap < 0:
        return fit_row(left, columns)
    return [*left, (fill * gap, role), *right] if gap else [*left, *right]


def center_rows(rows: list[Row], columns: int, height: int) -> list[Row]:
    """Rows in the middle of a field of `columns` × `height` cells, cut to it."""
    rows = rows[:height]
    above = (height - len(rows)) // 2
    placed = []
    for row in rows:
        left = max((columns - row_width(row)) // 2, 0)
        placed.append(fit_row([(" " * left, ""), *row] if left else row, columns))
    empty: Row = [(" " * columns, "")] if columns else []
    return [*[empty] * above, *placed, *[empty] * (height - above - len(placed))]


def message(text: str, columns: int, height: int, role: str = "muted") -> list[Row]:
    """One line of text in the middle of a field: what a panel says while it has nothing to show."""
    if columns < 1 or height < 1:
        return [[] for _ in range(max(height, 0))]
    return center_rows([fit_row([(text, role)], min(columns, width(text)))], columns, height)


def plain(rows: list[Row]) -> str:
    """The text of rows, for tests and for copying."""
    return "\n".join("".join(text for text, _ in row).rstrip() for row in rows) + "\n"


def ascii_row(row: Row) -> Row:
    """A row in plain ASCII, each sign by its nearest of the same width."""
    if all(text.isascii() for text, _ in row):
        return row
    return [(ascii_text(text), role) for text, role in row]


def changed(old: Row, new: Row) -> tuple[int, int] | None:
    """First and one past the last cell in which two rows of equal width differ; None where they are the same."""
    if old == new:
        return None
    left = _common(old, new)
    right = _common([(t[::-1], r) for t, r in reversed(old)], [(t[::-1], r) for t, r in reversed(new)])
    total = max(row_width(old), row_width(new))
    return (left, total - right) if left < total - right else (0, total)


def _common(a: Row, b: Row) -> int:
    """Cells at the start in which two rows agree, in text and role."""
    cells = i = j = offset_a = offset_b = 0
    while i < len(a) and j < len(b):
        (text_a, role_a), (text_b, role_b) = a[i], b[j]
        if role_a != role_b:
            break
        rest_a, rest_b = text_a[offset_a:], text_b[offset_b:]
        n = min(len(rest_a), len(rest_b))
        if rest_a[:n] != rest_b[:n]:
            for x, y in zip(rest_a, rest_b, strict=False):
                if x != y:
                    break
                cells += char_width(x)
            break
        cells += width(rest_a[:n])
        offset_a, offset_b = offset_a + n, offset_b + n
        if offset_a == len(text_a):
            i, offset_a = i + 1, 0
        if offset_b == len(text_b):
            j, offset_b = j + 1, 0
    return cells
