"""Which column is to be predicted, and whether it is a class or a value: one rule each, said with its reason.

The column: the one that is named, by the person or by its own name ("target", "label", "class" ...), else the last one
that can be learned. The task: words are classes; numbers that are not whole are values; whole numbers are classes where
there are at most ten different ones, or where the column is called a class or a label. A setting wins always.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import ConfigError
from ..text import safe_text
from .cells.missing import read_list
from .columns import CATEGORY, CONSTANT, DATE, ID, NUMBER, ROW_NUMBER, TEXT, YES_NO, Column
from .reading.header import normal_name

MAX_CLASSES = 1000
FEW_NUMBERS = 10
"""Whole numbers with at most so many different values are classes."""

_NAMES = ("target", "label", "labels", "class", "classes", "outcome", "response")
"""Names of a column that is there to be predicted, the surest first."""
_CLASS_NAMES = frozenset(("label", "labels", "class", "classes", "category", "species", "digit", "kind"))


@dataclass(frozen=True, eq=False)
class Target:
    """The column to be predicted, as it is to be learned."""

    place: int
    """Its place among the columns."""
    reason: str
    """Why it is this one."""
    task: str
    """"classes" or "values"."""
    task_reason: str
    """Why it is this task."""
    y: np.ndarray
    """Classes: int64 (n,), -1 where missing. Values: float64 (n,), NaN where missing."""
    class_names: tuple[str, ...] = ()
    """The classes as they stand in the file; () for values."""

    @property
    def known(self) -> np.ndarray:
        """The rows that have a target: bool (n,)."""
        return np.isfinite(self.y) if self.task == "values" else self.y >= 0


def choose_column(columns: Sequence[Column], wanted: str, file: str) -> tuple[int, str]:
    """Place of the column to be predicted, and why it is that one.

    Raises:
        ConfigError: The one that is wanted is not there; the nearest name is offered.
    """
    if wanted:
        _check_one(columns, wanted, file)
        return find_column(columns, wanted, "data.target", file), "you chose it"
    by_name = {column.name.lower(): i for i, column in enumerate(columns)}
    for name in _NAMES:
        if name in by_name and _can_be_learned(columns[by_name[name]]):
            return by_name[name], f"it is called {columns[by_name[name]].name!r}"
    if columns[0].name == "y" and all(column.name[:1].lower() == "x" for column in columns[1:]):
        return 0, "it is called 'y' and the others x"
    for i in range(len(columns) - 1, -1, -1):
        if _can_be_learned(columns[i]):
            return i, "it is the last column" if i == len(columns) - 1 else "it is the last column that can be learned"
    return len(columns) - 1, "it is the last column"


def _check_one(columns: Sequence[Column], wanted: str, file: str) -> None:
    """Refuse several columns of a table at once, where no column is called by the whole text.

    Raises:
        ConfigError: Several columns are named.
    """
    known = {column.name.lower() for column in columns}
    named = [normal_name(part).lower() for part in read_list(wanted)]
    if normal_name(wanted).lower() not in known and len(named) > 1 and known.issuperset(named):
        allowed = (
            "one column of a table; several values a row can be learned from an .npz file, as a y of several columns"
        )
        raise ConfigError(f"names {len(named)} columns", field="data.target", value=wanted, file=file, allowed=allowed)


def find_column(columns: Sequence[Column], name: str, field: str, file: str) -> int:
    """Place of the column with a name.

    Raises:
        ConfigError: There is none; the nearest name is offered.
    """
    names = [column.name for column in columns]
    wanted = normal_name(name)
    for same in (str, str.lower):
        for i, known in enumerate(names):
            if same(known) == same(wanted):
                return i
    shown = [safe_text(known, 60) for known in names[:40]]
    raise ConfigError("is not a column", field=field, value=name, choices=shown, file=file)


def as_target(column: Column, place: int, reason: str, task: str, file: str) -> Target:
    """A column as it is to be learned.

    Args:
        column: The column.
        place: Its place among the columns.
        reason: Why it is this one.
        task: "classes", "values" or "auto".
        file: For messages.

    Raises:
        ConfigError: It cannot be what `task` says, or holds one class only.
    """
    said = "you chose it"
    if task == "auto":
        task, said = _task_of(column)
    if task == "values":
        if column.values is None:
            shown = safe_text(column.words[0], 40) if column.words else None
            raise ConfigError("is not a number", field=safe_text(column.name, 60), value=shown, file=file,
                              column=column.number)  # fmt: skip
        return Target(place, reason, task, said, column.values)
    names, y = _classes(column)
    n_each = np.bincount(y[y >= 0], minlength=len(names))
    if (n_each > 0).sum() < 2:
        value = safe_text(names[0], 40) if names else None
        raise ConfigError("has one class only", field=safe_text(column.name, 60), value=value, file=file,
                          allowed="2 or more")  # fmt: skip
    if len(names) > MAX_CLASSES:
        raise ConfigError(f"has {len(names)} classes", field=safe_text(column.name, 60), file=file,
                          allowed=f"at most {MAX_CLASSES}")  # fmt: skip
    return Target(place, reason, task, said, y, names)


def task_of_numbers(numbers: np.ndarray, name: str = "") -> tuple[str, str]:
    """Whether numbers are classes or values, and why.

    Args:
        numbers: float64 or whole (n,), those missing left out.
        name: Of the column or array.
    """
    if not _are_whole(numbers):
        return "values", "its numbers are not whole"
    n_kinds = len(np.unique(numbers))
    if n_kinds <= FEW_NUMBERS and n_kinds < len(numbers):
        return "classes", f"it holds {n_kinds} different whole numbers, {FEW_NUMBERS} or fewer"
    if name.lower() in _CLASS_NAMES and n_kinds <= min(MAX_CLASSES, len(numbers) // 2):
        return "classes", f"it is called {name!r} and holds {n_kinds} different whole numbers"
    return "values", f"it holds {n_kinds} different whole numbers, more than {FEW_NUMBERS}"


def _can_be_learned(column: Column) -> bool:
    return column.kind in (NUMBER, CATEGORY, YES_NO)


def _task_of(column: Column) -> tuple[str, str]:
    if column.kind in (CATEGORY, YES_NO, TEXT) or column.values is None:
        return "classes", "it holds words"
    if column.kind in (DATE, ID, ROW_NUMBER, CONSTANT):
        return "values", f"it is {'an id' if column.kind == ID else f'a {column.kind}'}"
    return task_of_numbers(column.values[np.isfinite(column.values)], column.name)


def _classes(column: Column) -> tuple[tuple[str, ...], np.ndarray]:
    """Names of the classes, in order, and the class of each row, -1 where missing."""
    if column.kind == YES_NO and column.values is not None:
        yes, no = column.yes
        y = np.where(np.isnan(column.values), -1, column.values).astype(np.int64)
        return (no, yes), y
    if column.values is None:
        return column.words, column.codes.astype(np.int64)
    known = np.isfinite(column.values)
    numbers, places = np.unique(column.values[known], return_inverse=True)
    y = np.full(len(column.values), -1, np.int64)
    y[known] = places
    return tuple(f"{number:.12g}" for number in numbers), y


def _are_whole(numbers: np.ndarray) -> bool:
    return bool((numbers == np.floor(numbers)).all() and (np.abs(numbers) < 2.0**53).all())
