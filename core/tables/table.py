"""A table understood: each column with its kind, the target and the task, the inputs, the rows that can be used.

What is guessed here can be set instead, and all that is guessed is kept with its reason, for the report and the screen.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ..errors import ConfigError
from ..text import safe_text
from .cells.missing import read_list, signs_of
from .columns import CONSTANT, DATE, INPUTS, NUMBER, SETTABLE, YES_NO, Column
from .encode import FILLS
from .kinds import column_of, file_decimal
from .reading.keep import read_once
from .reading.read import MIN_ROWS, RawTable
from .target import Target, as_target, choose_column, find_column

_KIND_WORDS = {"yesno": "yes/no", "numbers": "number", "words": "category", "drop": "id", "string": "category"}


@dataclass(frozen=True)
class Choices:
    """What a person set about a table; all that is left out is found."""

    target: str = ""
    """The column to predict; "" to find it."""
    drop: str = ""
    """Columns that are not inputs, separated by commas."""
    task: str = "auto"
    """"classes", "values" or "auto"."""
    missing: str = ""
    """Signs of a missing cell, separated by commas; "" for the usual ones."""
    kinds: str = ""
    """Kinds of columns, as "zip=category, price=number"."""
    delimiter: str = "auto"
    header: str = "auto"


@dataclass(frozen=True, eq=False)
class Table:
    """A table of which it is known what can be learned from it."""

    file: str
    columns: tuple[Column, ...]
    """All columns, in the order of the file."""
    target: Target
    inputs: tuple[int, ...]
    """Places of the columns that are inputs."""
    left_out: Mapping[int, str]
    """Place of every other column but the target -> why it is left out."""
    rows: np.ndarray
    """Numbers of the rows whose target is known."""
    lines: np.ndarray
    """int64: line of the file each row ends on, for all rows."""
    raw: RawTable = field(repr=False)
    """As read, without its cells."""
    notes: tuple[str, ...] = ()
    """What was done while reading, a sentence each."""

    @property
    def n_rows(self) -> int:
        """Rows of the file, those without a target among them."""
        return len(self.lines)

    @property
    def n_without_target(self) -> int:
        """Rows that nothing can be learned from."""
        return self.n_rows - int(np.count_nonzero(self.target.known))


def open_table(path: str | os.PathLike[str], choices: Choices) -> Table:
    """The table in a file, read and understood.

    Raises:
        ConfigError: It is no table, or what is set does not fit it.
    """
    return understand(read_once(path, choices.delimiter, choices.header), choices)


def understand(raw: RawTable, choices: Choices) -> Table:
    """What the columns of a table are, and what can be learned from them.

    Raises:
        ConfigError: What is set does not fit the table, or nothing can be learned from it.
    """
    signs, file = signs_of(choices.missing), raw.file
    decimal = file_decimal(raw.columns, raw.delimiter)
    wanted = read_kinds(choices.kinds, raw)
    columns = tuple(column_of(cells, signs, decimal, wanted.get(cells.number, "")) for cells in raw.columns)
    place, reason = choose_column(columns, choices.target, file)
    column = columns[place]
    if choices.task == "classes" and column.kind == NUMBER and (column.n_strange or raw.columns[place].values is None):
        # "0 ... 9, A ... F": words where classes are asked for, whatever most of them look like.
        words = column_of(raw.columns[place], signs, decimal, "category")
        column = words if words.words and column.n_strange else column
        columns = (*columns[:place], column, *columns[place + 1 :])
    target = as_target(column, place, reason, choices.task, file)
    inputs, left_out = _inputs(columns, place, choices.drop, file)
    rows = np.flatnonzero(target.known)
    if len(rows) < MIN_ROWS:
        problem = f"has {len(rows)} rows with a value in {safe_text(column.name, 60)}"
        raise ConfigError(problem, file=file, allowed=f"at least {MIN_ROWS}")
    bare = replace(raw, columns=())
    return Table(file, columns, target, inputs, left_out, rows, raw.lines, bare, raw.notes)


def read_kinds(text: str, raw: RawTable) -> dict[int, str]:
    """Place in a line -> the kind a person set for that column, from "zip=category, price=number".

    Raises:
        ConfigError: There is no such column or no such kind.
    """
    found: dict[int, str] = {}
    for item in read_list(text):
        name, equals, kind = item.rpartition("=")
        kind = _KIND_WORDS.get(kind.strip().lower(), kind.strip().lower())
        if not equals or kind not in SETTABLE:
            raise ConfigError("is not a kind of column", field="data.kinds", value=item, choices=SETTABLE,
                              allowed=f"NAME=KIND with one of {', '.join(SETTABLE)}")  # fmt: skip
        stand_ins = [Column(cells.name, cells.number, CONSTANT) for cells in raw.columns]
        found[raw.columns[find_column(stand_ins, name, "data.kinds", raw.file)].number] = kind
    return found


def read_fills(text: str, table: Table) -> dict[int, str]:
    """Place in a line -> what a hole of that column is taken for, from "age=mean, income=zero".

    Raises:
        ConfigError: There is no such column or no such way, or the column has no numbers.
    """
    found: dict[int, str] = {}
    for item in read_list(text):
        name, equals, fill = item.rpartition("=")
        fill = fill.strip().lower()
        if not equals or fill not in FILLS:
            raise ConfigError("is not a way to fill a hole", field="data.fill", value=item, choices=FILLS,
                              allowed=f"NAME=WAY with one of {', '.join(FILLS)}")  # fmt: skip
        column = table.columns[find_column(table.columns, name, "data.fill", table.file)]
        if column.kind not in (NUMBER, DATE, YES_NO):
            problem = f"is of the kind {column.kind}, which has no numbers to fill with"
            raise ConfigError(problem, field="data.fill", value=column.name, file=table.file)
        found[column.number] = fill
    return found


def _inputs(columns: tuple[Column, ...], target: int, drop: str, file: str) -> tuple[tuple[int, ...], dict[int, str]]:
    dropped = {find_column(columns, name, "data.drop", file) for name in read_list(drop)}
    if target in dropped:
        raise ConfigError("is the target", field="data.drop", value=columns[target].name, file=file)
    left_out = dict.fromkeys(dropped, "left out as asked")
    for place, column in enumerate(columns):
        if place != target and place not in dropped and not column.is_input:
            left_out[place] = f"{column.kind}: {column.reason}" if column.reason else column.kind
    inputs = [place for place in range(len(columns)) if place != target and place not in left_out]
    if not inputs:
        # A table of two columns may hold its only input in what looks like a row number.
        inputs = [p for p in left_out if p not in dropped and _can_serve(columns[p])]
        for place in inputs:
            del left_out[place]
    if not inputs:
        raise ConfigError("has no column to learn from", file=file, allowed=f"a column of the kind {', '.join(INPUTS)}")
    return tuple(inputs), left_out


def _can_serve(column: Column) -> bool:
    return column.values is not None and column.kind != CONSTANT
