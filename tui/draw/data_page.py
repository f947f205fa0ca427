"""The page of a table: what was found in it, what will be done with each column, and what was chosen otherwise."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from dltui.core.tables.findings import ColumnFinding, Findings
from dltui.core.tables.report import will_be_done

from .bars import EIGHTHS, meter
from .cells import Row, fit_row, message, row_width
from .format import count, ellipsis, pad, percent, width, wrap
from .look import Look

LEAST_SHAPE, TALLEST_SHAPE = 8, 14
"""Rows from which on the shape of the column in focus is drawn larger, and most rows it takes."""
LOWEST_TABLE = 4
"""Rows that the table of columns has at least, its heading included."""
WIDEST_NAME, WIDEST_VALUES, WIDEST_WILL = 24, 44, 60
_LEAST: Mapping[int, int] = {6: 14, 3: 12, 0: 14}
"""Columns that are cut where room lacks, all told in full below, and the cells that they keep."""
_CUTS = ((6, 30), (3, 30), (6, 20), (3, 20), (6, 14), (3, 12), (0, 18), (0, 14))
"""Which are cut to how many cells, one after the other."""
_ASCII_EIGHTHS = " .:-=+*#@"


@dataclass(frozen=True)
class DataPage:
    """All that the page shows."""

    findings: Findings | None
    """None before the file was read."""
    title: str
    """Name of the file."""
    cursor: int = 0
    """Column in focus."""
    scalers: tuple[str, str] = ("", "")
    """Of the inputs and of the target."""
    kinds: Mapping[str, str] = field(default_factory=dict)
    """Column -> kind that was chosen for it."""
    fills: Mapping[str, str] = field(default_factory=dict)
    dropped: Collection[str] = ()
    target: str = ""
    """The target that was chosen; "" where none was."""
    task: str = ""
    """"classes" or "values" where it was chosen."""
    problem: str = ""
    """Why what was chosen cannot be; "" where it can."""
    busy: str = ""
    """What is being done; "" for nothing."""
    keys: Sequence[tuple[str, str]] = ()
    """Keys and what they do."""
    lines: Sequence[str] = ()
    """Lines of the file in place of the columns; () for the columns."""
    first_line: int = 0
    preview: Sequence[str] = ()
    """First lines of the file, shown where there is room."""


def data_page(page: DataPage, columns: int, rows: int, look: Look | None = None) -> list[Row]:
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
    foot = _foot(page, columns, max(rows // 6, 1))[: max(rows - 1, 0)]
    if page.lines:
        body = _file_lines(page, columns, rows - len(foot))
    elif page.findings is None:
        body = message("" if page.problem else page.busy or "nothing was read yet", columns, rows - len(foot))
    else:
        body = _body(page, page.findings, columns, rows - len(foot), look)
    body = body[: rows - len(foot)]
    blank: Row = [(" " * columns, "")]
    return [fit_row(row, columns) for row in [*body, *[blank] * (rows - len(foot) - len(body)), *foot]]


def _body(page: DataPage, found: Findings, columns: int, rows: int, look: Look) -> list[Row]:
    head = _head(page, found, columns)
    detail = _detail(page, found, columns)
    notes = _notes(found, columns)
    needed = 1 + len(found.columns)
    if rows < len(head) + LOWEST_TABLE:
        head = head[: max(rows - LOWEST_TABLE, 0)]
    room = rows - len(head)
    detail = detail[: max(room - min(needed, LOWEST_TABLE) - 1, 0)]
    table_rows = min(needed, max(room - (len(detail) + 1 if detail else 0), 1))
    left = room - table_rows - (len(detail) + 1 if detail else 0)
    below = [[], *detail] if detail else []
    notes = [[], *notes][:left] if left > 1 else []
    rest = _rest(page, found, columns, left - len(notes), look)
    return [*head, *_table(page, found, columns, table_rows, look), *below, *notes, *rest]


def _rest(page: DataPage, found: Findings, columns: int, rows: int, look: Look) -> list[Row]:
    """What there is room for besides: the shape of the column in focus, larger, and the first lines of the file."""
    out: list[Row] = []
    if rows >= LEAST_SHAPE and page.cursor < len(found.columns):
        out = _large_shape(found.columns[page.cursor], columns, min(rows // 2, TALLEST_SHAPE), look)
    left = rows - len(out) - 2
    if page.preview and left >= 3:
        lines: list[Row] = [[(line, "muted")] for line in page.preview[: left - 1]]
        out = [*out, [], [("as it stands in the file", "head")], *lines]
    return out


def _large_shape(column: ColumnFinding, columns: int, rows: int, look: Look) -> list[Row]:
    """The rows in each part of a column's range, or of its most frequent words, as upright bars."""
    n, tall = len(column.bars), rows - 3
    if not n or tall < 1:
        return []
    wide = max(min((columns - 2) // n, 6), 1)
    top = max(*column.bars, 1)
    signs = EIGHTHS if look.unicode else _ASCII_EIGHTHS
    out: list[Row] = [[]]
    for row in range(tall):
        text = ""
        for one in column.bars:
            eighths = min(max(round(8 * tall * one / top) - 8 * (tall - 1 - row), 0), 8)
            text += signs[eighths] * max(wide - 1, 1) + " " * (wide > 1)
        out.append([("  ", ""), (text, "train")])
    low, parted, high = column.values.partition(" … ")
    if parted and len(low) + len(high) < n * wide:
        out.append([("  ", ""), (low + " " * (n * wide - 1 - len(low) - len(high)) + high, "muted")])
    most = f"most rows in one bar: {count(top)}"
    out.append([("  ", ""), (most, "muted")])
    return out


def _head(page: DataPage, found: Findings, columns: int) -> list[Row]:
    """What the file is, what is predicted and why, and which rows are for what."""
    heading = "with a heading" if found.has_header else "without a heading"
    what = f"{count(found.n_rows)} rows, {len(found.columns)} columns, {heading} · {found.encoding}, {found.delimiter}"
    lost = found.n_rows - found.n_used
    split = f"{count(found.n_train)} rows to learn from, {count(found.n_val)} to judge by"
    if found.n_used:
        split += f" ({percent(found.n_val / found.n_used)})"
    if lost > 0:
        split += f", {count(lost)} left out"
    split += f" · {found.n_inputs} inputs" if found.n_inputs != 1 else " · 1 input"
    scaled = f" · numbers: {page.scalers[0]}" if page.scalers[0] else ""
    if found.task == "values" and page.scalers[1]:
        scaled += f", target: {page.scalers[1]}"
    rows: list[Row] = [fit_row([(page.title, "strong"), (f"  {what}", "muted")], columns)]
    predicted: Row = [("predicts ", "muted"), (found.target, "mark"), (f" as {found.task}", "strong")]
    rows += _with_tail(predicted, f": {found.target_reason} · {found.task_reason}", "muted", columns)
    rows += _with_tail([(split, "")], scaled, "", columns)
    if found.classes:
        rows.append([("classes  ", "muted"), (_classes(found.classes, columns - 9), "")])
    return [*rows, []]


def _with_tail(row: Row, tail: str, role: str, columns: int) -> list[Row]:
    """A row with a text behind it, or below it where there is no room."""
    if row_width(row) + width(tail) <= columns:
        return [[*row, (tail, role)]]
    return [row, *[[("  ", ""), (line, role)] for line in wrap(tail.strip(" :·"), max(columns - 2, 8))]]


def _classes(classes: Mapping[str, int], room: int) -> str:
    text = ""
    for i, (name, n) in enumerate(classes.items()):
        item = f"{', ' if text else ''}{name} {count(n)}"
        if width(text + item) > room - 12 and i < len(classes) - 1:
            return f"{text} and {len(classes) - i} more"
        text += item
    return text


def _table(page: DataPage, found: Findings, columns: int, rows: int, look: Look) -> list[Row]:
    """The columns around the cursor, a line each; what tells least gives way where room lacks."""
    some = f" {page.cursor + 1}/{len(found.columns)}" if len(found.columns) > rows - 1 else ""
    heads = (f"column{some}", "type", "missing", "values", "shape", "tells", "what is done")
    lines = [_line(page, column, i, look) for i, column in enumerate(found.columns)]
    wide = [max(width(head), *(row_width(line[i]) for line in lines)) for i, head in enumerate(heads)]
    kept = _kept(wide, columns - 2)
    over = sum(wide[i] + 2 for i in kept) - 2 - (columns - 2)
    for i, least in [(place, least) for place, least in _CUTS if place in kept]:
        cut = max(min(over, wide[i] - least), 0)
        wide[i], over = wide[i] - cut, over - cut
    titles: Row = [("  ", "")]
    for i in kept:
        titles += [("  ", "")] * (i > 0) + [(pad(heads[i], wide[i], "right" if i == 2 else "left"), "head")]
    shown = max(rows - 1, 0)
    first = min(max(page.cursor - shown // 2, 0), max(len(lines) - shown, 0))
    out = [titles] if rows > 1 else []
    sign = "▶ " if look.unicode else "> "
    for place in range(first, min(first + max(shown, 1), len(lines))):
        at = place == page.cursor
        row: Row = [(sign if at else "  ", "mark")]
        for i in kept:
            row += [("  ", "")] * (i > 0) + _cell(lines[place][i], wide[i], i == 2, at and i == 0)
        out.append(row)
    return out


def _kept(wide: Sequence[int], columns: int) -> list[int]:
    """Which columns of the table there is room for."""
    kept = list(range(len(wide)))
    least = [min(one, _LEAST.get(i, one)) for i, one in enumerate(wide)]
    for gone in (6, 3, 4, 2, 5):
        if sum(least[i] + 2 for i in kept) - 2 <= columns:
            break
        kept.remove(gone)
    return kept


def _cell(cell: Row, wide: int, right: bool, strong: bool) -> Row:
    cell = [(text, "strong") for text, _ in cell] if strong else cell
    space = wide - row_width(cell)
    if space < 0:
        return fit_row(cell, wide)
    return [(" " * space, ""), *cell] if right else [*cell, (" " * space, "")]


def _line(page: DataPage, column: ColumnFinding, place: int, look: Look) -> list[Row]:
    out = column.role == "left out"
    role = "faint" if out and look.color else "muted" if out else ""
    name_role = "mark" if column.role == "target" else role
    chosen = page.kinds.get(column.name, "")
    kind = chosen or column.kind
    unit = f" {column.unit}" if column.unit else ""
    target = page.target or page.findings.target if page.findings is not None else ""
    will = "left out as asked" if column.name in page.dropped else will_be_done(column, page.scalers[0])
    if will == "left out" and column.reason:
        will = f"left out: {column.reason}"
    if column.name == target and column.role != "target":
        will, name_role = "to be predicted", "mark"
    tells: Row = (
        []
        if math.isnan(column.relation)
        else [*meter(column.relation, 5, look=look), (f" {column.relation:.2f}", role)]
    )
    return [
        [(ellipsis(column.name, WIDEST_NAME), name_role)],
        [(kind + unit, "val" if chosen else role), *([(" chosen", "muted")] if chosen else [])],
        [(count(column.n_missing) if column.n_missing else "", "warn" if column.n_missing else role)],
        [(ellipsis(column.values, WIDEST_VALUES), role)],
        [(_shape(column.bars, look), "faint" if out else "train")],
        tells,
        [(ellipsis(will, WIDEST_WILL), role or "muted")],
    ]


def _shape(bars: Sequence[int], look: Look) -> str:
    top = max(bars, default=0)
    signs = EIGHTHS if look.unicode else _ASCII_EIGHTHS
    return "".join(signs[math.ceil(8 * one / top)] if top else " " for one in bars)


def _detail(page: DataPage, found: Findings, columns: int) -> list[Row]:
    """All that is known of the column in focus."""
    if not 0 <= page.cursor < len(found.columns):
        return []
    column = found.columns[page.cursor]
    parts = [f"{column.kind}" + (f": {column.reason}" if column.reason else "")]
    parts.append(column.values)
    if column.n_missing:
        parts.append(f"{count(column.n_missing)} missing ({percent(column.n_missing / max(found.n_rows, 1))})")
    if column.n_strange:
        parts.append(
            f"{count(column.n_strange)} cells that are no {column.kind}, as {column.strange}, count as missing"
        )
    fill = page.fills.get(column.name, "")
    parts.append(column.will + (f" (filled by: {fill}, chosen)" if fill else ""))
    text = " · ".join(part for part in parts if part)
    head = f"{ellipsis(column.name, WIDEST_NAME)}  "
    lines = wrap(text, max(columns - width(head), 8))
    return [[(head if i == 0 else " " * width(head), "strong"), (line, "")] for i, line in enumerate(lines[:4])]


def _notes(found: Findings, columns: int) -> list[Row]:
    """What a person should know beside what the lines say; first what is about all of the table."""
    said = ("the target is", "learned as")
    notes = [note for note in found.notes if not note.startswith(said) and " is left out: " not in note]
    rows: list[Row] = []
    for note in notes:
        for i, line in enumerate(wrap(note, max(columns - 2, 8))):
            rows.append([("· " if i == 0 else "  ", "muted"), (line, "muted")])
    return rows


def _file_lines(page: DataPage, columns: int, rows: int) -> list[Row]:
    """The lines of the file as they stand there."""
    last = min(page.first_line + max(rows - 1, 0), len(page.lines))
    digits = len(str(last))
    head: Row = [
        (page.title, "strong"),
        (f"  lines {page.first_line + 1} to {last}, as they stand in the file", "muted"),
    ]
    shown = [
        [(pad(str(i + 1), digits, "right") + "  ", "muted"), (page.lines[i], "")] for i in range(page.first_line, last)
    ]
    return [fit_row(row, columns) for row in [head, *shown]]


def _foot(page: DataPage, columns: int, most: int) -> list[Row]:
    """Why something cannot be, and the keys."""
    rows: list[Row] = []
    if page.problem:
        rows += [
            [("✗ " if i == 0 else "  ", "bad"), (line, "bad")]
            for i, line in enumerate(wrap(page.problem, columns - 2)[:3])
        ]
    elif page.busy and page.findings is not None:
        rows.append([(page.busy, "muted")])
    return [*rows, *key_rows(page.keys, columns)[:most]]


def key_rows(keys: Sequence[tuple[str, str]], columns: int) -> list[Row]:
    """Keys and what they do, in as many rows as they need."""
    rows: list[Row] = []
    row: Row = []
    for key, word in keys:
        item: Row = [(key, "strong"), (f" {word}", "muted")]
        if row and row_width(row) + 3 + row_width(item) > columns:
            rows.append(row)
            row = []
        row += [("   ", ""), *item] if row else item
    return [fit_row(one, columns) for one in ([*rows, row] if row else rows)]
