"""The page of one answer: a row field by field, or a picture pixel by pixel, and what the network says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from dltui.core.snapshot import Answer, AskField

from .bars import meter
from .cells import Row, fit_row
from .format import ellipsis, number, pad, percent, width, wrap
from .look import Look

WIDE = 64
"""Columns from which on the answer stands beside what is asked, and not below."""
NARROWEST_ANSWER, WIDEST_ANSWER = 26, 60
"""Columns of the answer beside."""
TOP = 2
"""Rows above a picture."""
_SHADES = " .:-=+*#%@"
_GAP, _STOP = 3, 8


@dataclass(frozen=True)
class AskedRow:
    """A row as it is typed."""

    fields: Sequence[AskField]
    cells: Mapping[str, str]
    """Field -> what is typed."""
    cursor: int = 0
    """Field in focus."""


@dataclass(frozen=True)
class AskedPicture:
    """A picture as it is drawn."""

    pixels: np.ndarray
    """float64 (height, width), 0 to 1."""
    cursor: tuple[int, int] = (0, 0)
    """Row and column of the pixel in focus."""


@dataclass(frozen=True)
class AnswerPage:
    """All that the page shows."""

    asked: AskedRow | AskedPicture | None
    """None before it is known what can be asked."""
    answer: Answer | None
    title: str = ""
    before: np.ndarray = field(default_factory=lambda: np.zeros(0))
    """The answer before the last change of what is asked; () where there is none."""
    keys: Sequence[tuple[str, str]] = ()


def answer_page(page: AnswerPage, columns: int, rows: int, look: Look | None = None) -> list[Row]:
    """The page in so many cells.

    Args:
        page: What it shows.
        columns: Width in cells.
        rows: Height in cells.
        look: What the terminal can show.
    """
    look = look or Look()
    if columns < 1 or rows < 1:
        return [[] for _ in range(max(rows, 0))]
    head: list[Row] = [[(page.title, "muted")], []][: max(rows - 1, 0)]
    room = rows - len(head)
    left, high = asked_room(columns, rows)
    if columns >= WIDE:
        beside = columns - left - _GAP
        asked, said = _asked(page, left, room, look), _said(page, beside, room, look)
        # The answer stands near what is asked, and does not move with every sign that is typed.
        used = min(-(-max(map(_used, asked), default=0) // _STOP) * _STOP, left)
        body = [
            [*fit_row(a, used, ""), (" " * _GAP, ""), *fit_row(b, beside)]
            for a, b in zip(_filled(asked, room), _filled(said, room), strict=True)
        ]
    else:
        said = _said(page, columns, room - high, look)
        body = [*_filled(_asked(page, columns, high, look), high), *said]
    return [fit_row(row, columns) for row in _filled([*head, *body], rows)]


def asked_room(columns: int, rows: int) -> tuple[int, int]:
    """Columns and rows that what is asked has of a page, below its first rows."""
    room = max(rows - TOP, 0)
    beside = min(max(columns // 3, NARROWEST_ANSWER), WIDEST_ANSWER)
    return (columns - beside - _GAP, room) if columns >= WIDE else (columns, room - min(max(room // 3, 1), room))


def _used(row: Row) -> int:
    """Cells of a row up to the last that is not empty, or that has a ground of its own."""
    n, last = 0, 0
    for text, role in row:
        n += width(text)
        last = n if " on " in role else last if not text.strip() else n - width(text) + width(text.rstrip())
    return last


def _filled(rows: list[Row], n: int) -> list[Row]:
    blank: Row = []
    return [*rows[:n], *[blank] * (n - len(rows))]


def _asked(page: AnswerPage, columns: int, rows: int, look: Look) -> list[Row]:
    if isinstance(page.asked, AskedRow):
        unread = page.answer.unread if page.answer is not None else {}
        return _fields(page.asked, unread, columns, rows, look)
    if isinstance(page.asked, AskedPicture):
        return picture_rows(page.asked, columns, rows, look)
    return [] if page.answer is not None else [[("asking …", "muted")]]


def _fields(asked: AskedRow, unread: Mapping[str, str], columns: int, rows: int, look: Look) -> list[Row]:
    """A line a field, those around the one in focus."""
    names = min(max((width(one.name) for one in asked.fields), default=1), 24)
    cells = max(min(max((width(asked.cells.get(one.name, "")) for one in asked.fields), default=1) + 1, 24), 8)
    first = min(max(asked.cursor - rows // 2, 0), max(len(asked.fields) - rows, 0))
    sign, caret = ("▶ ", "▏") if look.unicode else ("> ", "_")
    out: list[Row] = []
    for place in range(first, min(first + rows, len(asked.fields))):
        one, at = asked.fields[place], place == asked.cursor
        text = asked.cells.get(one.name, "")
        shown = (ellipsis(text[::-1], cells - 1)[::-1] if at else ellipsis(text, cells)) + (caret if at else "")
        row: Row = [(sign if at else "  ", "mark"), (pad(one.name, names) + "  ", "strong" if at else "")]
        row.append((pad(shown, cells) + "  ", "cursor" if at else "val" if text != one.example else ""))
        problem = unread.get(one.name, "")
        row.append((problem, "warn") if problem else (one.hint or ", ".join(one.words), "muted"))
        out.append(fit_row(row, columns))
    return out


def _said(page: AnswerPage, columns: int, rows: int, look: Look) -> list[Row]:
    """What the network says."""
    answer = page.answer
    if answer is None:
        return []
    if answer.problem:
        return [[(line, "bad")] for line in wrap(answer.problem, columns)][:rows]
    if not len(answer.outputs):
        return []
    if answer.task == "values":
        return _values(answer, page.before, columns, rows)
    return _classes(answer, columns, rows, look)


def _values(answer: Answer, before: np.ndarray, columns: int, rows: int) -> list[Row]:
    out: list[Row] = []
    for i, name in enumerate(answer.names):
        out.append([(ellipsis(name, columns), "muted")])
        change = float(answer.outputs[i] - before[i]) if len(before) == len(answer.outputs) else 0.0
        row: Row = [(number(float(answer.outputs[i]), 4), "output")]
        if abs(change) > 1e-9:
            sign = "+" if change > 0 else ""
            row.append((f"   {sign}{number(change)}", "positive" if change > 0 else "negative"))
        out.append(row)
    return out[:rows]


def _classes(answer: Answer, columns: int, rows: int, look: Look) -> list[Row]:
    """A bar a class, in the order of the classes; the likeliest ones where there is no room for all."""
    n = len(answer.names)
    order = np.arange(n) if n <= rows else np.argsort(-answer.outputs, kind="stable")[:rows]
    wide = min(max(width(answer.names[i]) for i in order), max(columns - 14, 4))
    best = int(answer.outputs.argmax())
    bar = max(min(columns - wide - 7, 40), 0)
    out: list[Row] = []
    for i in order:
        role = "output" if i == best else "muted"
        share = float(answer.outputs[i])
        name, part = pad(answer.names[i], wide), pad(percent(share), 5, "right")
        out.append([(f"{name} ", role), *meter(share, bar, look=look), (part, role)])
    return out


def scale_of(height: int, wide: int, columns: int, rows: int, look: Look) -> int:
    """Columns that a pixel takes, and twice the rows: 1 where each sign shows two pixels, else even."""
    smallest = 1 if look.shaded else 2
    fitting = [unit for unit in (16, 12, 10, 8, 6, 4, 2, 1) if wide * unit <= columns and height * unit <= 2 * rows]
    return max([unit for unit in fitting if unit >= smallest], default=smallest)


def pixel_at(shape: tuple[int, int], column: int, row: int, unit: int) -> tuple[int, int] | None:
    """The pixel at a cell of the drawing; None beside it."""
    place = (2 * row // unit, column // unit)
    inside = 0 <= place[0] < shape[0] and 0 <= place[1] < shape[1] and row >= 0 and column >= 0
    return place if inside else None


def picture_rows(asked: AskedPicture, columns: int, rows: int, look: Look) -> list[Row]:
    """The picture with the pixel in focus, as large as there is room for."""
    height, wide = asked.pixels.shape
    unit = scale_of(height, wide, columns, rows, look)
    out: list[Row] = []
    if unit == 1:
        for top in range(0, height, 2):
            out.append([("▀", _two(asked, top, x)) for x in range(wide)])
        return [fit_row(row, columns) for row in out[:rows]]
    for y in range(height):
        for part in range(unit // 2):
            row: Row = []
            for x in range(wide):
                at = (y, x) == asked.cursor and part == (unit // 2 - 1) // 2
                row.append(_cell(float(asked.pixels[y, x]), unit, at, look))
            out.append(row)
    return [fit_row(row, columns) for row in out[:rows]]


def _two(asked: AskedPicture, top: int, x: int) -> str:
    """The colors of two pixels one above the other."""
    height = len(asked.pixels)
    colors = []
    for y in (top, top + 1):
        value = float(asked.pixels[y, x]) if y < height else 0.0
        colors.append("#ffa032" if (y, x) == asked.cursor else _gray(value))
    return f"{colors[0]} on {colors[1]}"


def _cell(value: float, unit: int, at: bool, look: Look) -> tuple[str, str]:
    mark = "[" + " " * (unit - 2) + "]" if at else ""
    if look.shaded:
        ink = "#ffa032" if at else _gray(1.0 - value)
        return (mark or " " * unit, f"{ink} on {_gray(value)}")
    shade = _SHADES[min(int(value * len(_SHADES)), len(_SHADES) - 1)] if value else "."
    return (mark[:1] + shade * (unit - 2) + mark[-1:] if at else shade * unit, "strong" if value > 0.5 else "muted")


def _gray(value: float) -> str:
    level = round(24 + 231 * min(max(value, 0.0), 1.0))
    return f"#{level:02x}{level:02x}{level:02x}"
