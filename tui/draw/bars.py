"""Bars: histograms and meters."""

from __future__ import annotations

import math

import numpy as np

from .cells import Grid, Row, message
from .format import number
from .look import Look

EIGHTHS = " ▁▂▃▄▅▆▇█"
LEFT_EIGHTHS = " ▏▎▍▌▋▊▉█"


def histogram(
    columns: int, rows: int, counts: np.ndarray, edges: np.ndarray, *, look: Look | None = None, role: str = "train"
) -> list[Row]:
    """Upright bars over a labeled line.

    Args:
        columns: Width in cells.
        rows: Height in cells.
        counts: (k,) numbers of values.
        edges: (k + 1,) limits of the bins.
        look: What the terminal can show.
        role: Of the bars; those wholly below zero are drawn as "negative" when it is "signed".
    """
    look = look or Look()
    if columns < 1 or rows < 1:
        return [[] for _ in range(max(rows, 0))]
    if len(counts) == 0 or len(edges) != len(counts) + 1 or not counts.sum() > 0:
        return message("no weights yet", columns, rows)
    grid = Grid(columns, rows)
    tall = rows - 1 if rows >= 3 else rows
    bar = max(columns // len(counts), 1)
    shown = min(len(counts), columns)
    if shown < len(counts):
        groups = np.arange(shown) * len(counts) // shown
        counts = np.add.reduceat(counts, groups)
        edges = np.append(edges[groups], edges[-1])
    left = (columns - bar * shown) // 2
    # A square root keeps bins with few weights visible beside those with many.
    heights = np.sqrt(counts / counts.max()) * tall
    for i in range(shown):
        kind = role
        if role == "signed":
            kind = "negative" if (edges[i] + edges[i + 1]) / 2 < 0 else "positive"
        wide = bar - 1 if bar > 2 else bar
        _upright(grid, left + i * bar, tall, wide, float(heights[i]), kind, look)
    if tall < rows:
        low, high = number(float(edges[0]), 2), number(float(edges[-1]), 2)
        grid.put(left, rows - 1, low, "muted")
        grid.put(left + bar * shown - len(high), rows - 1, high, "muted")
        if edges[0] < 0 < edges[-1] and bar * shown > len(low) + len(high) + 4:
            at = left + round(float(-edges[0] / (edges[-1] - edges[0])) * (bar * shown - 1))
            if left + len(low) < at < left + bar * shown - len(high) - 1:
                grid.put(at, rows - 1, "0", "muted")
    return grid.lines()


def _upright(grid: Grid, column: int, base: int, wide: int, height: float, role: str, look: Look) -> None:
    whole = int(height)
    part = round((height - whole) * 8)
    for row in range(base - whole, base):
        grid.put(column, row, ("█" if look.unicode else "#") * wide, role)
    if whole < base and (part or (height > 0 and whole == 0)):
        sign = EIGHTHS[max(part, 1)] if look.unicode else (":" if part >= 4 else ".")
        grid.put(column, base - whole - 1, sign * wide, role)


def meter(share: float, cells: int, role: str = "meter", *, look: Look | None = None) -> Row:
    """A bar that is full at 1, in so many cells."""
    if cells < 1:
        return []
    look = look or Look()
    filled = min(max(share, 0.0), 1.0) * cells if math.isfinite(share) else 0.0
    whole = int(filled)
    if not look.unicode:
        whole = round(filled)
        return [("#" * whole, role), ("." * (cells - whole), "faint")]
    part = LEFT_EIGHTHS[int((filled - whole) * 8)] if whole < cells else ""
    if part == " ":
        part = ""
    rest = cells - whole - len(part)
    return [span for span in [("█" * whole + part, role), ("·" * rest, "faint")] if span[0]]
