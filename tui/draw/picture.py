"""A chart as a picture and as numbers: SVG, PNG and CSV of the curves, in the window and as smooth as they are shown.

What is drawn here are shapes; both pictures are made of them as those of `dltui export` are. PNG needs Pillow, which is
only imported when a PNG is made.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dltui.core.pictures.pixels import png_of
from dltui.core.pictures.shapes import Lettering, Patch, Picture, Shape, Stroke
from dltui.core.pictures.svg import svg_of

from .axes import Axis, ticks
from .line import Mark, PlotSeries, in_window
from .view import share_of

SIZE = (960, 540)
"""Width and height of a picture in pixels."""
LEFT, RIGHT, TOP, BOTTOM = 80, 24, 44, 96
"""Margins around the curves."""
INK, GRID, MARK = "#222a35", "#dde2ea", "#6d45c4"
MOST_MARKS = 12
"""Marks that are named."""

Points = list[tuple[float, float]]


@dataclass(frozen=True, eq=False)
class Plotted:
    """A curve with its name and its color."""

    series: PlotSeries
    label: str
    color: str
    """"#rrggbb"."""


def chart_shapes(plots: Sequence[Plotted], x: Axis, y: Axis, marks: Sequence[Mark], title: str) -> list[Shape]:
    """The shapes of a chart, the later over the earlier.

    Args:
        plots: Curves, the later over the earlier; those with a band are areas.
        x: Steps shown.
        y: Values shown.
        marks: Upright lines with a label.
        title: Above the curves.
    """
    wide, tall = SIZE[0] - LEFT - RIGHT, SIZE[1] - TOP - BOTTOM
    shapes: list[Shape] = [_words(LEFT, TOP - 18, title, size=16)]
    for place, label in zip(*ticks(x, 8), strict=True):
        at = LEFT + (place - x.low) / (x.high - x.low) * wide
        shapes += [_line(((at, TOP), (at, TOP + tall)), GRID), _words(at, TOP + tall + 18, label, anchor="middle")]
    for place, label in zip(*ticks(y, 6), strict=True):
        at = TOP + (1 - (place - y.low) / (y.high - y.low)) * tall
        shapes += [_line(((LEFT, at), (LEFT + wide, at)), GRID), _words(LEFT - 8, at + 4, label, anchor="end")]
    shapes.append(_words(LEFT + wide / 2, TOP + tall + 38, "steps", anchor="middle"))
    for number, mark in enumerate(marks):
        share = share_of(x, mark.step)
        if 0 <= share <= 1:
            at = LEFT + share * wide
            shapes.append(_line(((at, TOP), (at, TOP + tall)), MARK, 1.0, (3, 4)))
            if number >= len(marks) - MOST_MARKS:
                shapes.append(_words(at + 4, TOP + 12 + 14 * (number % 3), mark.label, MARK, 11))
    for plot in plots:
        shapes += _curve(plot, x, y, wide, tall)
    ends = ((LEFT, TOP), (LEFT, TOP + tall), (LEFT + wide, TOP + tall))
    return [*shapes, _line(ends, INK, 1.0), *_legend(plots, wide)]


def svg(shapes: Sequence[Shape]) -> bytes:
    """The shapes as an SVG file."""
    return svg_of(Picture(*SIZE, list(shapes))).encode()


def png(shapes: Sequence[Shape]) -> bytes:
    """The shapes as a PNG file.

    Raises:
        ConfigError: Pillow is not installed; says the command that does it.
    """
    return png_of(Picture(*SIZE, list(shapes)), 1.0)


def table(plots: Sequence[Plotted], x: Axis) -> bytes:
    """The values shown as CSV: one line a step at which a curve has a value, one column a curve."""
    columns: dict[str, dict[int, float]] = {}
    for plot in plots:
        inside = in_window(plot.series, x)
        steps, values = plot.series.x[inside], plot.series.y[inside]
        columns[plot.label] = {int(step): float(value) for step, value in zip(steps, values, strict=True)}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["step", *columns])
    for step in sorted(set().union(*columns.values())):
        found = (column.get(step, math.nan) for column in columns.values())
        writer.writerow([step, *(repr(value) if math.isfinite(value) else "" for value in found)])
    return text.getvalue().encode()


def _curve(plot: Plotted, x: Axis, y: Axis, wide: float, tall: float) -> list[Shape]:
    one = plot.series
    across = x.share(np.maximum(one.x, 1) if x.log else one.x)
    keep = slice(
        max(int(np.searchsorted(across, 0)) - 1, 0), int(np.searchsorted(across, 1, side="right")) + 1
    )  # and one point on either side
    across = across[keep]

    def down(values: np.ndarray) -> np.ndarray:
        floor = 10.0**y.low if y.log else -math.inf
        values = values[keep]
        places: np.ndarray = np.clip(1 - y.share(np.where(values < floor, floor, values)), -0.02, 1.0)
        return places

    shapes: list[Shape] = []
    if one.low is not None and one.high is not None:
        low, high = down(one.low), down(one.high)
        for part in _parts(across, low + high):
            edge = [*_points(across[part], high[part], wide, tall)]
            edge += reversed(_points(across[part], low[part], wide, tall))
            shapes.append(Patch(np.array(edge, np.float64), plot.color))
        return shapes
    dash = (2, 4) if one.dotted else one.dash
    values = down(one.y)
    for part in _parts(across, values):
        inside = _points(across[part], values[part], wide, tall)
        shapes.append(_line(inside if len(inside) > 1 else inside * 2, plot.color, 2.0, dash))
    return shapes


def _points(across: np.ndarray, down: np.ndarray, wide: float, tall: float) -> Points:
    places = zip(LEFT + np.clip(across, 0, 1) * wide, TOP + down * tall, strict=True)
    return [(float(a), float(b)) for a, b in places]


def _parts(across: np.ndarray, values: np.ndarray) -> list[slice]:
    """The stretches without a gap."""
    known = np.isfinite(values) & np.isfinite(across)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(np.int8)))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _legend(plots: Sequence[Plotted], wide: float) -> list[Shape]:
    shapes: list[Shape] = []
    at, row = float(LEFT), SIZE[1] - 34.0
    for plot in plots:
        room = 44 + 8 * len(plot.label)
        if at > LEFT and at + room > LEFT + wide:
            at, row = float(LEFT), row + 18
        dash = (2, 4) if plot.series.dotted else plot.series.dash
        thick = 8.0 if plot.series.low is not None else 2.5
        shapes += [_line(((at, row), (at + 28, row)), plot.color, thick, dash), _words(at + 34, row + 5, plot.label)]
        at += room
    return shapes


def _line(points: Sequence[tuple[float, float]], color: str, width: float = 1.0, dash: Sequence[float] = ()) -> Stroke:
    return Stroke(np.array(points, np.float64), color, width, tuple(dash))


def _words(x: float, y: float, text: str, color: str = INK, size: float = 13.0, anchor: str = "start") -> Lettering:
    return Lettering(x, y, text, color, size, anchor)
