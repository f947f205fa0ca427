"""Inputs scaled and packed for the engine: 32 bits, in one piece, read-only, and small enough to be trained on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

import numpy as np

from ..config.arguments import LARGEST
from ..datasets.base import Samples
from ..errors import ConfigError
from ..registry import Settings
from ..scalers import DEFAULT as DEFAULT_SCALER
from ..scalers.base import Fitted, Scaler

MAX_FLOAT = float(np.finfo(np.float32).max)


def as_float32(x: np.ndarray) -> np.ndarray:
    """The array as float32, frozen; itself, where it is one and nobody else's."""
    return read_only(x.astype(np.float32, order="C", copy=False))


def read_only(array: np.ndarray) -> np.ndarray:
    """The array in one piece, closed to writing; a copy if it belongs to somebody else."""
    own = array if array.flags.owndata and array.flags.c_contiguous else np.array(array, order="C")
    own.flags.writeable = False
    return own


def as_columns(x: np.ndarray) -> np.ndarray:
    """Rows of what a scaler takes as its columns: inputs, or the channels of every pixel."""
    return x if x.ndim == 2 else np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])


def by_columns(
    function: Callable[..., np.ndarray], x: np.ndarray, fitted: Mapping[str, np.ndarray], settings: Mapping[str, Any]
) -> np.ndarray:
    """What a scaler's function makes of inputs, in their shape."""
    y = function(as_columns(x), fitted, settings)
    return y if x.ndim == 2 else np.moveaxis(y.reshape(len(x), *x.shape[2:], x.shape[1]), -1, 1)


def fit_columns(scaler: Scaler, x: np.ndarray, rows: np.ndarray, numbers: np.ndarray, settings: Settings) -> Fitted:
    """What a scaler finds in the rows `rows` of the columns that are numbers: (n_inputs,) each, NaN at the others.

    One column after the other, so that a large table is never there twice.
    """
    found: dict[str, np.ndarray] = {}
    for column in np.flatnonzero(numbers):
        for name, value in scaler.fit(x[rows, column][:, None], settings).items():
            found.setdefault(name, np.full(len(numbers), np.nan))[column] = value[0]
    return found


def transform_columns(
    function: Callable[..., np.ndarray],
    x: np.ndarray,
    numbers: np.ndarray,
    fitted: Fitted,
    settings: Settings,
    rows: np.ndarray | None = None,
) -> np.ndarray:
    """What a scaler's function makes of the columns that are numbers, float32 (n, n_inputs); the others as they are.

    With `rows` only of those; one column after the other, so that a large table is never there twice.
    """
    scaled = np.empty((len(x) if rows is None else len(rows), x.shape[1]), np.float32)
    for column in range(x.shape[1]):
        values = x[:, column] if rows is None else x[rows, column]
        if numbers[column]:
            own = {name: array[column : column + 1] for name, array in fitted.items()}
            values = function(values[:, None], own, settings)[:, 0]
        scaled[:, column] = np.clip(values, -MAX_FLOAT, MAX_FLOAT)
    return scaled


def check_scaled(x: np.ndarray, samples: Samples, rows: np.ndarray, scaler: str, file: str | None) -> None:
    """Refuse scaled inputs that do not fit into 32 bits.

    Args:
        x: Scaled, as many as `rows`.
        samples: Where they come from.
        rows: Numbers of the samples they were made of.
        scaler: What they were scaled by.
        file: Where the samples were read; None for none.

    Raises:
        ConfigError: One is too large; names its place.
    """
    flat, raw = (array.reshape(len(array), prod(array.shape[1:])) for array in (x, samples.x))
    if any((np.abs(column) > LARGEST).any() for column in flat.T):
        bad = np.argwhere(np.abs(flat) > LARGEST)
        row, column = int(rows[bad[0][0]]), int(bad[0][1])
        named = column < len(samples.input_names)
        field = samples.input_names[column] if named else f"input {column + 1}"
        cure = "choose a scaler" if scaler == DEFAULT_SCALER else f"the scaler {scaler} does not bring it down"
        raise _too_large(field, float(raw[row, column]), f"; {cure}", samples, (row, column), file)


def check_values(y: np.ndarray, samples: Samples, file: str | None) -> None:
    """Refuse values to learn that do not fit into 32 bits.

    Raises:
        ConfigError: One is too large; names its place.
    """
    bad = np.argwhere(np.abs(y) > LARGEST)
    if y.dtype.kind == "f" and len(bad):
        row, column = (int(place) for place in bad[0])
        field = samples.output_names[column] if column < len(samples.output_names) else "target"
        at = row, len(samples.input_names) + column
        raise _too_large(field, float(y[row, column]), "", samples, at, file)


def _too_large(
    field: str, value: float, more: str, samples: Samples, at: tuple[int, int], file: str | None
) -> ConfigError:
    row, column = at
    lined = samples.lines is not None
    where = f", in row {row + 1}" if file is not None and not lined else ""
    return ConfigError(
        f"is too large to train on{where}{more}",
        field=field,
        value=value,
        allowed=f"up to {LARGEST:g}",
        file=file,
        line=int(samples.lines[row]) if samples.lines is not None else None,
        column=samples.columns[column] if lined and column < len(samples.columns) else None,
    )
