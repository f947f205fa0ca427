"""Rows that come later, a file to judge by or to predict, read as the columns of the first file were.

Nothing is found anew: a column has the kind, the form and the words it had. What does not fit counts as missing, a
column that is not there is told in one sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..errors import ConfigError
from ..text import safe_text
from .cells.dates import DateForm
from .cells.missing import among_words, signs_of
from .cells.numbers import NumberForm
from .columns import CATEGORY, Column
from .encode import Encoder
from .reading.header import normal_name
from .reading.read import Cells, RawTable
from .table import Table
from .target import Target

Form = NumberForm | DateForm | None


def find_columns(raw: RawTable, wanted: Sequence[tuple[str, int]], wide: int) -> list[Cells]:
    """The columns of a later file that stand for those of the first.

    Args:
        raw: The later file.
        wanted: Name and place in a line of each column of the first file.
        wide: How many columns the first file had.

    Raises:
        ConfigError: One is not there.
    """
    by_name = {cells.name: cells for cells in raw.columns}
    by_place = {cells.number: cells for cells in raw.columns}
    nameless = not raw.has_header and len(raw.columns) in (wide, wide - 1)
    found: list[Cells] = []
    for name, place in wanted:
        cells = by_place.get(place) if nameless else by_name.get(normal_name(name))
        if cells is None:
            shown = [safe_text(known, 60) for known in list(by_name)[:40]]
            problem = "is a column it was trained on, and is missing"
            raise ConfigError(problem, value=safe_text(name, 60), file=raw.file, choices=shown, allowed="")
        found.append(cells)
    return found


def column_like(cells: Cells, kind: str, form: Form, yes: tuple[str, ...], signs: frozenset[str]) -> Column:
    """A column of a later file, read as one of the first was."""
    column = Column(cells.name, cells.number, kind, form=form, yes=yes)
    if kind != CATEGORY:
        return _values_like(cells, column, signs)
    texts = cells.all_texts()
    signs = among_words(signs, texts.texts)
    codes = np.arange(len(texts.texts), dtype=np.int32)
    codes[[text.lower() in signs for text in texts.texts]] = -1
    return replace(column, words=texts.texts, codes=codes[texts.codes])


def inputs_of(raw: RawTable, encoder: Encoder) -> np.ndarray:
    """The inputs of the rows of a later file, float64 (n, n_inputs), in the units of the data.

    Raises:
        ConfigError: A column is not there.
    """
    signs = signs_of(encoder.missing)
    cells = find_columns(raw, [(plan.name, plan.place) for plan in encoder.plans], encoder.wide)
    pairs = zip(cells, encoder.plans, strict=True)
    return encoder.encode([column_like(one, plan.kind, plan.form, plan.yes, signs) for one, plan in pairs])


def target_of(raw: RawTable, encoder: Encoder) -> Target:
    """The column to be predicted in a later file.

    Raises:
        ConfigError: It is not there.
    """
    plan = encoder.target
    if plan is None:
        raise ConfigError("was trained without a column to compare with", file=raw.file)
    (cells,) = find_columns(raw, [(plan.name, plan.place)], encoder.wide)
    column = column_like(cells, plan.kind, plan.form, plan.yes, signs_of(encoder.missing))
    none = np.empty(0, np.int64 if plan.task == "classes" else np.float64)
    return _target_after(Target(0, "", plan.task, "", none, plan.class_names), column)


def append_later_rows(table: Table, later: RawTable, missing: str) -> tuple[Table, np.ndarray]:
    """A table with the rows of a later file behind its own, and the numbers of those among the rows in use.

    Raises:
        ConfigError: The later file lacks a column, or no row of it has a target.
    """
    signs = signs_of(missing)
    wanted = [(column.name, column.number) for column in table.columns]
    kept = {*table.inputs, table.target.place}
    found = find_columns(later, [wanted[place] for place in sorted(kept)], len(wanted))
    columns = list(table.columns)
    for place, cells in zip(sorted(kept), found, strict=True):
        old = table.columns[place]
        columns[place] = _after(old, column_like(cells, old.kind, old.form, old.yes, signs))
    target = _target_after(table.target, columns[table.target.place])
    n_first = table.n_rows
    rows = np.flatnonzero(target.known)
    behind = np.flatnonzero(rows >= n_first)
    if not len(behind):
        raise ConfigError("has no row with a target to compare with", file=later.file)
    lines = np.concatenate((table.lines, later.lines))
    notes = (*table.notes, f"{len(behind)} validation rows are from {later.file}")
    whole = replace(table, columns=tuple(columns), target=target, rows=rows, lines=lines, notes=notes)
    return whole, behind


def _values_like(cells: Cells, column: Column, signs: frozenset[str]) -> Column:
    table = np.full(len(cells.texts) + 1, np.nan)
    for i, text in enumerate(cells.texts):
        if text.lower() not in signs:
            table[i] = _value(text, column)
    values = table[cells.codes] if cells.codes.size else np.full(_n(cells), np.nan)
    if cells.values is not None:
        values = np.where(cells.codes < 0, cells.values, values) if cells.codes.size else cells.values
    return replace(column, values=values, n_missing=int(np.isnan(values).sum()))


def _value(text: str, column: Column) -> float:
    if column.yes:
        words = [word.lower() for word in column.yes]
        return float(1 - words.index(text.lower())) if text.lower() in words else float("nan")
    return (column.form or NumberForm()).read(text)


def _after(old: Column, new: Column) -> Column:
    """A column with the cells of another of its kind behind its own."""
    n_missing = old.n_missing + int(new.missing.sum())
    if old.values is not None and new.values is not None:
        return replace(old, values=np.concatenate((old.values, new.values)), n_missing=n_missing)
    places = {word: i for i, word in enumerate(old.words)}
    for word in new.words:
        places.setdefault(word, len(places))
    moved = np.array([*(places[word] for word in new.words), -1], np.int32)
    codes = np.concatenate((old.codes, moved[new.codes]))
    return replace(old, words=tuple(places), codes=codes, n_missing=n_missing)


def _target_after(target: Target, column: Column) -> Target:
    """The target with the rows of the later file; a class that the first file does not know is no target."""
    if target.task == "values":
        assert column.values is not None
        return replace(target, y=column.values)
    if column.values is not None and not column.yes:
        known = {float(name): i for i, name in enumerate(target.class_names)}
        y = np.array([known.get(float(value), -1) for value in column.values], np.int64)
        return replace(target, y=y)
    if column.values is not None:
        return replace(target, y=np.where(np.isnan(column.values), -1, column.values).astype(np.int64))
    places = {word: i for i, word in enumerate(target.class_names)}
    table = np.array([*(places.get(word, -1) for word in column.words), -1], np.int64)
    return replace(target, y=table[column.codes])


def _n(cells: Cells) -> int:
    return len(cells.values) if cells.values is not None else len(cells.codes)
