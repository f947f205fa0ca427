"""What a sweep tells about its settings, as text: how much each matters, all side by side, the metric over each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from . import braille
from .bars import meter
from .cells import Grid, Row, ascii_row, fit_row, message
from .format import ellipsis, width
from .look import Look

TALL = 8
"""Rows of a chart."""
MOST_TICKS = 8


@dataclass(frozen=True, eq=False)
class SweptAxis:
    """One setting, or the metric itself."""

    name: str
    importance: float
    """0 to 1; not a number where nobody can tell."""
    places: np.ndarray
    """float64 (n,): where each choice stands, 0 to 1."""
    ticks: Sequence[tuple[float, str]]
    """(place, what stands there)."""


@dataclass(frozen=True, eq=False)
class SweptPage:
    """All that is drawn; the best choice is the first."""

    axes: Sequence[SweptAxis]
    metric: SweptAxis
    """Its places are 1 for the best; not a number where there is none."""


def sweep_page(page: SweptPage, columns: int, look: Look | None = None) -> list[Row]:
    """All charts, one below the other, in so many columns.

    Args:
        page: What is drawn.
        columns: Width in cells.
        look: What the terminal can show.
    """
    look = look or Look()
    if not np.isfinite(page.metric.places).any():
        return message("no trial has a figure yet", columns, 1)
    rows = [fit_row([("How much each setting matters by itself", "head")], columns)]
    rows += importance_rows(page.axes, columns, look)
    rows += [fit_row([], columns), fit_row([("Settings side by side, the best tenth strong", "head")], columns)]
    rows += parallel_rows(page, columns, look)
    for axis in page.axes:
        rows += [fit_row([], columns), fit_row([(f"{page.metric.name} over {axis.name}", "head")], columns)]
        rows += over_rows(page.metric, axis, columns, look)
    return rows if look.unicode else [ascii_row(row) for row in rows]


def importance_rows(axes: Sequence[SweptAxis], columns: int, look: Look) -> list[Row]:
    """A bar for each setting, the one that matters most first."""
    ordered = sorted(axes, key=lambda axis: -axis.importance if math.isfinite(axis.importance) else 1.0)
    wide = min(max(width(axis.name) for axis in axes), max(columns // 2, 1))
    rows = []
    for axis in ordered:
        name = ellipsis(axis.name, wide)
        row: Row = [(name + " " * (wide - width(name) + 1), "")]
        if math.isfinite(axis.importance):
            row += [*meter(axis.importance, max(columns - wide - 7, 1), look=look), (f" {axis.importance:4.0%}", "")]
        else:
            row.append(("too few trials to tell", "muted"))
        rows.append(fit_row(row, columns))
    return rows


def parallel_rows(page: SweptPage, columns: int, look: Look) -> list[Row]:
    """Every choice as a line across all settings to the metric."""
    axes = [*page.axes, page.metric]
    grid = Grid(columns, TALL + 1)
    room = max((columns - 2) // max(len(axes), 1), 2)
    at = [1 + room // 2 + room * k for k in range(len(axes))]
    lines = np.stack([axis.places for axis in axes], axis=1)
    lines = lines[np.isfinite(lines).all(axis=1)]
    n_best = max(1, round(0.1 * len(lines)))
    for part, role in ((lines[n_best:], "muted"), (lines[:n_best], "val")):
        _put_dots(grid, _dots_of(part, [2 * x for x in at], columns), role, look)
    for x, axis in zip(at, axes, strict=True):
        grid.put_column(x, 0, TALL, "│" if look.unicode else "|", "muted")
        for place, text in _shown(axis.ticks, TALL):
            grid.put(x + 1, min(round((1.0 - place) * (TALL - 1)), TALL - 1), ellipsis(text, max(room - 2, 1)), "")
        name = ellipsis(axis.name.rpartition(".")[2], max(room - 1, 1))
        grid.put(max(x - width(name) // 2, 0), TALL, name, "head")
    return grid.lines()


def over_rows(metric: SweptAxis, axis: SweptAxis, columns: int, look: Look) -> list[Row]:
    """A dot for each choice: the metric over one setting, the best at the top."""
    left = max(width(text) for _, text in metric.ticks) + 1 if metric.ticks else 1
    inner = max(columns - left - 2, 2)
    grid = Grid(columns, TALL + 1)
    for place, text in _shown(metric.ticks, TALL // 2):
        row = min(round((1.0 - place) * (TALL - 1)), TALL - 1)
        grid.put(left - 1 - width(text), row, text, "muted")
        grid.put(left, row, ("┈" if look.unicode else ".") * inner, "faint")
    there = np.isfinite(metric.places)
    x, y = axis.places[there], metric.places[there]
    n_best = max(1, round(0.1 * len(x)))
    for part, role in ((slice(n_best, None), "train"), (slice(0, n_best), "val")):
        across, down = x[part] * (2 * inner - 2), (1.0 - y[part]) * (4 * TALL - 2)
        _put_dots(grid, braille.points(across, down, 2 * inner, 4 * TALL, 2), role, look, left)
    for place, text in _shown(axis.ticks, max(inner // 10, 2)):
        start = left + round(place * (inner - 1)) - width(text) // 2
        grid.put(max(min(start, columns - width(text)), 0), TALL, text, "muted")
    return grid.lines()


def _dots_of(lines: np.ndarray, at: Sequence[int], columns: int) -> np.ndarray:
    """Dots of lines from axis to axis."""
    dots = np.zeros((4 * TALL, 2 * columns), bool)
    for left, right, k in zip(at, at[1:], range(len(at)), strict=False):
        share = np.linspace(0.0, 1.0, max(right - left, 2))
        for one in lines:
            y = (1.0 - (one[k] + (one[k + 1] - one[k]) * share)) * (4 * TALL - 1)
            dots |= braille.points(left + share * (right - left), y, 2 * columns, 4 * TALL)
    return dots


def _put_dots(grid: Grid, dots: np.ndarray, role: str, look: Look, left: int = 0) -> None:
    signs = braille.cells(dots) if look.unicode else braille.ascii_cells(dots)
    for row, column in zip(*np.nonzero(signs), strict=True):
        grid.put(left + int(column), int(row), chr(int(signs[row, column])), role)


def _shown(ticks: Sequence[tuple[float, str]], most: int) -> list[tuple[float, str]]:
    """As many of the marks as there is room for."""
    inside = [tick for tick in ticks if -1e-6 <= tick[0] <= 1.0 + 1e-6]
    step = -(-len(inside) // max(min(most, MOST_TICKS), 1)) if inside else 1
    return inside[::step]
