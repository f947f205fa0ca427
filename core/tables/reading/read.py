"""A file of text as columns of cells: every row is looked at, what does not fit is counted and said.

Two forms keep a large table small: a column whose cells are plain numbers is held as numbers, any other as the
different texts it holds and which of them stands where. What a column means is decided elsewhere (`kinds.py`).
"""

from __future__ import annotations

import csv
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import numpy as np

from ...errors import ConfigError
from ...text import safe_text
from .dialect import Dialect, Row, find_dialect, split_rows
from .header import column_names, has_header, normal_name
from .progress import report
from .source import Source, read_source, source_of

MAX_COLUMNS = 1 << 16
MAX_CELLS = 1 << 26
MIN_ROWS = 4
MAX_ODD_SHARE = 0.05
"""Share of rows with too many cells from which on the whole is no table."""

_PIECE_CELLS = 1 << 17
_AS_TEXT = 1 << 21
"""Tables of fewer cells are held as texts throughout, so that a number keeps the form it was written in."""
_FEW_LINES = 4
"""So many lines in one quote are looked at: are they rows themselves?"""
_LONGEST_ROW = 500
"""Most lines that one quote may hold together."""


@dataclass(frozen=True, eq=False)
class Cells:
    """One column as it stands in the file."""

    name: str
    """Whole, different from all others of the table."""
    number: int
    """Its place in a line, from 1."""
    texts: tuple[str, ...]
    """The different texts it holds, blanks around them taken off."""
    codes: np.ndarray
    """int32 (n,): which of the texts stands in each row; -1 where `values` has its number. () if all are numbers."""
    values: np.ndarray | None = None
    """float64 (n,): the plain numbers, NaN elsewhere; None where all cells are held as texts."""

    def text_at(self, row: int) -> str:
        """The cell of a row, for a message."""
        code = int(self.codes[row]) if self.codes.size else -1
        if code >= 0:
            return self.texts[code]
        assert self.values is not None
        return f"{self.values[row]:.12g}"

    def all_texts(self) -> Cells:
        """The same with every cell as a text, for columns whose numbers turn out to be names."""
        if self.values is None:
            return self
        numbers, where = np.unique(self.values, return_inverse=True)
        words = [f"{number:.12g}" for number in numbers]
        codes = where.astype(np.int32) + len(self.texts)
        if self.codes.size:
            codes = np.where(self.codes >= 0, self.codes, codes)
        return Cells(self.name, self.number, (*self.texts, *words), codes)


@dataclass(frozen=True, eq=False)
class RawTable:
    """A table as read, every row as wide as the others."""

    file: str
    """Its path, safe to show."""
    columns: tuple[Cells, ...]
    lines: np.ndarray
    """int64 (n,): line of the file each row ends on."""
    encoding: str
    delimiter: str
    """A name in `DELIMITERS`."""
    has_header: bool
    notes: tuple[str, ...] = ()
    """What was left out or done on the way, a sentence each."""

    @property
    def n_rows(self) -> int:
        """Rows."""
        return len(self.lines)


class _Gathering:
    """One column while its rows come in, in arrays that are as long as the file has lines from the beginning.

    The system gives memory where something is written, so that rows that never come cost nothing; pieces joined at the
    end would be there twice.

    Args:
        as_numbers: Whether its cells seem to be plain numbers, to be held as such.
        room: Rows there may be.
    """

    def __init__(self, as_numbers: bool, room: int) -> None:
        self._index: dict[str, int] = {}
        self._room, self._n = room, 0
        self._values = np.empty(room, np.float64) if as_numbers else None
        self._codes = None if as_numbers else np.empty(room, np.int32)

    @property
    def as_numbers(self) -> bool:
        """Whether plain numbers are held as such."""
        return self._values is not None

    def take(self, cells: Sequence[Any]) -> None:
        """The cells of further rows: texts, or all of them finite numbers."""
        rows = slice(self._n, self._n + len(cells))
        self._n = rows.stop
        if self._values is None:
            assert self._codes is not None
            index = self._index
            stripped = (index.setdefault(cell.strip(), len(index)) for cell in cells)
            self._codes[rows] = np.fromiter(stripped, np.int32, len(cells))
            return
        numbers = cells if isinstance(cells, np.ndarray) else _as_numbers(cells)
        if numbers is None:
            self._take_mixed([cell.strip() for cell in cells], rows)
            return
        self._values[rows] = numbers
        if self._codes is not None:
            self._codes[rows] = -1

    def _take_mixed(self, cells: list[str], rows: slice) -> None:
        assert self._values is not None
        numbers, codes = np.full(len(cells), np.nan), np.full(len(cells), -1, np.int32)
        for i, cell in enumerate(cells):
            try:
                numbers[i] = float(cell)
            except ValueError:
                codes[i] = self._index.setdefault(cell, len(self._index))
        strange = ~np.isfinite(numbers) & (codes < 0)
        for place in np.flatnonzero(strange):
            numbers[place] = np.nan
            codes[place] = self._index.setdefault(cells[place], len(self._index))
        if self._codes is None:
            self._codes = np.empty(self._room, np.int32)
            self._codes[: rows.start] = -1
        self._values[rows], self._codes[rows] = numbers, codes

    def finish(self, name: str, number: int) -> Cells:
        """The whole column."""
        codes = np.empty(0, np.int32) if self._codes is None else self._codes[: self._n]
        values = None if self._values is None else self._values[: self._n]
        return Cells(name, number, tuple(self._index), codes, values)


def _as_numbers(cells: Sequence[str]) -> np.ndarray | None:
    """Texts as float64; None where one is no finite number."""
    try:
        numbers = np.fromiter(map(float, cells), np.float64, len(cells))
    except ValueError:
        return None
    return numbers if np.isfinite(numbers).all() else None


def read_table(
    path: str | os.PathLike[str],
    delimiter: str = "auto",
    header: str = "auto",
    least: int = MIN_ROWS,
    known: Collection[str] = (),
) -> RawTable:
    """The table in a file of text, gzipped or not, whatever its encoding.

    Args:
        path: The file.
        delimiter: A name in `DELIMITERS`, or "auto".
        header: Whether the first row holds names: "yes", "no" or "auto".
        least: Rows there must be.
        known: Names of columns; a first row that holds most of them is a heading.

    Raises:
        ConfigError: It is no table; names file, line and column.
    """
    source = read_source(path)
    return table_of(source, find_dialect(source, delimiter), header, least, known)


def read_table_of(data: bytes, file: str, least: int = MIN_ROWS, known: Collection[str] = ()) -> RawTable:
    """The same from the content of a file, called `file` in messages."""
    source = source_of(data, file)
    return table_of(source, find_dialect(source), least=least, known=known)


def table_of(
    source: Source,
    dialect: Dialect,
    header: str = "auto",
    least: int = MIN_ROWS,
    known: Collection[str] = (),
) -> RawTable:
    """The table in a source that is parted so."""
    if dialect.width > MAX_COLUMNS:
        raise ConfigError(f"has {dialect.width} columns", file=source.file, allowed=f"at most {MAX_COLUMNS}")
    rows = _Rows(source, dialect)
    head = list(islice((row for row in rows.one_by_one() if not _is_empty(row)), 500))
    if known and head and header == "auto":
        named = sum(normal_name(cell) in known for cell in head[0].cells)
        header = "yes" if 2 * named > len(head[0].cells) else header
    given, first = _heading(head, dialect, header)
    names, doubled = column_names(given)
    large = len(source.data) * dialect.width > 0 and _n_cells(source, dialect) > _AS_TEXT
    body = _Rows(source, dialect)
    gatherings = [
        _Gathering(
            large and _is_numeric([row.cells[i] for row in head[first:] if len(row.cells) == dialect.width]), body.most
        )
        for i in range(dialect.width)
    ]
    lines: list[np.ndarray] = []
    skip = head[0].line if first else dialect.skipped
    for cells, ends in body.pieces(skip, all(gathering.as_numbers for gathering in gatherings)):
        for gathering, column in zip(gatherings, cells, strict=True):
            gathering.take(column)
        lines.append(ends)
    report(1.0)
    n = sum(map(len, lines))
    if n < least:
        raise ConfigError(f"has {n} rows of data", file=source.file, allowed=f"at least {least}")
    columns = [gathering.finish(name, i + 1) for i, (name, gathering) in enumerate(zip(names, gatherings, strict=True))]
    kept = tuple(column for column, name in zip(columns, given, strict=True) if name or not _is_blank(column))
    notes = [*doubled, *body.notes()]
    if len(kept) < len(columns):
        notes.append(f"{_counted(len(columns) - len(kept), 'column')} without name and content left out")
    if len(kept) < 2:
        raise ConfigError("has one column; inputs and a target are needed", file=source.file)
    named = bool(first) or bool(dialect.heading)
    return RawTable(
        source.file, kept, np.concatenate(lines), source.encoding, dialect.delimiter, named, tuple(notes)
    )  # fmt: skip


def table_of_rows(rows: Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Any]]) -> RawTable:
    """The same from rows in Python: a list of dicts, or a dict of columns; None and NaN are missing cells."""
    if isinstance(rows, Mapping):
        columns = {str(name): list(cells) for name, cells in rows.items()}
    else:
        names = dict.fromkeys(str(name) for row in rows for name in row)
        columns = {name: [row.get(name) for row in rows] for name in names}
    lengths = {len(cells) for cells in columns.values()}
    if len(lengths) != 1:
        raise ConfigError("has columns of different lengths", field="rows", value=sorted(lengths))
    made = []
    for number, (name, cells) in enumerate(columns.items(), 1):
        gathering = _Gathering(False, len(cells))
        gathering.take(["" if cell is None else str(cell) for cell in cells])
        made.append(gathering.finish(normal_name(name), number))
    return RawTable("rows", tuple(made), np.arange(1, lengths.pop() + 1), "utf-8", "comma", True)


def _heading(head: list[Row], dialect: Dialect, header: str) -> tuple[list[str], int]:
    """The names that stand in the heading, "" where none does, and the number of rows they take: 0 or 1."""
    width = dialect.width
    if dialect.heading and header != "no":
        return list(dialect.heading), 0
    if not head or header == "no":
        return [""] * width, 0
    cells, below = head[0].cells, [row.cells for row in head[1:] if len(row.cells) == width]
    if len(cells) == width - 1 and below and len(cells) > 1:
        # One name too few: the names of the rows have none (R), or each row ends with a delimiter.
        last_is_empty = not any(row[-1] for row in below)
        cells = [*cells, ""] if last_is_empty else ["", *cells]
    elif len(cells) != width:
        cells = (cells + [""] * width)[:width]
    if header == "yes" or has_header(cells, below):
        return cells, 1
    return [""] * width, 0


class _Rows:
    """Goes through the rows of a source once, in pieces, and keeps count of what does not fit.

    Args:
        source: The file.
        dialect: How it is parted.
    """

    def __init__(self, source: Source, dialect: Dialect) -> None:
        self._source, self._dialect = source, dialect
        self._n_odd, self._first_odd, self._n_short, self._n_remarks, self._n_cells = 0, 0, 0, 0, 0
        self._n_rows = 0
        ends = source.data.count(b"\n"), source.data.count(b"\r")
        self._n_lines = max(ends) + 1
        n_piece = max(1, _PIECE_CELLS // dialect.width)
        self.most = min(sum(ends) + 1, MAX_CELLS // dialect.width + n_piece)
        """Rows that can be taken before there are too many."""

    def one_by_one(self) -> Iterator[Row]:
        """The rows from the first of the table on, as they are."""
        lines = islice(self._source.lines(), self._dialect.skipped, None)
        try:
            yield from split_rows(lines, self._dialect.mark, self._dialect.quotes, self._dialect.skipped + 1)
        except csv.Error as error:
            raise self._broken(error, self._dialect.skipped + 1) from error

    def pieces(self, skip: int, all_numbers: bool) -> Iterator[tuple[Sequence[Any], np.ndarray]]:
        """Columns of cells, or of numbers, and the lines their rows end on, piece by piece.

        Args:
            skip: Lines before the first row of data.
            all_numbers: Whether the table seems to hold nothing but plain numbers; NumPy's reader is tried then.
        """
        width, lines, done = self._dialect.width, self._source.lines(), skip
        for _ in islice(lines, skip):
            pass
        n_lines = max(1, _PIECE_CELLS // width)
        while piece := list(islice(lines, n_lines)):
            columns: Sequence[Any] | None = self._numbers(piece) if all_numbers else None
            if columns is None:
                columns = self._whole(piece)
            if columns is not None:
                ends = np.arange(done + 1, done + 1 + len(piece))
                done += len(piece)
            else:
                columns, ends, done = self._mixed(piece, lines, done)
            self._n_rows += len(ends)
            self._n_cells += width * len(ends)
            if self._n_cells > MAX_CELLS:
                raise ConfigError("has too many cells", file=self._source.file, allowed=f"at most {MAX_CELLS}")
            report(done / max(1, self._n_lines))
            if len(ends):
                yield columns, ends
        if self._n_odd > max(1.0, MAX_ODD_SHARE * (self._n_rows + self._n_odd)):
            problem = f"has more cells than the {width} that belong, as {self._n_odd - 1} more lines"
            raise ConfigError(problem, file=self._source.file, line=self._first_odd)

    def _numbers(self, piece: list[str]) -> Sequence[np.ndarray] | None:
        """The columns of lines that hold finite plain numbers alone; None where one holds anything else."""
        if not piece[0].strip():
            return None
        try:
            block = np.loadtxt(piece, delimiter=self._dialect.mark.strip(" ") or None, comments=None, ndmin=2)
        except ValueError:
            return None
        fits = block.shape == (len(piece), self._dialect.width) and np.isfinite(block).all()
        return list(block.T) if fits else None

    def _whole(self, piece: list[str]) -> Sequence[Sequence[str]] | None:
        """The columns of lines that hold exactly their cells and nothing else; None where one does not."""
        mark, width = self._dialect.mark, self._dialect.width
        text = "".join(piece)
        if mark == " " or '"' in text or "\n#" in text or text[0] == "#":
            return None
        blank = f"{mark} \r\n"
        if any(line.count(mark) != width - 1 or not line.strip(blank) for line in piece):
            return None
        flat = text.rstrip("\r\n").replace("\r\n", mark).replace("\n", mark).replace("\r", mark).split(mark)
        return [flat[i::width] for i in range(width)]

    def _mixed(
        self, piece: list[str], lines: Iterator[str], done: int
    ) -> tuple[Sequence[Sequence[str]], np.ndarray, int]:
        """The columns of lines read one by one; a quote may hold further lines."""
        rows: list[list[str]] = []
        ends: list[int] = []
        width = self._dialect.width
        read = _Counting(chain(piece, lines))
        last, held = done, list[str]()
        try:
            for row in split_rows(read, self._dialect.mark, self._dialect.quotes, done + 1):
                if row.line - last > _LONGEST_ROW:
                    raise ConfigError("has a quote that is not closed", file=self._source.file, line=last + 1)
                held, last = read.taken(), row.line
                if len(held) > _FEW_LINES and all(line.count(self._dialect.mark) == width - 1 for line in held[1:-1]):
                    problem = "has a quote that is not closed: it holds whole rows"
                    raise ConfigError(problem, file=self._source.file, line=last - len(held) + 1)
                cells = self._fitted(row)
                if cells is not None:
                    rows.append(cells)
                    ends.append(row.line)
                if read.n >= len(piece):
                    break
            if len(held) > 1 and self._dialect.quotes and _ends_in_quote(held, self._dialect.mark):
                raise ConfigError("has a quote that is not closed", file=self._source.file, line=last - len(held) + 1)
        except csv.Error as error:
            raise self._broken(error, last + 1) from error
        columns = list(zip(*rows, strict=True)) if rows else []
        return columns, np.array(ends, np.int64), done + read.n

    def _fitted(self, row: Row) -> list[str] | None:
        """The cells of a row brought to the width of the table; None where it is none of its rows."""
        width, cells = self._dialect.width, row.cells
        if _is_empty(row):
            return None
        if len(cells) == width:
            return cells
        if len(cells) > width and not any(cells[width:]):
            return cells[:width]
        if cells[0].startswith("#") or (len(cells) == 1 and width > 2):
            self._n_remarks += 1
            return None
        if len(cells) < width:
            self._n_short += 1
            return cells + [""] * (width - len(cells))
        self._n_odd += 1
        self._first_odd = self._first_odd or row.line
        return None

    def _broken(self, error: csv.Error, line: int) -> ConfigError:
        return ConfigError(f"cannot be read as a table ({safe_text(error, 80)})", file=self._source.file, line=line)

    def notes(self) -> Iterable[str]:
        """What did not fit, a sentence each."""
        if self._dialect.skipped:
            yield f"{_counted(self._dialect.skipped, 'line')} before the table left out"
        if self._n_remarks:
            yield f"{_counted(self._n_remarks, 'line')} that hold no row left out"
        if self._n_short:
            yield f"{_counted(self._n_short, 'row')} with too few cells filled up with missing ones"
        if self._n_odd:
            where = f"the first in line {self._first_odd}"
            yield f"{_counted(self._n_odd, 'row')} with too many cells left out ({where})"


class _Counting:
    """Counts the lines taken from an iterator, and keeps those of the row at hand."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines, self.n = lines, 0
        self._held: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.n += 1
        self._held.append(line)
        return line

    def taken(self) -> list[str]:
        """The lines taken since this was last asked."""
        held, self._held = self._held, []
        return held


def _ends_in_quote(lines: list[str], mark: str) -> bool:
    try:
        list(csv.reader(lines, delimiter=mark, skipinitialspace=True, strict=True))
    except csv.Error as error:
        return "end of data" in str(error)
    return False


def _is_empty(row: Row) -> bool:
    return not any(row.cells)


def _is_blank(column: Cells) -> bool:
    return column.values is None and column.texts == ("",)


def _is_numeric(cells: Sequence[str]) -> bool:
    """Whether the first cells of a column are plain numbers that lose nothing by being held as such."""
    there = [cell for cell in cells if cell]
    try:
        return bool(there) and all(map(np.isfinite, map(float, there))) and not any(map(_has_zeros_ahead, there))
    except ValueError:
        return False


def _has_zeros_ahead(cell: str) -> bool:
    return len(cell) > 1 and cell[0] == "0" and cell[1].isdecimal()


def _n_cells(source: Source, dialect: Dialect) -> int:
    """About how many cells a file holds."""
    return source.data.count(b"\n") * dialect.width


def _counted(n: int, what: str) -> str:
    return f"{n} {what}{'s' if n != 1 else ''}"
