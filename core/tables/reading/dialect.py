"""How a file parts its cells: delimiter and quotes, found from many lines at once, and where the table begins.

Each candidate parts the beginning of the file, quotes respected; the one wins whose lines agree best on their number of
cells and whose cells look most like numbers, dates and words of their own (the idea of van den Burg, Nazábal & Sutton
2019, doi:10.1007/s10618-019-00646-y). One line alone, a heading with commas in it, decides nothing.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ...errors import ConfigError
from .source import Source

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "space": " "}

_HEAD_BYTES = 1 << 20
_ROWS = 1000
_TYPED_ROWS = 200
_TYPED_CELLS = 40_000
_SURE = 0.85
_MAX_REMARKS = 100
_SEP = re.compile(r"\s*\"?sep=(.)\"?[,;\t ]*\s*", re.IGNORECASE)
_FOREIGN = re.compile(r"[;\t|\"]|,(?!\s\S)")
"""What a word does not hold where it is not quoted: a delimiter that nothing made one."""
_NUMBERISH = re.compile(r"[^\w,;|\t]{0,4}[0-9][0-9.,'’ \u00a0\u202f]*(?:[eE][-+]?[0-9]+)?\s?[^\d,;|\t]{0,8}")
_NUMBERS = re.compile(r"[-+]?[0-9.]+(?:\s+[-+]?[0-9.]+)+")
_LONGEST_CELL = 1 << 20


@dataclass(frozen=True)
class Dialect:
    """How one file parts its cells, and where its table begins."""

    delimiter: str
    """A name in `DELIMITERS`."""
    quotes: bool
    """Whether a quote at the beginning of a cell holds it together."""
    width: int
    """Cells of a row."""
    skipped: int
    """Lines before the first row: remarks, a title, `sep=`."""
    heading: tuple[str, ...]
    """A heading that stood in a remark ("# x, y, label"); () where there is none."""

    @property
    def mark(self) -> str:
        """The delimiter itself."""
        return DELIMITERS[self.delimiter]


@dataclass(frozen=True)
class Row:
    """One line parted, or several that a quote held together."""

    cells: list[str]
    line: int
    """Line of the file it ends on, from 1."""


def find_dialect(source: Source, delimiter: str = "auto") -> Dialect:
    """How a file parts its cells.

    Args:
        source: The file.
        delimiter: A name in `DELIMITERS`, or "auto".

    Raises:
        ConfigError: No delimiter makes a table of it.
    """
    text = source.head(_HEAD_BYTES)
    first = text.partition("\n")[0]
    said = _SEP.fullmatch(first.rstrip("\r"))
    names = [delimiter] if delimiter != "auto" else list(DELIMITERS)
    if said and delimiter == "auto" and said[1] in DELIMITERS.values():
        names = [name for name, mark in DELIMITERS.items() if mark == said[1]]
    best, best_score, best_rows = None, 0.0, list[Row]()  # in the order of DELIMITERS, blanks last
    for name in names:
        if (
            name == "space"
            and len(names) > 1
            and best_rows
            and best_score > _SURE * (_width(best_rows) - 1) / _width(best_rows)
        ):
            continue  # blanks stand between words too
        for quotes in (True, False) if '"' in text else (True,):
            rows = _sample(text, DELIMITERS[name], quotes)
            if name == "space" and best is not None and best[0] == "tab" and _width(rows) <= _width(best_rows):
                continue  # blanks are runs of tabs too, and make no more cells of them
            score = _score(rows)
            if score > best_score * 1.000001:
                best, best_score, best_rows = (name, quotes), score, rows
    if best is None:
        if not text.strip():
            raise ConfigError("is empty", file=source.file)
        raise ConfigError("has one column; inputs and a target are needed", file=source.file, line=1)
    width = _width(best_rows)
    skipped, heading = _beginning(best_rows, width, bool(said))
    return Dialect(best[0], best[1], width, skipped, heading)


def split_rows(lines: Iterable[str], mark: str, quotes: bool, first_line: int = 1) -> Iterator[Row]:
    """Rows of stripped cells; lines of nothing are left out.

    Args:
        lines: With their ends.
        mark: The delimiter.
        quotes: Whether quotes are respected.
        first_line: Number of the first line.

    Raises:
        csv.Error: A cell is longer than any may be.
    """
    csv.field_size_limit(_LONGEST_CELL)
    if mark == " ":
        lines = (line.replace("\t", " ").strip(" \r\n") + "\n" for line in lines)
    if quotes:
        reader = csv.reader(lines, delimiter=mark, skipinitialspace=True)
    else:
        reader = csv.reader(lines, delimiter=mark, skipinitialspace=True, quoting=csv.QUOTE_NONE)
    for cells in reader:
        if cells:
            yield Row([cell.strip() for cell in cells], first_line - 1 + reader.line_num)


def _sample(text: str, mark: str, quotes: bool) -> list[Row]:
    rows: list[Row] = []
    try:
        for row in split_rows(io.StringIO(text, newline=""), mark, quotes):
            rows.append(row)
            if len(rows) >= _ROWS:
                break
    except csv.Error:
        return []
    return rows


def _score(rows: list[Row]) -> float:
    """How much a way of parting makes a table: agreement of the widths times the share of cells that look like some."""
    if not rows:
        return 0.0
    widths = Counter(len(row.cells) for row in rows)
    width = _width(rows)
    if width < 2:
        return 0.0
    agreement = sum(count * (size - 1) / size for size, count in widths.items()) / len(widths) / len(rows)
    # A few odd lines (remarks, a footer) must not weigh like a broken table.
    agreement = max(agreement, widths[width] ** 3 / len(rows) ** 3 * (width - 1) / width)
    typed = [row for row in rows if len(row.cells) == width]
    typed = typed[:: max(1, len(typed) // _TYPED_ROWS)]
    cells = [cell for row in typed for cell in row.cells]
    cells = cells[:: max(1, len(cells) // _TYPED_CELLS)]
    runs = sum(cell.count("\n") > 20 for cell in cells)
    known = sum(map(_is_known, cells)) / len(cells)
    return agreement * known / (1 + runs)


def _is_known(cell: str) -> bool:
    if not cell or _NUMBERISH.fullmatch(cell):
        return _NUMBERS.fullmatch(cell) is None
    return _FOREIGN.search(cell) is None


def _width(rows: list[Row]) -> int:
    """The number of cells most rows have; the larger where two are as frequent."""
    widths = Counter(len(row.cells) for row in rows)
    return max(widths, key=lambda size: (widths[size], size), default=0)


def _beginning(rows: list[Row], width: int, said: bool) -> tuple[int, tuple[str, ...]]:
    """Lines before the table, and a heading found in the last remark."""
    remarks: list[Row] = []
    for row in rows[:_MAX_REMARKS]:
        following = rows[len(remarks) + 1].cells if len(remarks) + 1 < len(rows) else []
        if said and not remarks and row is rows[0]:
            remarks.append(row)
            continue
        if not _is_remark(row.cells, width, following):
            break
        remarks.append(row)
    skipped = remarks[-1].line if remarks else 0
    if remarks and remarks[-1].cells[0].startswith("#"):
        last = [remarks[-1].cells[0].lstrip("# "), *remarks[-1].cells[1:]]
        last = last[1:] if not last[0] and len(last) == width + 1 else last
        if len(last) == width and all(last) and not any(map(_NUMBERISH.fullmatch, last)):
            return skipped, tuple(last)
    return skipped, ()


def _is_remark(cells: list[str], width: int, following: list[str]) -> bool:
    """Whether a row at the beginning is no part of the table, but something written above it."""
    if cells[0].startswith("#"):
        rest = [cells[0].lstrip("# "), *cells[1:]]
        # "#id,name" over rows of data is a heading; "# measured in May" is a remark.
        return len(cells) != width or cells[0].startswith("# ") or any(map(_NUMBERISH.fullmatch, rest))
    filled = sum(map(bool, cells))
    if len(cells) == width:
        return bool(cells[0]) and filled == 1 and width > 2 and sum(map(bool, following)) >= width - 1
    beside = len(cells) in (width - 1, width + 1) and width > 2
    return not (beside and len(following) == width and filled >= width - 1)
