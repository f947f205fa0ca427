"""Curves as braille dots: four rows and two columns of dots in each cell.

A curve is reduced to one upright span of dots per column of dots (`spans`), so any number of points costs about the
same and no spike is lost. NumPy does it until `warm` has compiled the same loop with Numba in some other thread: the
first picture must not wait for a compiler.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

BLANK = 0x2800
"""The braille sign without dots; a dot's bit is added."""

_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint32)

Spans = tuple[np.ndarray, np.ndarray]
"""Smallest and largest place of a curve in each column of dots, NaN where there is none."""

_kernel: Callable[[np.ndarray, np.ndarray, int], Spans] | None = None


def warm() -> None:
    """Compile the fast loop. Takes about a second the first time; call it from a thread that nobody waits for."""
    global _kernel
    from . import raster

    raster.spans(np.zeros(2), np.zeros(2), 2)
    _kernel = raster.spans


def spans(x: np.ndarray, y: np.ndarray, columns: int) -> Spans:
    """The upright extent of a polyline in each column.

    Args:
        x: float64 (k,) places across in columns, rising; a point at 2.7 lies in column 2.
        y: float64 (k,) places down; NaN breaks the line.
        columns: How many columns there are.

    Returns:
        Two float64 (columns,) arrays.
    """
    y = np.where(np.isfinite(y), y, np.nan)
    if _kernel is not None:
        return _kernel(np.ascontiguousarray(x, np.float64), np.ascontiguousarray(y, np.float64), columns)
    return spans_numpy(x, y, columns)


def spans_numpy(x: np.ndarray, y: np.ndarray, columns: int) -> Spans:
    """`spans` without a compiler."""
    low, high = np.full(columns, np.nan), np.full(columns, np.nan)
    if len(x) == 0 or columns < 1:
        return low, high
    inside = (x >= 0) & (x < columns) & np.isfinite(y)
    column, place = x[inside].astype(np.int64), y[inside]
    if len(column):
        starts = np.flatnonzero(np.concatenate(([True], column[1:] != column[:-1])))
        low[column[starts]] = np.minimum.reduceat(place, starts)
        high[column[starts]] = np.maximum.reduceat(place, starts)
    # Where the line crosses from one column into the next it belongs to both, which joins their spans.
    borders = np.arange(columns + 1, dtype=np.float64)
    crossing = np.interp(borders, x, y, left=np.nan, right=np.nan)
    low = np.fmin(low, np.fmin(crossing[:-1], crossing[1:]))
    high = np.fmax(high, np.fmax(crossing[:-1], crossing[1:]))
    return low, high


def fill(low: np.ndarray, high: np.ndarray, rows: int) -> np.ndarray:
    """Dots between two places in each column: bool (rows, columns); what lies outside is cut off."""
    columns = len(low)
    shown = np.isfinite(low) & np.isfinite(high) & (high >= 0) & (low < rows)
    top = np.clip(np.nan_to_num(low, nan=0.0), 0, rows - 1).astype(np.int64)
    bottom = np.clip(np.nan_to_num(high, nan=0.0), 0, rows - 1).astype(np.int64)
    change = np.zeros((rows + 1, columns), np.int8)
    at = np.flatnonzero(shown)
    change[top[at], at] += 1
    change[bottom[at] + 1, at] -= 1
    return np.cumsum(change[:-1], axis=0, dtype=np.int8) > 0


def points(x: np.ndarray, y: np.ndarray, columns: int, rows: int, size: int = 1) -> np.ndarray:
    """Dots at places given in columns and rows of dots, each so many dots wide and high: bool (rows, columns)."""
    dots = np.zeros((rows, columns), bool)
    with np.errstate(invalid="ignore"):
        inside = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
    shift = (size - 1) / 2
    for i in range(size):
        for j in range(size):
            down = np.clip(np.floor(y[inside] - shift + i), 0, rows - 1).astype(np.int64)
            dots[down, np.clip(np.floor(x[inside] - shift + j), 0, columns - 1).astype(np.int64)] = True
    return dots


def cells(dots: np.ndarray) -> np.ndarray:
    """Braille signs of dots: bool (4·rows, 2·columns) -> uint32 (rows, columns), 0 where no dot is set."""
    rows, columns = dots.shape[0] // 4, dots.shape[1] // 2
    blocks = dots.reshape(rows, 4, columns, 2)
    bits = np.zeros((rows, columns), np.uint32)
    for i in range(4):
        for j in range(2):
            bits += blocks[:, i, :, j] * _BITS[i, j]
    return np.where(bits > 0, bits + BLANK, 0).astype(np.uint32)


def ascii_cells(dots: np.ndarray) -> np.ndarray:
    """The nearest of the signs ' - . | for each cell of dots, 0 where no dot is set."""
    rows, columns = dots.shape[0] // 4, dots.shape[1] // 2
    lines = dots.reshape(rows, 4, columns, 2).any(axis=3)
    n = lines.sum(axis=1)
    middle = (lines * np.arange(4)[None, :, None]).sum(axis=1) / np.maximum(n, 1)
    flat = np.where(middle < 0.9, ord("'"), np.where(middle < 2.1, ord("-"), ord(".")))
    return np.where(n == 0, 0, np.where(n >= 3, ord("|"), flat)).astype(np.uint32)
