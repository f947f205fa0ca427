"""A CSV file as columns: delimiter, header and types are found; what is wrong is said with line, column and value.

A table is checked whole before any of it is used, so that training never meets a hole. Texts among the inputs become
one column for each word (one-hot); a column is text only if most of its cells are.
"""

from __future__ import annotations

import csv
import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...disk.files import read_regular
from ...errors import ConfigError
from ...tables.reading.gzipped import inflate, is_gzip
from ...text import safe_text
from .arrays import MAX_RATIO

MAX_FILE = 1 << 24
MAX_LINE = 1 << 18
"""Longest line, in characters."""
MAX_COLUMNS = 1000
MAX_CELLS = 4_000_000
MAX_WORDS = 50
"""Most different words in a text column among the inputs."""
MAX_TEXT = 200
MIN_ROWS = 4

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "space": " "}
_MISSING = frozenset(("", "na", "n/a", "nan", "null", "?"))
_NO_NUMBER = _MISSING | {"none", "-", "."}
"""Signs for a missing number; among texts they may be words."""
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WITH_COMMA = re.compile(r"[+-]?(?:[0-9]+,[0-9]*|,[0-9]+)(?:[eE][+-]?[0-9]+)?")
"""A number with a comma for its decimal point."""
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:(?:,[0-9]{3})+(?:\.[0-9]*)?|(?:\.[0-9]{3})+,[0-9]*)")
"""A number with a sign between its thousands."""
_OTHER_DECIMALS = ": the column has the other sign for its decimal point, or signs between thousands"
_NO_COMMAS = ": a comma is a decimal point only where semicolons part the cells"


@dataclass(frozen=True, eq=False)
class PlainColumn:
    """One column of a table."""

    name: str
    """Made safe to show."""
    number: int
    """Its place in a line, from 1."""
    cells: list[str]
    """Its texts, stripped; none is missing or longer than 200 characters."""
    values: np.ndarray | None
    """float64 (n,), or None for a column of texts."""


@dataclass(frozen=True, eq=False)
class PlainTable:
    """A sound table: every row has every cell."""

    file: str
    columns: tuple[PlainColumn, ...]
    lines: list[int]
    """Line of the file each row ends on."""

    def index(self, name: str, field: str) -> int:
        """Place of the column called `name`; "" is the last one.

        Raises:
            ConfigError: There is none; the nearest name is offered.
        """
        names = [column.name for column in self.columns]
        if name and name not in names:
            raise ConfigError("is not a column", field=field, value=name, choices=names[:40], file=self.file)
        return names.index(name) if name else len(names) - 1


def read_table(path: str | os.PathLike[str], delimiter: str = "auto", header: str = "auto") -> PlainTable:
    """The table in a CSV file (UTF-8, gzipped or not).

    Args:
        path: The file.
        delimiter: A name in `DELIMITERS`, or "auto".
        header: Whether the first line holds names: "yes", "no" or "auto".

    Raises:
        ConfigError: It is no sound table; names file, line, column and value.
    """
    file = safe_text(os.fspath(path))
    text = _text(read_regular(path, MAX_FILE), file)
    mark = DELIMITERS[delimiter] if delimiter != "auto" else _delimiter(next(_lines(text, file), ""))
    rows, lines = _rows(text, mark, file)
    if not rows:
        raise ConfigError("is empty", file=file)
    commas = mark == ";"
    named = header == "yes" or (header == "auto" and not any(_is_number(cell, commas) for cell in rows[0]))
    n_columns = len(rows[0])
    if n_columns < 2:
        raise ConfigError("has one column; inputs and a target are needed", file=file, line=lines[0])
    names = [safe_text(cell, 60) or f"column{i + 1}" for i, cell in enumerate(rows[0])] if named else [
        f"column{i + 1}" for i in range(n_columns)
    ]  # fmt: skip
    for i, name in enumerate(names):
        if name in names[:i]:
            raise ConfigError("names two columns", value=name, file=file, line=lines[0], column=i + 1)
    rows, lines = rows[named:], lines[named:]
    if len(rows) < MIN_ROWS:
        raise ConfigError(f"has {len(rows)} rows of data", file=file, allowed=f"at least {MIN_ROWS}")
    for row, line in zip(rows, lines, strict=True):
        if len(row) != n_columns:
            raise ConfigError(f"has {len(row)} cells where {n_columns} belong", file=file, line=line)
    columns = tuple(
        _column(names[i], i + 1, [row[i] for row in rows], lines, file, commas) for i in range(n_columns)
    )  # fmt: skip
    return PlainTable(file, columns, lines)


def one_hot(column: PlainColumn, file: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """A column of texts as one column of 0 and 1 for each word, with their names.

    Raises:
        ConfigError: It has too many words.
    """
    words = sorted(set(column.cells))
    if len(words) > MAX_WORDS:
        raise ConfigError(
            f"has {len(words)} different texts", field=column.name, file=file, column=column.number,
            allowed=f"numbers, or at most {MAX_WORDS} different texts",
        )  # fmt: skip
    place = {word: i for i, word in enumerate(words)}
    places = np.array([place[cell] for cell in column.cells])
    return np.eye(len(words))[places], tuple(f"{column.name}={safe_text(word, 40)}" for word in words)


def _text(data: bytes, file: str) -> str:
    if is_gzip(data):
        data = inflate(data, min(MAX_FILE, MAX_RATIO * len(data)), file)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            "is not UTF-8 text", value=data[error.start : error.start + 1], file=file, line=line
        ) from error


def _delimiter(line: str) -> str:
    """The mark that parts the first line into most cells; a space only if there is no other.

    Commas count for nothing where all of them are decimal points of cells between semicolons.
    """
    if ";" in line and all(_WITH_COMMA.fullmatch(cell.strip()) for cell in line.split(";") if "," in cell):
        return ";"
    marks = [mark for mark in DELIMITERS.values() if mark != " "]
    best = max(marks, key=line.count)
    return best if line.count(best) else " "


def _lines(text: str, file: str) -> Iterator[str]:
    """The lines, each with its end; the ends of old Macintosh files too."""
    if "\n" not in text:
        text = text.replace("\r", "\n")
    start = number = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        number += 1
        if end - start > MAX_LINE:
            problem = f"has a line of {end - start} characters"
            raise ConfigError(problem, file=file, line=number, allowed=f"at most {MAX_LINE}")
        yield text[start:end]
        start = end


def _rows(text: str, mark: str, file: str) -> tuple[list[list[str]], list[int]]:
    """The lines that are not blank, as stripped cells, each with the line it ends on."""
    reader = csv.reader(_lines(text, file), delimiter=mark, strict=True, skipinitialspace=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    n_cells = 0
    end = 0
    try:
        for row in reader:
            end = reader.line_num
            n_cells += len(row)
            if len(row) > MAX_COLUMNS:
                raise ConfigError(f"has {len(row)} columns", file=file, line=end, allowed=f"at most {MAX_COLUMNS}")
            if n_cells > MAX_CELLS:
                raise ConfigError("has too many cells", file=file, allowed=f"at most {MAX_CELLS}")
            if mark == " " and row and row[-1] == "":
                row = row[:-1]
            cells = [cell.strip() for cell in row]
            if any(cells) or len(cells) > 1:
                rows.append(cells)
                lines.append(end)
    except csv.Error as error:
        raise ConfigError(f"cannot be read as a table ({error})", file=file, line=end + 1) from error
    return rows, lines


def _is_number(cell: str, commas: bool) -> bool:
    """Whether a cell holds a number; with `commas`, also one with a comma for its decimal point."""
    return _NUMBER.fullmatch(cell) is not None or (commas and _WITH_COMMA.fullmatch(cell) is not None)


def _column(name: str, number: int, cells: list[str], lines: list[int], file: str, commas: bool) -> PlainColumn:
    are_numbers = [_is_number(cell, commas) for cell in cells]
    foreign = [not ok and bool(_WITH_COMMA.fullmatch(cell) or _GROUPED.fullmatch(cell))
               for cell, ok in zip(cells, are_numbers, strict=True)]  # fmt: skip
    # Numbers written in another way are numbers all the same, and wrong ones: not words to learn by heart.
    is_text = 2 * (sum(are_numbers) + sum(foreign)) < len(cells)
    signs = _MISSING if is_text else _NO_NUMBER
    for cell, line in zip(cells, lines, strict=True):
        if cell.lower() in signs:
            problem = "is not a number" if cell.lower() == "nan" else "is missing"
            value = safe_text(cell, 40) if cell else None
            raise ConfigError(problem, field=name, value=value, file=file, line=line, column=number)
        if len(cell) > MAX_TEXT:
            problem = f"has a text of {len(cell)} characters"
            raise ConfigError(problem, field=name, file=file, line=line, column=number, allowed=f"at most {MAX_TEXT}")
    if is_text:
        return PlainColumn(name, number, cells, None)
    values = np.empty(len(cells))
    decimal = next((sign for cell in cells for sign in ",." if commas and sign in cell), "")
    for i, (cell, is_number) in enumerate(zip(cells, are_numbers, strict=True)):
        mixed = bool(decimal) and ("." if decimal == "," else ",") in cell
        found = float(cell.replace(",", ".")) if is_number and not mixed else math.nan
        if not math.isfinite(found):
            problem = "is too large" if is_number else "is not a number"
            if mixed or foreign[i]:
                problem = "is not a number" + (_OTHER_DECIMALS if commas else _NO_COMMAS)
            raise ConfigError(problem, field=name, value=safe_text(cell, 40), file=file, line=lines[i], column=number)
        values[i] = found
    return PlainColumn(name, number, cells, values)
