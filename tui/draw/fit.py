"""Drawings of answers that are numbers: a function of one input with its data, and predicted against true values."""

from __future__ import annotations

import math

import numpy as np

from .axes import Axis, limits
from .cells import Row, message
from .look import Look
from .plane import PlaneLayer, plane


def extent(*arrays: np.ndarray) -> tuple[float, float]:
    """Smallest and largest finite value of some arrays; NaN where there is none."""
    low, high = math.inf, -math.inf
    for array in arrays:
        values = np.asarray(array, float)
        values = values[np.isfinite(values)]
        if len(values):
            low, high = min(low, float(values.min())), max(high, float(values.max()))
    return (low, high) if low <= high else (math.nan, math.nan)


def fit_axes(
    x: np.ndarray, points: tuple[np.ndarray, ...], y: np.ndarray, old: tuple[Axis, Axis] | None = None
) -> tuple[Axis, Axis]:
    """Limits for `fit`: those of the data, with the curve let in up to half the data's height beyond."""
    low, high = extent(*points)
    curve_low, curve_high = extent(y)
    if math.isfinite(low) and math.isfinite(curve_low):
        room = 0.5 * (high - low or 1.0)
        low, high = min(low, max(curve_low, low - room)), max(high, min(curve_high, high + room))
    elif math.isfinite(curve_low):
        low, high = curve_low, curve_high
    left, right = extent(x)
    across = Axis(left, right) if right > left else limits(left, right)
    return across, limits(low, high, old=old[1] if old else None)


def fit(
    columns: int,
    rows: int,
    x: np.ndarray,
    y: np.ndarray,
    train: tuple[np.ndarray, np.ndarray],
    val: tuple[np.ndarray, np.ndarray],
    axes: tuple[Axis, Axis],
    *,
    true: np.ndarray | None = None,
    look: Look | None = None,
) -> list[Row]:
    """The function learned, over the points it is learned from and judged by, and dotted the one they were made from.

    Points are braille dots, which lie between rows and columns of cells, as the curve does; without color or braille
    they are signs (● and ∘), since dots would all look the same.
    """
    if not len(x) and not len(train[0]):
        return message("no curve yet", columns, rows)
    look = look or Look()
    order = np.argsort(x, kind="stable")
    across = np.asarray(x)[order]
    size = 2 if len(train[0]) + len(val[0]) < columns * rows / 2 else 1
    fine = look.unicode and look.color
    layers = [
        PlaneLayer(*val, "val_point", "" if fine else "∘", dots=fine, size=size),
        PlaneLayer(*train, "train_point", "" if fine else "●", dots=fine, size=size),
    ]
    if true is not None and len(true) == len(across):
        layers.insert(0, PlaneLayer(across, np.asarray(true)[order], "truth", dotted=True))
    layers.append(PlaneLayer(across, np.asarray(y)[order], "output", under=not (fine and look.strokes)))
    return plane(columns, rows, layers, *axes, look=look)


def against(
    columns: int,
    rows: int,
    true: np.ndarray,
    predicted: np.ndarray,
    *,
    old: Axis | None = None,
    look: Look | None = None,
) -> tuple[list[Row], Axis]:
    """Predicted (upward) against true values (across), with the line on which they are equal, and the limits used."""
    axis = limits(*extent(true, predicted), old=old)
    if not len(true):
        return message("no answers yet", columns, rows), axis
    ends = np.linspace(axis.low, axis.high, 50)
    many = len(true) > columns * rows // 6
    layers = [
        PlaneLayer(ends, ends, "future", dotted=True),
        PlaneLayer(true, predicted, "val_point", "" if many else "∘", dots=many),
    ]
    return plane(columns, rows, layers, axis, axis, look=look), axis
