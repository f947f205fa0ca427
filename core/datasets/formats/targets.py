"""Arrays from a file as inputs and targets: what is a class and what a value, and what cannot be learned from.

One set of rules for CSV, NPZ, NPY, IDX and folders of pictures, so that the same data means the same in every form.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np

from ...errors import ConfigError
from ...registry import Param, Settings
from ...text import distinct_texts, safe_text

MAX_CLASSES = 1000
MAX_INPUTS = 65536
MAX_VALUES = 1 << 27
"""Most numbers in the inputs of one data set, rows times columns."""
MIN_ROWS = 4
MANY = 32
"""Whole numbers with more different values than this are values, unless they look like nothing but class numbers."""
_CHANNELS = (1, 3, 4)
"""Sizes of the axis of channels: gray, color, color with transparency."""

PATH = Param(name="path", default="", summary="The file, relative to the preset's or to the current folder.")

MAX_ROWS = Param(
    name="max_rows",
    default=1_000_000,
    low=MIN_ROWS,
    high=10_000_000,
    scale="log",
    unit="rows",
    summary="Rows used; of a longer file, as many drawn at random.",
)

TASK = Param(
    name="task",
    default="auto",
    choices=("auto", "classes", "values"),
    summary="Whether the target is a class or a value; auto: texts and few whole numbers are classes.",
)


def path_of(settings: Settings) -> str:
    """The path in `settings`.

    Raises:
        ConfigError: It is empty.
    """
    path = str(settings["path"])
    if not path:
        raise ConfigError("names no file", field="data.path", value=path, allowed="the path of a file")
    return path


def path_beside(path: str, name: str) -> str:
    """The file called `name` in the folder of the file `path`; a whole path stays as it is."""
    return os.path.join(os.path.dirname(path), name)


def safe_path(path: str) -> str:
    """A path, safe to show."""
    return safe_text(os.fspath(path))


def rows_kept(n: int, limit: int, file: str, rng: np.random.Generator) -> np.ndarray:
    """Numbers of the rows to use, in order: all, or `limit` drawn at random.

    Raises:
        ConfigError: There are too few to learn from.
    """
    if n < MIN_ROWS:
        raise ConfigError(f"has {n} rows of data", file=file, allowed=f"at least {MIN_ROWS}")
    return np.arange(n) if n <= limit else np.sort(rng.choice(n, limit, replace=False))


def as_inputs(x: np.ndarray, file: str) -> tuple[np.ndarray, tuple[int, ...]]:
    """Inputs as float64 (n, columns), with the shape of a picture if `x` holds pictures, else ().

    Pictures are (n, height, width), (n, channels, height, width) or (n, height, width, channels); whole numbers of one
    byte are brightness 0 to 255 and brought to [0, 1].

    Raises:
        ConfigError: They are texts, too many, of another number of dimensions, or pictures that are not finite.
    """
    if x.dtype.kind == "U" or not 1 <= x.ndim <= 4:
        raise ConfigError(
            "cannot be inputs", value=f"{x.dtype} {x.shape}", file=file, allowed="numbers, (rows, columns) or pictures"
        )
    picture: tuple[int, ...] = ()
    if x.ndim == 3:
        picture = (1, *x.shape[1:])
    elif x.ndim == 4:
        if x.shape[3] in _CHANNELS and x.shape[1] not in _CHANNELS:
            x = x.transpose(0, 3, 1, 2)
        picture = x.shape[1:]
    flat = x.reshape(len(x), -1)
    if flat.shape[1] > MAX_INPUTS or flat.size > MAX_VALUES:
        raise ConfigError(
            f"holds {flat.shape[0]} rows of {flat.shape[1]} inputs", file=file,
            allowed=f"at most {MAX_INPUTS} inputs, {MAX_VALUES} numbers",
        )  # fmt: skip
    numbers = _float64(flat)
    if picture and x.dtype == np.uint8:
        numbers /= 255.0
    if picture:
        _check_finite(numbers, "input", file)
    return numbers, picture


@dataclass(frozen=True, eq=False)
class Targets:
    """Targets as they are learned."""

    y: np.ndarray
    """Classes: int64 (n,). Values: float64 (n, n_outputs)."""
    task: str
    """"classes" or "values"."""
    reason: str
    """Why it is this task."""
    class_names: tuple[str, ...] = ()
    """One name per class; () for values."""


def as_targets(y: np.ndarray, task: str, file: str, name: str, labels: bool = False) -> Targets:
    """Targets as class numbers or values.

    Args:
        y: One target a row, several columns of values, or a column of 0 and 1 for each class.
        task: "classes", "values" or "auto".
        file: For messages.
        name: Of the target, for messages.
        labels: Whether they come from a file that holds labels and nothing else.

    Raises:
        ConfigError: They cannot be what `task` says, are not finite, or are all of one class.
    """
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    reason = "you chose it"
    if task == "auto":
        task, reason = _guess(y, labels)
    if task == "values":
        if y.dtype.kind == "U" or y.ndim > 2:
            raise ConfigError("cannot be values", field=name, value=f"{y.dtype} {y.shape}", file=file)
        values = _float64(y).reshape(len(y), -1)
        if values.shape[1] > MAX_CLASSES:
            raise ConfigError(f"has {values.shape[1]} columns", field=name, file=file, allowed=f"1 to {MAX_CLASSES}")
        _check_finite(values, name, file)
        return Targets(values, "values", reason)
    if _is_one_hot(y):
        y = y.argmax(axis=1)
    if y.ndim != 1:
        allowed = "one a row, or a column of 0 and 1 for each class"
        raise ConfigError("cannot be classes", field=name, value=f"shape {y.shape}", file=file, allowed=allowed)
    if y.dtype.kind == "f":
        _check_finite(y[:, None], name, file)
        if not _are_whole(y):
            first = int(np.flatnonzero((y != np.floor(y)) | (np.abs(y) >= 2.0**53))[0])
            raise ConfigError(
                "is not a class", field=name, value=float(y[first]), file=file, allowed="whole numbers, texts"
            )
        y = y.astype(np.int64)
    kinds, numbers = np.unique(y, return_inverse=True)
    if len(kinds) < 2:
        raise ConfigError(
            "has one class only", field=name, value=safe_text(kinds[0], 40), file=file, allowed="2 or more"
        )
    if len(kinds) > MAX_CLASSES:
        raise ConfigError(f"has {len(kinds)} classes", field=name, file=file, allowed=f"at most {MAX_CLASSES}")
    return Targets(numbers.astype(np.int64), "classes", reason, distinct_texts(kinds.tolist(), 40))


def _float64(array: np.ndarray) -> np.ndarray:
    """A copy as float64; a signaling NaN in 32 bits warns when it is cast, and is found by the check that follows."""
    with np.errstate(invalid="ignore"):
        return array.astype(np.float64)


def _guess(y: np.ndarray, labels: bool) -> tuple[str, str]:
    """Whether targets are classes or values, and why."""
    if _is_one_hot(y):
        return "classes", f"each row has a 1 in one of {y.shape[1]} columns"
    if y.ndim != 1:
        return "values", f"there are {y.shape[-1]} columns of numbers"
    if y.dtype.kind in "bU":
        return "classes", "they are words" if y.dtype.kind == "U" else "they are true or false"
    if y.dtype.kind == "f" and not _are_whole(y):
        return "values", "they are not whole numbers"
    kinds, counts = np.unique(y, return_counts=True)
    if len(kinds) <= MANY:
        return "classes", f"there are {len(kinds)} different whole numbers, {MANY} or fewer"
    if labels and len(kinds) <= MAX_CLASSES:
        return "classes", f"a file of labels holds {len(kinds)} different ones"
    counted = y.dtype.kind in "iu" and int(kinds[0]) in (0, 1) and int(kinds[-1]) - int(kinds[0]) == len(kinds) - 1
    if counted and len(kinds) <= MAX_CLASSES and counts.min() >= max(5.0, 0.1 * counts.mean()):
        return (
            "classes",
            f"every whole number from {kinds[0]} to {kinds[-1]} is there, each at least {counts.min()} times",
        )
    return "values", f"there are {len(kinds)} different whole numbers, more than {MANY}"


def _is_one_hot(y: np.ndarray) -> bool:
    """Whether each row has a 1 in one column and 0 in the others."""
    if y.ndim != 2 or y.shape[1] < 2 or y.dtype.kind not in "biuf":
        return False
    return bool(((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all())


def _are_whole(y: np.ndarray) -> bool:
    return bool(np.isfinite(y).all() and (y == np.floor(y)).all() and (np.abs(y) < 2.0**53).all())


def _check_finite(numbers: np.ndarray, name: str, file: str) -> None:
    bad = ~np.isfinite(numbers)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        value = str(numbers[row, column])
        raise ConfigError(f"is not a number, in row {row + 1}, column {column + 1}", field=name, value=value, file=file)
