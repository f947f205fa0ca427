"""What was found in a table and what was done with it, as plain data: for a report, a screen, a file beside the run.

Everything is measured on the rows of the file as they are; nothing here decides anything.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..text import distinct_texts, safe_text
from .cells.dates import as_date
from .cells.numbers import NumberForm
from .columns import CATEGORY, DATE, NUMBER, YES_NO, Column
from .encode import FILLS, ColumnPlan, Encoder
from .table import Table

PLAIN = "taken as it is"
"""What is done with a column whose values are numbers as they stand."""
N_BARS = 12
"""Counts of a small histogram."""
_WORDS_SHOWN = 6
_FILLED = {"median": "the median", "mean": "the mean", "zero": "0", "frequent": "the most frequent"}
_SAMPLE = 20_000
_UNEQUAL = 5.0
"""From so many rows of the largest class for one of the smallest on, it is said that the classes are unequal."""


@dataclass(frozen=True)
class ColumnFinding:
    """One line about a column."""

    name: str
    """Safe to show, different from all others."""
    number: int
    """Its place in a line of the file, from 1."""
    kind: str
    role: str
    """"input", "target" or "left out"."""
    will: str
    """What is done with it, in words."""
    reason: str
    """Why it is of this kind, where that is not plain; ""."""
    n_missing: int
    n_strange: int
    """Cells of another kind, taken as missing."""
    strange: str
    """One of them, with its line; "" where there is none."""
    values: str
    """Its range, or its most frequent words, in a few characters."""
    bars: tuple[int, ...]
    """Rows in each part of its range, or of each of its most frequent words."""
    relation: float
    """How much it says of the target on its own, 0 to 1; NaN for the target and what cannot be compared."""
    unit: str = ""
    """"$", "%", "cm"; ""."""


@dataclass(frozen=True)
class Findings:
    """What was found in a table, and what is done with it."""

    file: str
    encoding: str
    delimiter: str
    has_header: bool
    n_rows: int
    """Rows of the file."""
    n_used: int
    """Rows that are learned from or judged by."""
    n_train: int
    n_val: int
    target: str
    target_reason: str
    task: str
    task_reason: str
    classes: Mapping[str, int]
    """Class -> rows; {} for values."""
    n_inputs: int
    """Numbers that a row gives the network."""
    columns: tuple[ColumnFinding, ...]
    notes: tuple[str, ...]
    """What a person should know, a sentence each."""

    def to_plain(self) -> dict[str, Any]:
        """As lists, dicts and values for JSON."""
        plain = asdict(self)
        for column in plain["columns"]:
            column["relation"] = None if math.isnan(column["relation"]) else round(column["relation"], 4)
        return plain

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Findings:
        """What `to_plain` wrote."""
        columns = [{**column, "bars": tuple(column["bars"])} for column in plain["columns"]]
        for column in columns:
            column["relation"] = math.nan if column["relation"] is None else column["relation"]
        made = tuple(ColumnFinding(**column) for column in columns)
        return cls(**{**plain, "columns": made, "notes": tuple(plain["notes"])})


def findings_of(table: Table, encoder: Encoder, n_train: int, n_val: int, split: str = "drawn by the seed") -> Findings:
    """What was found in a table.

    Args:
        table: The table, understood.
        encoder: What its inputs become.
        n_train: Rows to learn from.
        n_val: Validation rows.
        split: How the two parts were made.
    """
    names = distinct_texts([column.name for column in table.columns], 60)
    plans = {plan.name: plan for plan in encoder.plans}
    rows = table.rows if len(table.rows) <= _SAMPLE else table.rows[:: len(table.rows) // _SAMPLE + 1]
    target = table.columns[table.target.place]
    y = table.target.y[rows]
    columns = tuple(
        _about(place, column, name, table, plans.get(column.name), (rows, y))
        for place, (column, name) in enumerate(zip(table.columns, names, strict=True))
    )
    classes: dict[str, int] = {}
    if table.target.task == "classes":
        counts = np.bincount(table.target.y[table.rows], minlength=len(table.target.class_names))
        classes = dict(zip(distinct_texts(table.target.class_names, 40), counts.tolist(), strict=True))
    return Findings(
        table.file,
        table.raw.encoding,
        table.raw.delimiter,
        table.raw.has_header,
        table.n_rows,
        n_train + n_val,
        n_train,
        n_val,
        names[table.target.place],
        table.target.reason,
        table.target.task,
        table.target.task_reason,
        classes,
        len(encoder.input_names()),
        columns,
        tuple(_notes(table, columns, classes, target, split)),
    )


def relation(column: Column, y: np.ndarray, rows: np.ndarray, is_class: bool) -> float:
    """How much of the target a column alone explains, 0 to 1: correlation, correlation ratio or Cramér's V."""
    there = ~column.missing[rows]
    if there.sum() < 3:
        return math.nan
    y = y[there]
    if column.values is not None:
        x = column.values[rows][there]
        return _ratio(x, y) if is_class else abs(_correlation(x, y))
    codes = column.codes[rows][there]
    return _cramer(codes, y) if is_class else _ratio(y, codes)


def _about(
    place: int, column: Column, name: str, table: Table, plan: ColumnPlan | None, sample: tuple[np.ndarray, np.ndarray]
) -> ColumnFinding:
    rows, y = sample
    is_target = place == table.target.place
    role = "target" if is_target else "left out" if place in table.left_out or plan is None else "input"
    related = math.nan
    if not is_target and (column.values is not None or column.kind == CATEGORY):
        related = relation(column, y, rows, table.target.task == "classes")
    values, bars = _values(column)
    strange = ""
    if column.n_strange:
        strange = f"{safe_text(column.strange, 30)!r} in line {int(table.lines[column.strange_row])}"
    return ColumnFinding(
        name, column.number, column.kind, role, _will(place, column, table, plan), column.reason, column.n_missing,
        column.n_strange, strange, values, bars, related,
        column.form.unit if isinstance(column.form, NumberForm) else "",
    )  # fmt: skip


def _will(place: int, column: Column, table: Table, plan: ColumnPlan | None) -> str:
    """What is done with a column, in words."""
    if place == table.target.place:
        n_lost = table.n_without_target
        lost = f"; {_rows(n_lost)} without it left out" if n_lost else ""
        return ("predicted as a class" if table.target.task == "classes" else "predicted as a value") + lost
    if place in table.left_out:
        return table.left_out[place] if table.left_out[place].startswith("left out") else "left out"
    if plan is None:
        return "left out: the same in all training rows"
    if plan.kind == CATEGORY:
        more = [word for word, there in (("other", plan.other), ("missing", plan.missing)) if there]
        beside = f", {' and '.join(more)}" if more else ""
        return f"one input a word: {len(plan.words)}{beside}" if len(plan.inputs()) > 1 else f"1 for {plan.words[0]!r}"
    if plan.kind == DATE:
        flag = f"; missing: {_FILLED[plan.filled]}" if plan.flag else ""
        return f"inputs: {', '.join(plan.parts)}{flag}"
    fill = "in between" if plan.kind == YES_NO and plan.filled == FILLS[0] else _FILLED[plan.filled]
    if plan.kind == NUMBER and plan.filled != "zero":
        fill = f"{fill} {plan.fill:.4g}"
    return f"missing: {fill}, and an input that says so" if plan.flag else PLAIN


def _values(column: Column) -> tuple[str, tuple[int, ...]]:
    """A column's range or most frequent words, and how often each part or word occurs."""
    if column.kind == YES_NO and column.values is not None:
        n_yes, n_no = int((column.values == 1.0).sum()), int((column.values == 0.0).sum())
        return f"{column.yes[0]} {n_yes}, {column.yes[1]} {n_no}", (n_yes, n_no)
    if column.values is not None:
        there = column.values[np.isfinite(column.values)]
        if not len(there):
            return "", ()
        low, high = float(there.min()), float(there.max())
        bars = tuple(np.histogram(there, N_BARS)[0].tolist()) if high - low > 0.0 and np.isfinite(high - low) else ()
        if column.kind == DATE:
            form = "%H:%M" if getattr(column.form, "is_clock", False) else "%Y-%m-%d"
            return f"{as_date(low).strftime(form)} … {as_date(high).strftime(form)}", bars
        return f"{low:.6g} … {high:.6g}", bars
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.words))
    order = np.argsort(-counts, kind="stable")
    shown = [safe_text(column.words[i], 20) for i in order[:_WORDS_SHOWN]]
    more = f" and {len(order) - _WORDS_SHOWN} more" if len(order) > _WORDS_SHOWN else ""
    return ", ".join(shown) + more, tuple(counts[order[:N_BARS]].tolist())


def _notes(
    table: Table, columns: Sequence[ColumnFinding], classes: Mapping[str, int], target: Column, split: str
) -> list[str]:
    notes = [
        f"the target is {safe_text(target.name, 60)!r}: {table.target.reason}",
        f"learned as {table.target.task}: {table.target.task_reason}",
    ]
    if table.n_without_target:
        notes.append(f"{_rows(table.n_without_target)} without a target left out")
    for column in columns:
        if column.role == "left out" and not column.will.startswith("left out as asked"):
            notes.append(f"{column.name!r} is left out: {column.reason or column.will.removeprefix('left out: ')}")
        elif column.kind == DATE and column.reason:
            notes.append(f"{column.name!r}: {column.reason}")
        if column.n_strange:
            problem = f"{column.n_strange} cells of {column.name!r} are no {column.kind} and count as missing"
            notes.append(f"{problem}, as {column.strange}")
        if column.relation > 0.999 and column.role == "input":
            notes.append(f"{column.name!r} alone gives the target away; will it be known when predicting?")
    if classes and max(classes.values()) > _UNEQUAL * max(1, min(classes.values())):
        small, large = min(classes, key=lambda name: classes[name]), max(classes, key=lambda name: classes[name])
        notes.append(
            f"the classes are unequal: {classes[large]} rows of {large!r}, {classes[small]} of {small!r} "
            "(loss.class_weights = balanced counts them alike)"
        )
    notes.append(f"the validation rows are {split}")
    return [*notes, *table.notes]


def _rows(n: int) -> str:
    return f"{n} row{'s' if n != 1 else ''}"


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    dx, dy = _centered(x), _centered(y)
    size = math.sqrt(float(dx @ dx) * float(dy @ dy))
    return float(dx @ dy) / size if size > 0.0 else 0.0


def _centered(x: np.ndarray) -> np.ndarray:
    largest = float(np.abs(x).max()) or 1.0
    small = x / largest
    centered: np.ndarray = small - small.mean()
    return centered


def _ratio(x: np.ndarray, groups: np.ndarray) -> float:
    """The correlation ratio: which part of the spread of `x` lies between the groups, as a root."""
    _, where = np.unique(groups, return_inverse=True)
    x = _centered(x)
    counts = np.bincount(where)
    means = np.bincount(where, weights=x) / counts
    total = float(x @ x)
    return math.sqrt(min(1.0, float((counts * means**2).sum()) / total)) if total > 0.0 else 0.0


def _cramer(a: np.ndarray, b: np.ndarray) -> float:
    """Cramér's V of two codings of the same rows."""
    _, a = np.unique(a, return_inverse=True)
    _, b = np.unique(b, return_inverse=True)
    n_a, n_b = int(a.max()) + 1, int(b.max()) + 1
    if min(n_a, n_b) < 2 or n_a * n_b > 1_000_000:
        return 0.0
    table = np.bincount(a * n_b + b, minlength=n_a * n_b).reshape(n_a, n_b).astype(np.float64)
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / table.sum()
    return math.sqrt(min(1.0, float(((table - expected) ** 2 / expected).sum()) / (table.sum() * (min(n_a, n_b) - 1))))
