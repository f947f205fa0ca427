"""A chart of curves over the steps of a run: a band for what they hold within a stretch, a line for its mean.

Both axes have round numbers. Where all values are positive and span more than a power of ten, the axis of the values is
logarithmic, and says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .shapes import Lettering, Patch, Shape, Stroke, rectangle

MAX_POINTS = 400
"""Points a curve is drawn with; more do not fit into the width of a chart."""
_GRID, _AXIS, _TEXT, _MARK = "#e6e6e6", "#888888", "#444444", "#b0b0b0"
_LOG_FROM = 20.0
"""Largest beside smallest value from which an axis is logarithmic."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 62.0, 12.0, 26.0, 24.0
"""Room around the curves for numbers and title."""


@dataclass(frozen=True, eq=False)
class PlottedCurve:
    """One curve."""

    name: str
    steps: np.ndarray
    """int64 (n,)."""
    values: np.ndarray
    """float64 (n,): mean of each stretch; NaN is a gap."""
    low: np.ndarray
    high: np.ndarray
    color: str


@dataclass(frozen=True)
class ChartBox:
    """Where a chart lies, in pixels, and which steps it shows."""

    x: float
    y: float
    width: float
    height: float
    first: int
    last: int

    @property
    def inner(self) -> tuple[float, float, float, float]:
        """x, y, width and height of the room for the curves."""
        return self.x + _LEFT, self.y + _TOP, self.width - _LEFT - _RIGHT, self.height - _TOP - _BOTTOM


def chart_shapes(box: ChartBox, title: str, curves: Sequence[PlottedCurve], marks: Sequence[int] = ()) -> list[Shape]:
    """All that a chart consists of.

    Args:
        box: Where it lies.
        title: Of the values.
        curves: Drawn one over the other.
        marks: Steps at which something was changed.
    """
    x, y, width, height = box.inner
    thinned = [_thinned(curve) for curve in curves]
    axis = _Axis.of(thinned)
    heading = f"{title}, logarithmic" if axis.log else title
    shapes: list[Shape] = [Lettering(box.x + _LEFT, box.y + 16, heading, bold=True)]
    shapes += _grid(box, axis)
    for step in marks:
        at = x + width * _share(np.array([step]), box)[0]
        shapes.append(Stroke(np.array([[at, y], [at, y + height]]), _MARK, 1.0, (4.0, 4.0)))
    legend = box.x + box.width - _RIGHT
    for curve in reversed(thinned if len(thinned) > 1 else []):
        shapes.append(Lettering(legend, box.y + 16, curve.name, curve.color, 11.0, "end"))
        legend -= 7.0 * len(curve.name) + 14.0
    for curve in thinned:
        across = x + width * _share(curve.steps, box)
        low, mean, high = (y + height * (1.0 - axis.place(part)) for part in (curve.low, curve.values, curve.high))
        there = np.isfinite(low) & np.isfinite(high)
        if there.sum() > 1 and (np.abs(high[there] - low[there]) > 0.5).any():
            edge = np.concatenate((np.stack((across, low), 1)[there], np.stack((across, high), 1)[there][::-1]))
            shapes.append(Patch(edge, lighter(curve.color)))
        shapes.append(Stroke(np.stack((across, mean), axis=1), curve.color))
    return [*shapes, Stroke(np.concatenate((rectangle(x, y, width, height), [[x, y]])), _AXIS, 1.0)]


def lighter(color: str, share: float = 0.72) -> str:
    """A color mixed with white."""
    parts = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * share):02x}" for part in parts)


def round_numbers(low: float, high: float, most: int = 6) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten from `low` to `high`, at most `most` of them."""
    width = high - low
    if not math.isfinite(width) or width <= 0.0:
        return [low]
    size = 10.0 ** math.floor(math.log10(width / most))
    step = next(size * times for times in (1, 2, 5, 10, 20) if width / (size * times) <= most - 1)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [place * step for place in range(first, last + 1)]


@dataclass(frozen=True)
class _Axis:
    low: float
    high: float
    log: bool

    @classmethod
    def of(cls, curves: Sequence[PlottedCurve]) -> _Axis:
        values = np.concatenate([np.concatenate((curve.low, curve.high)) for curve in curves] or [np.zeros(0)])
        values = values[np.isfinite(values)]
        if not len(values):
            return cls(0.0, 1.0, False)
        low, high = float(values.min()), float(values.max())
        if low > 0.0 and high / low > _LOG_FROM:
            return cls(math.log10(low), math.log10(high), True)
        room = 0.04 * (high - low) or 0.5 * abs(high) or 0.5
        return cls(low - room, high + room, False)

    def place(self, values: np.ndarray) -> np.ndarray:
        """Values as shares of the height."""
        with np.errstate(divide="ignore", invalid="ignore"):
            found: np.ndarray = ((np.log10(values) if self.log else values) - self.low) / (self.high - self.low)
        return found

    def ticks(self) -> list[tuple[float, str]]:
        """(share of the height, number) of each line of the grid."""
        if not self.log:
            return [((tick - self.low) / (self.high - self.low), f"{tick:.6g}") for tick in _clean(self.low, self.high)]
        factors = (1.0, 2.0, 5.0) if self.high - self.low < 3.0 else (1.0,)
        powers = range(math.floor(self.low), math.ceil(self.high) + 1)
        ticks = [factor * 10.0**power for power in powers for factor in factors]
        shares = [((math.log10(tick) - self.low) / (self.high - self.low), f"{tick:.6g}") for tick in ticks]
        inside = [one for one in shares if -1e-9 <= one[0] <= 1.0 + 1e-9]
        return inside[:: -(-len(inside) // 8)] if inside else []


def _clean(low: float, high: float) -> list[float]:
    return [0.0 if abs(tick) < 1e-9 * (high - low) else tick for tick in round_numbers(low, high)]


def _grid(box: ChartBox, axis: _Axis) -> list[Shape]:
    x, y, width, height = box.inner
    shapes: list[Shape] = []
    for share, text in axis.ticks():
        at = y + height * (1.0 - share)
        shapes.append(Stroke(np.array([[x, at], [x + width, at]]), _GRID, 1.0))
        shapes.append(Lettering(x - 6.0, at + 4.0, text, _TEXT, 11.0, "end"))
    for step in round_numbers(box.first, max(box.last, box.first + 1), 8):
        if step != int(step):
            continue
        at = x + width * _share(np.array([step]), box)[0]
        shapes.append(Stroke(np.array([[at, y], [at, y + height]]), _GRID, 1.0))
        shapes.append(Lettering(at, y + height + 15.0, f"{int(step):,}", _TEXT, 11.0, "middle"))
    return shapes


def _share(steps: np.ndarray, box: ChartBox) -> np.ndarray:
    return (steps - box.first) / max(box.last - box.first, 1)


def _thinned(curve: PlottedCurve) -> PlottedCurve:
    """The curve with at most `MAX_POINTS` points, each the mean of a stretch with its lowest and highest value."""
    n = len(curve.steps)
    if n <= MAX_POINTS:
        return curve
    starts = np.arange(0, n, -(-n // MAX_POINTS))
    counts = np.diff(np.append(starts, n))
    return PlottedCurve(
        curve.name,
        curve.steps[starts],
        np.add.reduceat(curve.values, starts) / counts,
        np.minimum.reduceat(curve.low, starts),
        np.maximum.reduceat(curve.high, starts),
        curve.color,
    )
