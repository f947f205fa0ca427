"""From columns of a table to the numbers a network takes, learned from the training rows alone and kept with the run.

Numbers take the median of the training rows where they are missing, with a column beside them that says so; categories
get a column a word, the rare ones one together, the missing ones one; dates become the parts that vary. The same plan
encodes rows that come later: a word never seen is "other", a number missing for the first time is the median.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from ..text import distinct_texts
from .cells.dates import DAY_S, DateForm, as_date
from .cells.numbers import NumberForm
from .columns import CATEGORY, DATE, NUMBER, YES_NO, Column

FILLS = ("median", "mean", "zero", "frequent")
"""What a missing number or date can be taken for, the first where nothing else is chosen."""
MAX_WORDS = 250
"""Most words of a category that get a column of their own."""
MIN_COUNT = 2
"""Training rows a word must stand in to get a column of its own."""
SHOWN_WORD = 40
_YEAR_S = 365.2425 * DAY_S


@dataclass(frozen=True)
class ColumnPlan:
    """How one column becomes inputs."""

    name: str
    kind: str
    """"number", "yes/no", "category" or "date"."""
    fill: float = 0.0
    """What a missing number or date is taken for, as `filled` says, of the training rows."""
    flag: bool = False
    """Whether an input says that the number or date is missing."""
    words: tuple[str, ...] = ()
    """Words with an input of their own."""
    other: bool = False
    """Whether an input stands for all other words."""
    missing: bool = False
    """Whether an input stands for a missing word."""
    parts: tuple[str, ...] = ()
    """Parts of a date: "days", "year", "month", "weekday", "time"."""
    start: float = 0.0
    """The day that days are counted from, in seconds."""
    form: NumberForm | DateForm | None = None
    """How its numbers or dates are written."""
    yes: tuple[str, ...] = ()
    """For yes/no: the word for yes and the word for no."""
    place: int = 0
    """Place of the column in a line, from 1."""
    filled: str = "median"
    """Which of `FILLS` the fill is."""

    def inputs(self) -> tuple[str, ...]:
        """A name for each input, in order."""
        if self.kind == CATEGORY:
            names = [f"{self.name}={word}" for word in distinct_texts(self.words, SHOWN_WORD)]
            names += [f"{self.name}: other"] * self.other + [f"{self.name}: missing"] * self.missing
            return tuple(names)
        names = [self.name] if self.kind != DATE else [name for part in self.parts for name in _names(self.name, part)]
        return (*names, *[f"{self.name}: missing"] * self.flag)

    def numbers(self) -> tuple[bool, ...]:
        """For each input, whether it is a number to be scaled; the others are 0 or 1 or lie between -1 and 1."""
        if self.kind == CATEGORY:
            return (False,) * len(self.inputs())
        if self.kind == DATE:
            scaled = [part in ("days", "year") for part in self.parts for _ in _names(self.name, part)]
            return (*scaled, *[False] * self.flag)
        return (self.kind != YES_NO, *[False] * self.flag)

    def encode(self, column: Column) -> np.ndarray:
        """The inputs of every row, float64 (n, inputs), from the column as it was read."""
        if self.kind == CATEGORY:
            return self._one_hot(column)
        assert column.values is not None
        missing = np.isnan(column.values)
        values = np.where(missing, self.fill, column.values)
        blocks = [values] if self.kind != DATE else [block for part in self.parts for block in self._of(part, values)]
        return np.column_stack([*blocks, *[missing.astype(np.float64)] * self.flag])

    def _one_hot(self, column: Column) -> np.ndarray:
        n = len(self.words) + self.other + self.missing
        at = {word: i for i, word in enumerate(self.words)}
        unknown = len(self.words) if self.other else n
        places = np.array([*(at.get(word, unknown) for word in column.words), n - 1 if self.missing else unknown])
        table = np.vstack((np.eye(n), np.zeros((1, n))))
        encoded: np.ndarray = table[places[column.codes]]
        return encoded

    def _of(self, part: str, seconds: np.ndarray) -> list[np.ndarray]:
        if part == "days":
            return [(seconds - self.start) / DAY_S]
        if part == "time":
            return _on_circle(np.mod(seconds, DAY_S) / DAY_S)
        days = np.floor(seconds / DAY_S)
        if part == "weekday":
            return _on_circle(np.mod(days + 3.0, 7.0) / 7.0)
        kinds, where = np.unique(days, return_inverse=True)
        dates = [as_date(day * DAY_S) for day in kinds]
        if part == "year":
            return [np.array([date.year for date in dates], np.float64)[where]]
        return _on_circle(np.array([(date.month - 1) / 12.0 for date in dates])[where])


@dataclass(frozen=True)
class TargetPlan:
    """How the column to be predicted is read."""

    name: str
    place: int
    """Place of the column in a line, from 1."""
    kind: str
    task: str
    """"classes" or "values"."""
    class_names: tuple[str, ...] = ()
    """The classes as they stand in the file; () for values."""
    form: NumberForm | DateForm | None = None
    yes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Encoder:
    """How all columns become inputs, and which one is predicted."""

    plans: tuple[ColumnPlan, ...] = ()
    target: TargetPlan | None = None
    """How the column to be predicted is read."""
    wide: int = 0
    """Columns of the file."""
    missing: str = ""
    """Signs of a missing cell, as they are set; "" for the usual ones."""

    def input_names(self) -> tuple[str, ...]:
        """A name for each input, different from all others."""
        return distinct_texts([name for plan in self.plans for name in plan.inputs()], 80)

    def numbers(self) -> np.ndarray:
        """Bool (n_inputs,): the inputs to be scaled."""
        return np.array([flag for plan in self.plans for flag in plan.numbers()], bool)

    def encode(self, columns: Sequence[Column]) -> np.ndarray:
        """The inputs of every row, float64 (n, n_inputs), from one column for each plan."""
        blocks = [plan.encode(column) for plan, column in zip(self.plans, columns, strict=True)]
        return np.concatenate(blocks, axis=1)

    def to_plain(self) -> dict[str, Any]:
        """As lists, dicts and values for JSON."""
        target = None if self.target is None else {**asdict(self.target), **_lists(self.target)}
        plans = [{**asdict(plan), **_lists(plan)} for plan in self.plans]
        return {"plans": plans, "target": target, "wide": self.wide, "missing": self.missing}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Encoder:
        """What `to_plain` wrote."""
        plans = tuple(ColumnPlan(**_unlisted(item)) for item in plain["plans"])
        target = None if plain["target"] is None else TargetPlan(**_unlisted(plain["target"]))
        return cls(plans, target, plain["wide"], plain["missing"])


def _lists(plan: ColumnPlan | TargetPlan) -> dict[str, list[str]]:
    return {key: list(value) for key, value in vars(plan).items() if isinstance(value, tuple)}


def _unlisted(plain: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a plan again, from lists and dicts."""
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()}
    form = fields["form"]
    if form is not None:
        fields["form"] = DateForm(**form) if plain["kind"] == DATE else NumberForm(**form)
    return fields


def fit(columns: Sequence[Column], train: np.ndarray, fills: Mapping[int, str] = MappingProxyType({})) -> Encoder:
    """How columns become inputs; a column that is the same in all training rows is none.

    Args:
        columns: The columns.
        train: Numbers of the training rows: all is learned from these alone.
        fills: Place of a column in a line -> one of `FILLS`, where it is not the median.
    """
    plans = [(column, _plan_of(column, train, fills.get(column.number, FILLS[0]))) for column in columns]
    return Encoder(tuple(replace(plan, place=column.number) for column, plan in plans if plan is not None))


def _fill_of(there: np.ndarray, filled: str) -> float:
    """What a hole among these values is taken for."""
    if filled == "mean":
        return float(there.mean())
    if filled == "zero":
        return 0.0
    if filled == "frequent":
        kinds, counts = np.unique(there, return_counts=True)
        return float(kinds[counts.argmax()])
    return float(np.median(there))


def _plan_of(column: Column, train: np.ndarray, filled: str) -> ColumnPlan | None:
    if column.kind == CATEGORY:
        return _plan_of_words(column, train)
    assert column.values is not None
    values = column.values[train]
    there = values[np.isfinite(values)]
    flag = len(there) < len(values)
    if not len(there) or (there.min() == there.max() and not flag):
        return None
    fill = _fill_of(there, filled)
    if column.kind == DATE:
        parts = _parts(there)
        made = ColumnPlan(
            column.name, DATE, fill=fill, flag=flag, parts=parts, start=float(there.min()), form=column.form,
            filled=filled,
        )  # fmt: skip
        return made if parts else None
    if column.kind == YES_NO:
        fill = 0.5 if filled == FILLS[0] else fill
        return ColumnPlan(column.name, YES_NO, fill=fill, flag=flag, yes=column.yes, filled=filled)
    form = column.form if isinstance(column.form, NumberForm) else NumberForm()
    return ColumnPlan(column.name, NUMBER, fill=fill, flag=flag, form=form, filled=filled)


def _plan_of_words(column: Column, train: np.ndarray) -> ColumnPlan | None:
    codes = column.codes[train]
    counts = np.bincount(codes[codes >= 0], minlength=len(column.words))
    often = [i for i in np.argsort(-counts, kind="stable")[:MAX_WORDS] if counts[i] >= MIN_COUNT]
    missing = bool((codes < 0).any())
    other = int(counts.sum()) > int(counts[often].sum())
    words = tuple(column.words[i] for i in sorted(often))
    n = len(words) + other + missing
    if n < 2:
        return None
    if n == 2 and len(words) == 2:
        words = words[1:]  # two words are one input: 1 for this one, 0 for the other
    return ColumnPlan(column.name, CATEGORY, words=words, other=other, missing=missing)


def _parts(seconds: np.ndarray) -> tuple[str, ...]:
    """The parts of dates that vary and mean something over the time they span."""
    days = np.floor(seconds / DAY_S)
    span = float(seconds.max() - seconds.min())
    parts: list[str] = []
    if days.max() > days.min():
        parts.append("days")
        starts = np.unique(days)
        dates = [as_date(day * DAY_S) for day in starts[:: max(1, len(starts) // 5000)]]
        if span > 1.5 * _YEAR_S:
            parts.append("year")
        if span > 45 * DAY_S and len({date.month for date in dates}) > 1:
            parts.append("month")
        if len({int(day + 3) % 7 for day in starts}) > 1 and len(starts) > 2 and not _first_days(dates):
            parts.append("weekday")
    if len(np.unique(np.mod(seconds, DAY_S))) > 1:
        parts.append("time")
    return tuple(parts)


def _first_days(dates: Sequence[Any]) -> bool:
    """Whether months or years are meant, so that a day of the week means nothing."""
    return all(date.day == 1 for date in dates)


def _names(name: str, part: str) -> tuple[str, ...]:
    if part in ("month", "weekday", "time"):
        return f"{name}: {part} (sine)", f"{name}: {part} (cosine)"
    return (f"{name}: {part}",)


def _on_circle(share: np.ndarray) -> list[np.ndarray]:
    """A share of a round as two numbers, so that December lies beside January."""
    return [np.sin(2.0 * math.pi * share), np.cos(2.0 * math.pi * share)]
