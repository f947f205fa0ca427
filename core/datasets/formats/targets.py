"""Arrays from a file as inputs and targets: what is a class and what a value, and what cannot be learned from.

One set of rules for CSV, NPZ, NPY, IDX and folders of pictures, so that the same data means the same in every form.
"""

from __future__ import annotations

import os

import numpy as np

from ...errors import ConfigError
from ...registry import Param, Settings
from ...text import safe_text

MAX_CLASSES = 1000
MAX_INPUTS = 65536
MAX_VALUES = 1 << 25
"""Most numbers in the inputs of one data set, rows times columns."""
MIN_ROWS = 4
MANY = 32
"""Whole numbers with more different values than this are taken as values, not as classes."""

PATH = Param(name="path", default="", summary="The file, relative to the preset's or to the current folder.")

MAX_ROWS = Param(
    name="max_rows",
    default=20_000,
    low=MIN_ROWS,
    high=1_000_000,
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


def beside(path: str, name: str) -> str:
    """The file called `name` in the folder of the file `path`; a whole path stays as it is."""
    return os.path.join(os.path.dirname(path), name)


def shown(path: str) -> str:
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
        ConfigError: They are texts, not finite, too many, or of another number of dimensions.
    """
    if x.dtype.kind == "U" or not 1 <= x.ndim <= 4:
        raise ConfigError(
            "cannot be inputs", value=f"{x.dtype} {x.shape}", file=file, allowed="numbers, (rows, columns) or pictures"
        )
    picture: tuple[int, ...] = ()
    if x.ndim == 3:
        picture = (1, *x.shape[1:])
    elif x.ndim == 4:
        if x.shape[3] in (1, 3) and x.shape[1] not in (1, 3):
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
    _check_finite(numbers, "input", file)
    return numbers, picture


def as_targets(y: np.ndarray, task: str, file: str, name: str) -> tuple[np.ndarray, str, tuple[str, ...]]:
    """Targets as class numbers or values.

    Args:
        y: One target a row, or several columns of values.
        task: "classes", "values" or "auto".
        file: For messages.
        name: Of the target, for messages.

    Returns:
        `y` as int64 (n,) or float64 (n, n_outputs); "classes" or "values"; names of the classes.

    Raises:
        ConfigError: They cannot be what `task` says, are not finite, or are all of one class.
    """
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if task == "auto":
        task = _guess(y)
    if task == "values":
        if y.dtype.kind == "U" or y.ndim > 2:
            raise ConfigError("cannot be values", field=name, value=f"{y.dtype} {y.shape}", file=file)
        values = _float64(y).reshape(len(y), -1)
        if values.shape[1] > MAX_CLASSES:
            raise ConfigError(f"has {values.shape[1]} columns", field=name, file=file, allowed=f"1 to {MAX_CLASSES}")
        _check_finite(values, name, file)
        return values, "values", ()
    if y.ndim != 1:
        raise ConfigError("cannot be classes", field=name, value=f"shape {y.shape}", file=file, allowed="one a row")
    if y.dtype.kind == "f":
        _check_finite(y[:, None], name, file)
        if not _are_whole(y):
            first = int(np.flatnonzero((y != np.floor(y)) | (np.abs(y) >= 2.0**53))[0])
            raise ConfigError(
                "is no class", field=name, value=float(y[first]), file=file, allowed="whole numbers, texts"
            )
        y = y.astype(np.int64)
    kinds, numbers = np.unique(y, return_inverse=True)
    if len(kinds) < 2:
        raise ConfigError(
            "has one class only", field=name, value=safe_text(kinds[0], 40), file=file, allowed="2 or more"
        )
    if len(kinds) > MAX_CLASSES:
        raise ConfigError(f"has {len(kinds)} classes", field=name, file=file, allowed=f"at most {MAX_CLASSES}")
    return numbers.astype(np.int64), "classes", tuple(safe_text(kind, 40) for kind in kinds)


def _float64(array: np.ndarray) -> np.ndarray:
    """A copy as float64; a signaling NaN in 32 bits warns when it is cast, and is found by the check that follows."""
    with np.errstate(invalid="ignore"):
        return array.astype(np.float64)


def _guess(y: np.ndarray) -> str:
    if y.ndim != 1:
        return "values"
    if y.dtype.kind in "bU":
        return "classes"
    if y.dtype.kind == "f" and not _are_whole(y):
        return "values"
    return "classes" if len(np.unique(y)) <= MANY else "values"


def _are_whole(y: np.ndarray) -> bool:
    return bool(np.isfinite(y).all() and (y == np.floor(y)).all() and (np.abs(y) < 2.0**53).all())


def _check_finite(numbers: np.ndarray, name: str, file: str) -> None:
    bad = ~np.isfinite(numbers)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        value = str(numbers[row, column])
        raise ConfigError(f"is not a number, in row {row + 1}, column {column + 1}", field=name, value=value, file=file)
