"""Axes: limits that hold still, round ticks, and the frame plotext draws around a chart.

This is the one file that reaches into plotext: a figure of one blank point is built, and its private matrix of signs
is read back (hence the pin below 6, and the check of `SUPPORTED`). Frames are remembered, and limits are rounded
outward and kept while they fit, so that a growing curve changes few cells.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .format import tick

SUPPORTED = "5.3"
"""Version of plotext whose private matrix is laid out as `frame` reads it."""

ROUNDING = 1e-5
"""Values that differ by less than this share of their size are one: they have been through single precision."""

_GROWTH = (1.0, 1.25, 1.6, 2.0, 2.5, 3.2, 4.0, 5.0, 6.4, 8.0, 10.0)


@dataclass(frozen=True)
class Axis:
    """Limits of one direction; for a logarithmic axis they are powers of ten."""

    low: float
    high: float
    log: bool = False

    def share(self, values: np.ndarray) -> np.ndarray:
        """Where values lie, 0 at `low` and 1 at `high`; NaN where they cannot be shown."""
        values = np.asarray(values, float)
        if self.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                values = np.where(values > 0, np.log10(values), np.nan)
        return (values - self.low) / (self.high - self.low)

    def value(self, share: float) -> float:
        """The value at a share of the axis."""
        place = self.low + share * (self.high - self.low)
        return float(10.0**place) if self.log else float(place)


@dataclass(frozen=True, eq=False)
class Frame:
    """What stands around the drawing area."""

    codes: np.ndarray
    """uint32 (rows, columns) signs."""
    left: int
    """First column of the drawing area."""
    top: int
    columns: int
    """Width of the drawing area."""
    rows: int


def grow(last: float) -> float:
    """The right end for an axis that starts at 0 and has data up to `last`: grows by about a quarter at a time."""
    if not last > 0:
        return 1.0
    unit = 10.0 ** math.floor(math.log10(last))
    return next(unit * step for step in _GROWTH if unit * step >= last * (1 - 1e-12))


def limits(low: float, high: float, log: bool = False, old: Axis | None = None) -> Axis:
    """Limits rounded outward around data; `old` ones are kept while the data fit them and fill most of them.

    Args:
        low: Smallest value; NaN when there is none.
        high: Largest value.
        log: Whether the axis is logarithmic.
        old: The limits in use.
    """
    if log:
        low = math.log10(low) if low > 0 else math.nan
        high = math.log10(high) if high > 0 else math.nan
    if not (math.isfinite(low) and math.isfinite(high)):
        return old if old is not None and old.log == log else Axis(-2.0 if log else 0.0, 0.0 if log else 1.0, log)
    if old is not None and old.log == log and old.low <= low and high <= old.high:
        spread = high - low
        if spread >= 0.45 * (old.high - old.low):
            return old
    if log:
        bottom, top = _log_floor(low), _log_ceil(high)
        return Axis(bottom, max(top, bottom + 0.5), True)
    if high - low < ROUNDING * max(abs(high), abs(low), 1e-30):
        pad = abs(high) * 0.1 or 0.5
        low, high = (0.0, 2 * high or 1.0) if low >= 0 else (low - pad, high + pad)
    step = nice_step(high - low, 8)
    bottom, top = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    return Axis(bottom, top, False)


def nice_step(span: float, n: int) -> float:
    """A step of 1, 2 or 5 times a power of ten that divides `span` into about `n` parts."""
    raw = span / max(n, 1)
    if not raw > 0 or not math.isfinite(raw):
        return 1.0
    unit = 10.0 ** math.floor(math.log10(raw))
    return next((unit * m for m in (1, 2, 5) if unit * m >= raw * (1 - 1e-9)), unit * 10)


def ticks(axis: Axis, n: int) -> tuple[list[float], list[str]]:
    """About `n` round places on an axis, in its own units (powers for a logarithmic one), and their labels."""
    if axis.log:
        whole = range(math.ceil(axis.low - 1e-9), math.floor(axis.high + 1e-9) + 1)
        stride = max(math.ceil(len(whole) / max(n, 1)), 1)
        powers = [float(p) for p in whole if p % stride == 0]
        places = [(p, 10.0**p) for p in powers]
        if len(powers) < 3 and stride == 1 and n > len(powers):
            between = [
                (p + math.log10(m), m * 10.0**p) for p in range(math.floor(axis.low), whole.stop) for m in (2, 5)
            ]
            places += [(p, v) for p, v in between if axis.low - 1e-9 <= p <= axis.high + 1e-9]
            places.sort()
        return [p for p, _ in places], [_power(v) for _, v in places]
    step = nice_step(axis.high - axis.low, n)
    while math.floor(axis.high / step + 1e-9) <= math.ceil(axis.low / step - 1e-9):
        step /= 2  # one tick alone gives no scale
    first, last = math.ceil(axis.low / step - 1e-9), math.floor(axis.high / step + 1e-9)
    values = [k * step for k in range(first, min(last, first + 50) + 1)]
    return values, [tick(v, step) for v in values]


@lru_cache(maxsize=32)
def frame(columns: int, rows: int, x: Axis, y: Axis, unicode: bool = True) -> Frame | None:
    """The axes of a chart with their ticks, drawn by plotext; None where the room is too small for them."""
    if columns < 16 or rows < 4:
        return None
    import plotext
    from plotext._figure import _figure_class

    if not plotext.__version__.startswith(SUPPORTED):
        return None
    figure = _figure_class()
    figure._limit_size(False, False)  # otherwise cut to the size of the real terminal, which may be another
    figure.theme("clear")
    figure.plotsize(columns, rows)
    figure.xaxes(True, False)
    figure.yaxes(True, False)
    figure.xlim(x.low, x.high)
    figure.ylim(y.low, y.high)
    figure.xticks(*ticks(x, max((columns - 8) // 9, 2)))
    figure.yticks(*ticks(y, max((rows - 1) // 3, 2)))
    figure.scatter([x.low], [y.low], marker=" ")
    figure.build()
    matrix = figure.monitor.matrix
    across, down = matrix.Cols_canvas, matrix.Rows_canvas
    if matrix.size != [rows, columns] or len(across) < 4 or len(down) < 2:
        return None
    # plotext counts rows from the bottom.
    codes = np.asarray([[ord(char[0]) for char in row] for row in reversed(matrix.marker)], np.uint32)
    codes = codes if unicode else _ascii(codes)
    return Frame(codes, across.start, rows - down.stop, len(across), len(down))


def _ascii(codes: np.ndarray) -> np.ndarray:
    table = {ord("─"): "-", ord("│"): "|", **dict.fromkeys(map(ord, "┤├┬┴┼└┘┌┐"), "+")}
    for old, new in table.items():
        codes = np.where(codes == old, ord(new), codes)
    return np.where(codes < 127, codes, ord("?"))


def _log_floor(power: float) -> float:
    whole = math.floor(power + 1e-9)
    return whole + max((p for p in (0.0, math.log10(2), math.log10(5)) if whole + p <= power + 1e-9), default=0.0)


def _log_ceil(power: float) -> float:
    whole = math.floor(power + 1e-9)
    return whole + min((p for p in (0.0, math.log10(2), math.log10(5), 1.0) if whole + p >= power - 1e-9), default=1.0)


def _power(value: float) -> str:
    if 1e-3 < value < 1e4:
        return f"{value:.4g}"
    mantissa, exponent = f"{value:.0e}".split("e")
    return f"{mantissa}e{int(exponent)}"
