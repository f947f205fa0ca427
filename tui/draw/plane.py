"""Points and curves over a plane with axes: the fit of a function, and predicted against true values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from . import braille
from .axes import Axis, Frame, frame
from .cells import Grid, Row
from .look import Look


@dataclass(frozen=True, eq=False)
class PlaneLayer:
    """One thing drawn over the plane."""

    x: np.ndarray
    y: np.ndarray
    role: str
    sign: str = ""
    """A sign for each point; "": a curve, or dots if `dots`."""
    dots: bool = False
    """Braille dots instead of a curve."""
    size: int = 1
    """With `dots`: dots of a point in each direction, 1 or 2."""
    dotted: bool = False
    under: bool = False
    """Show points it crosses by a role of their own, "curve_over_point", so that it does not hide them."""


def plane(
    columns: int, rows: int, layers: Sequence[PlaneLayer], x: Axis, y: Axis, *, look: Look | None = None
) -> list[Row]:
    """Draw layers, later ones over earlier ones, inside axes.

    Args:
        columns: Width in cells.
        rows: Height in cells.
        layers: Points and curves; the x of a curve rise.
        x: Limits across.
        y: Limits upward.
        look: What the terminal can show.
    """
    look = look or Look()
    if columns < 1 or rows < 1:
        return [[] for _ in range(max(rows, 0))]
    grid = Grid(columns, rows)
    around = frame(columns, rows, x, y, look.unicode)
    if around is None:
        around = Frame(grid.codes, 0, 0, columns, rows)
    else:
        grid.codes[:] = around.codes
        grid.roles[:] = grid.role("axis")
    area = (slice(around.top, around.top + around.rows), slice(around.left, around.left + around.columns))
    grid.roles[area] = 0
    for layer in layers:
        across = x.share(layer.x) * (around.columns - 1) + 0.5
        down = (1 - y.share(layer.y)) * (around.rows - 1) + 0.5
        if layer.sign:
            _signs(grid, around, across, down, layer, look)
            continue
        if layer.dots:
            dots = braille.points(across * 2, down * 4, around.columns * 2, around.rows * 4, layer.size)
        else:
            top, bottom = braille.spans(across * 2, down * 4, around.columns * 2)
            dots = braille.fill(top, bottom, around.rows * 4)
            if layer.dotted:
                dots[:, np.arange(dots.shape[1]) % 3 != 0] = False
        signs = braille.cells(dots) if look.unicode else braille.ascii_cells(dots)
        roles = np.full(signs.shape, grid.role(layer.role), np.int32)
        if layer.under:
            for point in {other.role for other in layers if other.sign or other.dots}:
                crossed = grid.roles[area] == grid.role(point)
                roles[crossed] = grid.role(f"{layer.role}_over_{point}")
        # Dots share a cell: neither a point nor a curve hides the other.
        shared = (signs > 0x2800) & (grid.codes[area] > 0x2800) & (grid.codes[area] < 0x2900)
        signs = np.where(shared, signs | grid.codes[area], signs)
        grid.codes[area] = np.where(signs > 0, signs, grid.codes[area])
        grid.roles[area] = np.where(signs > 0, roles, grid.roles[area])
    return grid.lines()


def _signs(grid: Grid, around: Frame, across: np.ndarray, down: np.ndarray, layer: PlaneLayer, look: Look) -> None:
    with np.errstate(invalid="ignore"):
        inside = (across >= 0) & (across < around.columns) & (down >= 0) & (down < around.rows)
    sign = layer.sign if look.unicode else {"●": "*", "∘": "o", "·": "."}.get(layer.sign, "*")
    rows, columns = down[inside].astype(int) + around.top, across[inside].astype(int) + around.left
    grid.codes[rows, columns] = ord(sign)
    grid.roles[rows, columns] = grid.role(layer.role)
