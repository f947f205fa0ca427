"""A chart as a picture and as numbers: SVG, PNG and CSV of the curves, in the window and as smooth as they are shown.

Both pictures are made of the same few shapes. PNG needs Pillow, which is only imported when a PNG is made.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

import numpy as np

from .ascii import ascii_text
from .axes import Axis, ticks
from .line import Mark, PlotSeries, in_window
from .view import share_of

SIZE = (960, 540)
"""Width and height of a picture in pixels."""
LEFT, RIGHT, TOP, BOTTOM = 80, 24, 44, 96
"""Margins around the curves."""
INK, PAPER, GRID, MARK = "#222a35", "#ffffff", "#dde2ea", "#6d45c4"
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


@dataclass(frozen=True)
class Stroke:
    """A broken or unbroken line."""

    points: tuple[tuple[float, float], ...]
    color: str
    width: float = 1.0
    dash: tuple[int, ...] = ()


@dataclass(frozen=True)
class Area:
    """A filled outline."""

    points: tuple[tuple[float, float], ...]
    color: str


@dataclass(frozen=True)
class Words:
    """A text; `anchor` is "start", "middle" or "end"."""

    x: float
    y: float
    text: str
    color: str = INK
    size: int = 13
    anchor: str = "start"


Shape = Stroke | Area | Words


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
    shapes: list[Shape] = [Words(LEFT, TOP - 18, title, size=16)]
    for place, label in zip(*ticks(x, 8), strict=True):
        at = LEFT + (place - x.low) / (x.high - x.low) * wide
        shapes += [Stroke(((at, TOP), (at, TOP + tall)), GRID), Words(at, TOP + tall + 18, label, anchor="middle")]
    for place, label in zip(*ticks(y, 6), strict=True):
        at = TOP + (1 - (place - y.low) / (y.high - y.low)) * tall
        shapes += [Stroke(((LEFT, at), (LEFT + wide, at)), GRID), Words(LEFT - 8, at + 4, label, anchor="end")]
    shapes.append(Words(LEFT + wide / 2, TOP + tall + 38, "steps", anchor="middle"))
    for number, mark in enumerate(marks):
        share = share_of(x, mark.step)
        if 0 <= share <= 1:
            at = LEFT + share * wide
            shapes.append(Stroke(((at, TOP), (at, TOP + tall)), MARK, 1.0, (3, 4)))
            if number >= len(marks) - MOST_MARKS:
                shapes.append(Words(at + 4, TOP + 12 + 14 * (number % 3), mark.label, MARK, 11))
    for plot in plots:
        shapes += _curve(plot, x, y, wide, tall)
    ends = ((LEFT, TOP), (LEFT, TOP + tall), (LEFT + wide, TOP + tall))
    return [*shapes, Stroke(ends, INK, 1.0), *_legend(plots, wide)]


def svg(shapes: Sequence[Shape]) -> bytes:
    """The shapes as an SVG file."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE[0]}" height="{SIZE[1]}"'
        f' viewBox="0 0 {SIZE[0]} {SIZE[1]}" font-family="sans-serif">',
        f'<rect width="100%" height="100%" fill="{PAPER}"/>',
    ]
    for shape in shapes:
        match shape:
            case Stroke(points, color, width, dash):
                dashes = f' stroke-dasharray="{" ".join(map(str, dash))}"' if dash else ""
                lines.append(
                    f'<polyline points="{_pairs(points)}" fill="none" stroke="{color}" stroke-width="{width:g}"'
                    f' stroke-linejoin="round"{dashes}/>'
                )
            case Area(points, color):
                lines.append(f'<polygon points="{_pairs(points)}" fill="{color}"/>')
            case Words(x, y, text, color, size, anchor):
                lines.append(
                    f'<text x="{x:.1f}" y="{y:.1f}" fill="{color}" font-size="{size}" text-anchor="{anchor}">'
                    f"{escape(text)}</text>"
                )
    return "\n".join([*lines, "</svg>", ""]).encode()


def png(shapes: Sequence[Shape]) -> bytes:
    """The shapes as a PNG file, drawn twice as large and reduced.

    Raises:
        ImportError: Pillow is not installed.
    """
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", (2 * SIZE[0], 2 * SIZE[1]), PAPER)
    draw = ImageDraw.Draw(picture)
    for shape in shapes:
        match shape:
            case Stroke(points, color, width, dash):
                for part in _dashed(points, dash):
                    draw.line([(2 * x, 2 * y) for x, y in part], color, max(round(2 * width), 1), joint="curve")
            case Area(points, color):
                draw.polygon([(2 * x, 2 * y) for x, y in points], color)
            case Words(x, y, text, color, size, anchor):
                font = ImageFont.load_default(2 * size)
                known = ascii_text(text)  # the font that comes with Pillow has few other signs
                place = {"start": "ls", "middle": "ms", "end": "rs"}[anchor]
                draw.text((2 * x, 2 * y), known, color, font, place)
    reduced = picture.resize(SIZE, Image.Resampling.LANCZOS)
    file = io.BytesIO()
    reduced.save(file, "PNG")
    return file.getvalue()


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
            shapes.append(Area(tuple(edge), plot.color))
        return shapes
    dash = (2, 4) if one.dotted else one.dash
    values = down(one.y)
    for part in _parts(across, values):
        inside = _points(across[part], values[part], wide, tall)
        shapes.append(Stroke(tuple(inside if len(inside) > 1 else inside * 2), plot.color, 2.0, dash))
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
        shapes += [Stroke(((at, row), (at + 28, row)), plot.color, thick, dash), Words(at + 34, row + 5, plot.label)]
        at += room
    return shapes


def _pairs(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _dashed(points: Sequence[tuple[float, float]], dash: Sequence[int]) -> list[Points]:
    """A line cut into its dashes."""
    if not dash:
        return [list(points)]
    parts: list[Points] = []
    number, left, drawn = 0, float(dash[0]), [points[0]]
    for (x, y), (to_x, to_y) in pairwise(points):
        length, passed = math.hypot(to_x - x, to_y - y), 0.0
        while length - passed > left:
            passed += left
            turn = (x + (to_x - x) * passed / length, y + (to_y - y) * passed / length)
            if number % 2 == 0:
                parts.append([*drawn, turn])
            drawn, number = [turn], number + 1
            left = float(dash[number % len(dash)])
        left -= length - passed
        drawn.append((to_x, to_y))
    if number % 2 == 0 and len(drawn) > 1:
        parts.append(drawn)
    return parts
