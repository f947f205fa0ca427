"""Tables: columns that give way in order of rank when room lacks, and the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from . import colors
from .cells import Row, center_rows, fit_row, message, row_width
from .format import ellipsis, pad, percent, width
from .look import Look


@dataclass(frozen=True)
class TableColumn:
    """One column of a table."""

    title: str
    rank: int
    """Columns of a high rank are left out first; 0 never."""
    align: str = "left"
    least: int = 0
    """Smallest width in cells."""


def table(columns: int, rows: int, heads: Sequence[TableColumn], lines: Sequence[Sequence[Row]]) -> list[Row]:
    """Lines of cells under their titles, as many as there is room for.

    Args:
        columns: Width in cells.
        rows: Height in cells.
        heads: The columns.
        lines: For each line one short row of spans for each column.
    """
    if columns < 1 or rows < 1:
        return [[] for _ in range(max(rows, 0))]
    wide = [
        max([width(head.title), head.least, *(row_width(line[i]) for line in lines)]) for i, head in enumerate(heads)
    ]
    kept = list(range(len(heads)))
    while sum(wide[i] + 2 for i in kept) - 2 > columns and any(heads[i].rank for i in kept):
        kept.remove(max(kept, key=lambda i: (heads[i].rank, i)))
    out: list[Row] = []
    if rows > 1:
        out.append(_line(columns, [[(pad(heads[i].title, wide[i], heads[i].align), "head")] for i in kept]))
    room = rows - len(out)
    shown = list(lines[: room if len(lines) <= room else max(room - 1, 1)])
    for line in shown:
        out.append(_line(columns, [_align(line[i], wide[i], heads[i].align) for i in kept]))
    if len(shown) < len(lines) and len(out) < rows:
        out.append(fit_row([(f"… {len(lines) - len(shown)} more", "muted")], columns))
    return [*out, *[[(" " * columns, "")]] * (rows - len(out))]


def _align(cell: Row, wide: int, align: str) -> Row:
    space = wide - row_width(cell)
    if space <= 0:
        return fit_row(cell, wide)
    return [(" " * space, ""), *cell] if align == "right" else [*cell, (" " * space, "")]


def _line(columns: int, cells: Sequence[Row]) -> Row:
    line: Row = []
    for i, cell in enumerate(cells):
        line += [("  ", ""), *cell] if i else cell
    return fit_row(line, columns)


TALLEST = 5
"""Most rows of a cell of the confusion matrix."""


def confusion(
    columns: int, rows: int, counts: np.ndarray, names: Sequence[str], *, look: Look | None = None
) -> list[Row]:
    """True classes down, predicted ones across; right answers blue, wrong ones orange, the stronger the more frequent.

    Args:
        columns: Width in cells.
        rows: Height in cells.
        counts: (n, n): rows are true, columns predicted.
        names: Of the classes.
        look: What the terminal can show.
    """
    look = look or Look()
    n = len(counts)
    if columns < 1 or rows < 1:
        return [[] for _ in range(max(rows, 0))]
    if n == 0:
        return message("no answers yet", columns, rows)
    totals = counts.sum(axis=1)
    shares = counts / np.maximum(totals, 1)[:, None]
    digits = max(width(str(int(counts.max(initial=0)))), 1)
    label = min(max(map(width, names), default=1), max(columns // 4, 1))
    widest = max(digits, min(max(map(width, names), default=1), 9))
    room = columns - label - 1 - (5 if columns >= 24 else 0)
    tall = min(max((rows - 1) // n, 1), TALLEST)
    cell = max(min(room // n, max(widest + 2, 2 * tall + 2 if tall > 1 else 0)), 1)
    shown = min(n, max(room // cell, 1), max(rows - 1, 1))
    out: list[Row] = []
    recall = columns >= 24
    margin = " " * (label + 1)
    titles = [_entry(ellipsis(names[j], max(cell - 1, 1)), cell) for j in range(shown)]
    if rows > shown:
        last = ("  hit ", "muted") if recall else ("", "")
        out.append([(margin, ""), ("".join(titles), "head"), last])
    for i in range(shown):
        row: Row = [(pad(names[i], label, "right") + " ", "head")]
        blank: Row = [(margin, "")]
        rest = tall if n * tall < rows else 1
        for j in range(shown):
            role = _shade(float(shares[i, j]), i == j, look)
            text = str(int(counts[i, j])) if counts[i, j] else ("·" if look.unicode else ".")
            if width(text) > cell:
                text = "#"
            row.append((_entry(text, cell), role))
            blank.append((" " * cell, role))
        if recall:
            row.append((pad(percent(float(shares[i, i]) if totals[i] else float("nan")), 5, "right"), "muted"))
            blank.append((" " * 5, ""))
        # The numbers stand in the middle of cells that are several rows high.
        out += [*[blank] * ((rest - 1) // 2), row, *[blank] * (rest // 2)]
    if shown < n and len(out) < rows:
        out.append([(f"… {n} classes", "muted")])
    return center_rows([fit_row(r, max(row_width(x) for x in out)) for r in out], columns, rows)


def _entry(text: str, cell: int) -> str:
    """A text in a cell: in the middle of a wide one, else at the right, with a space after it where there is room."""
    if cell >= 8:
        return " " * ((cell - width(text)) // 2) + text + " " * (cell - width(text) - (cell - width(text)) // 2)
    return pad(text, cell, "right") if cell < 3 else pad(text, cell - 1, "right") + " "


def _shade(share: float, right: bool, look: Look) -> str:
    if share == 0:
        return "faint"
    if not look.shaded:
        return ("positive" if right else "negative") if look.color else "strong" if right else "mark"
    strength = 0.25 + 0.75 * share if right else min(0.35 + 1.5 * share, 1.0)
    back = colors.hex_color(colors.diverging(np.asarray(strength if right else -strength), look.dark))
    return f"{'#f4f6fa' if look.dark else '#101318'} on {back}"
