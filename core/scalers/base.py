"""Contract of a scaler: fitted on the training rows only, then applied to every row, column by column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ..graph import GraphForm, Value
from ..registry import Param, Settings

Fitted = Mapping[str, np.ndarray]
"""What a fit found, by name; each float64 (n_columns,). Stored with the run."""


@dataclass(frozen=True, kw_only=True)
class Scaler:
    """One way to bring inputs to a common size."""

    name: str
    """Key in presets: "standardize"."""
    title: str
    """Name for people."""
    summary: str
    """One line for the picker."""
    formula: str
    """In plain text."""
    paper: str
    """Authors, year and identifier, or "common practice"."""
    params: tuple[Param, ...] = ()
    """Settings."""
    fit: Callable[[np.ndarray, Settings], Fitted]
    """(x float64 (n, n_columns), settings) -> fitted."""
    transform: Callable[[np.ndarray, Fitted, Settings], np.ndarray]
    """(x, fitted, settings) -> float64 of the same shape."""
    inverse: Callable[[np.ndarray, Fitted, Settings], np.ndarray] | None = None
    """Back to the units of the data; None where information is lost."""
    graph: GraphForm | None = None
    """`transform` in operations that other programs know, on numbers of 64 bits; None: what is scaled so cannot be
    exported where that has to be said."""
    graph_inverse: GraphForm | None = None
    """`inverse` in operations."""


LARGEST = float(np.finfo(np.float64).max)


def bounded(x: np.ndarray) -> np.ndarray:
    """`x` with infinities replaced by the largest float: a value far outside the training rows stays a number."""
    return x.clip(-LARGEST, LARGEST)


def usable(scale: np.ndarray, x: np.ndarray, otherwise: float = 1.0) -> np.ndarray:
    """`scale`, with another number where a column does not vary, so that it becomes 0 instead of noise or NaN.

    Args:
        scale: (n_columns,) a width of each column, in its own units.
        x: (n, n_columns) the rows it was measured on.
        otherwise: Scale of a column that does not vary.
    """
    rounding = 10.0 * np.finfo(np.float64).eps * np.abs(x).max(axis=0)
    return np.where(scale > np.maximum(rounding, 1e-300), scale, otherwise)


def mean_and_std(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and population standard deviation of each column, without overflow for values near the largest float."""
    size = np.maximum(np.abs(x).max(axis=0), 1e-300)
    small = x / size
    mean = np.clip(small.mean(axis=0), small.min(axis=0), small.max(axis=0))
    return mean * size, usable(small.std(axis=0) * size, x)


def quantiles(x: np.ndarray, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Two quantiles of each column, linear between rows; halved inside so that their distance cannot overflow."""
    below, above = np.quantile(x * 0.5, [low, high], axis=0)
    return below * 2.0, above * 2.0


def normalize(x: np.ndarray, center: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """(x - center) / scale, finite for every finite x."""
    with np.errstate(over="ignore"):
        return bounded((x * 0.5 - center * 0.5) / (scale * 0.5))


def restore(x: np.ndarray, center: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """The inverse of `normalize`."""
    with np.errstate(over="ignore"):
        return bounded(x * scale + center)


def normalized_form(x: Value, center: np.ndarray, scale: np.ndarray) -> Value:
    """`normalize` in operations."""
    return (x * 0.5 - center * 0.5) / (scale * 0.5)


def restored_form(x: Value, center: np.ndarray, scale: np.ndarray) -> Value:
    """`restore` in operations."""
    return x * scale + center
