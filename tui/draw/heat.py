"""Maps made of cells: decision maps with their points, tiles of units; two pixels in a cell by ▀.

Without color a cell shows its value by a sign of a ramp from light to heavy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from . import colors
from .cells import Grid, Row, center_rows, fit_row, message
from .format import number, width
from .look import Look

ZERO = 0.02
"""How far from the middle of the ramp a level still has no sign."""
SHADES = " ░▒▓█"
ASCII_SHADES = " .:-=+*#%@"


@dataclass(frozen=True, eq=False)
class Points:
    """Points of the data over a map."""

    x: np.ndarray
    """(n, 2)."""
    y: np.ndarray
    """(n,) class numbers or values."""
    hollow: bool = False
    """Drawn as rings: the part of the data the network is not trained on."""


def resample(values: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """`values` (k, m, ...) at rows × columns places, interpolated between its own."""
    k, m = values.shape[:2]
    down = np.clip((np.arange(rows) + 0.5) / rows * k - 0.5, 0, k - 1)
    across = np.clip((np.arange(columns) + 0.5) / columns * m - 0.5, 0, m - 1)
    top, left = down.astype(int), across.astype(int)
    bottom, right = np.minimum(top + 1, k - 1), np.minimum(left + 1, m - 1)
    extra = (1,) * (values.ndim - 2)
    a, b = (down - top).reshape(-1, 1, *extra), (across - left).reshape(1, -1, *extra)
    upper = values[top][:, left] * (1 - b) + values[top][:, right] * b
    lower = values[bottom][:, left] * (1 - b) + values[bottom][:, right] * b
    return np.asarray(upper * (1 - a) + lower * a)


def blocks(grid: Grid, column: int, row: int, pixels: np.ndarray) -> None:
    """Draw pixels, uint8 (2·h, w, 3), as h × w cells of a grid from a cell to the right and down."""
    h, w = pixels.shape[0] // 2, pixels.shape[1]
    h, w = min(h, grid.rows - row), min(w, grid.columns - column)
    if h < 1 or w < 1:
        return
    packed = pixels[: 2 * h, :w].astype(np.int64) @ np.array([65536, 256, 1])
    pair = packed[0::2] << 24 | packed[1::2]
    unique, index = np.unique(pair, return_inverse=True)
    numbers = np.array([grid.role(f"#{int(p) >> 24:06x} on #{int(p) & 0xFFFFFF:06x}") for p in unique], np.int32)
    same = packed[0::2] == packed[1::2]
    area = (slice(row, row + h), slice(column, column + w))
    grid.codes[area] = np.where(same, 32, ord("▀"))
    grid.roles[area] = numbers[index.reshape(h, w)]


def shades(
    grid: Grid, column: int, row: int, levels: np.ndarray, look: Look, role: str = "", *, signed: bool = False
) -> None:
    """Draw levels in [0, 1], (2·h, w), as h × w signs of a ramp, each the mean of the two pixels of its cell.

    Args:
        grid: Where to draw.
        column: Left edge.
        row: Upper edge.
        levels: For `signed`, 0.5 is zero.
        look: What the terminal can show.
        role: Of the signs.
        signed: Whether the two halves of the ramp have a color each, where there are colors.
    """
    ramp = SHADES if look.unicode else ASCII_SHADES
    codes = np.array([ord(c) for c in ramp], np.uint32)
    mean = np.clip(np.nan_to_num((levels[0::2] + levels[1::2]) / 2, nan=0.0), 0, 1)
    h, w = min(mean.shape[0], grid.rows - row), min(mean.shape[1], grid.columns - column)
    if h < 1 or w < 1:
        return
    area = (slice(row, row + h), slice(column, column + w))
    grid.codes[area] = codes[np.minimum((mean[:h, :w] * len(ramp)).astype(int), len(ramp) - 1)]
    if signed and look.color:
        shown, names = mean[:h, :w], ("negative_mid", "positive_mid", "muted")
        negative, positive, zero = (grid.role(name) for name in names)
        grid.roles[area] = np.where(shown < 0.5 - ZERO, negative, np.where(shown > 0.5 + ZERO, positive, zero))
    else:
        grid.roles[area] = grid.role(role)


def _map_size(columns: int, rows: int) -> tuple[bool, int, int]:
    """Whether there is a line of labels, and the cells of the map itself."""
    labels = rows >= 10 and columns >= 20
    tall = rows - 1 if labels else rows
    wide = min(columns, round(tall * 2 * 1.5))
    return labels, wide, min(tall, max(round(wide / 2 * 1.3), 1))


def map_place(columns: int, rows: int) -> tuple[int, int, int, int]:
    """Left and upper edge, width and height of the map that is drawn in so many cells."""
    labels, wide, tall = _map_size(columns, rows)
    return max((columns - wide) // 2, 0), (rows - tall - labels) // 2, wide, tall


def decision_map(
    columns: int,
    rows: int,
    values: np.ndarray,
    low: tuple[float, float],
    high: tuple[float, float],
    points: Sequence[Points] = (),
    *,
    n_classes: int = 2,
    names: tuple[str, str] = ("x1", "x2"),
    discrete: bool = False,
    cursor: tuple[int, int] | None = None,
    look: Look | None = None,
) -> list[Row]:
    """The answer of a network over a plane, with the data on it.

    Args:
        columns: Width in cells.
        rows: Height in cells.
        values: (k, k) in [-1, 1], or (k, k, n_classes) probabilities; row 0 on top.
        low: Smallest x1 and x2.
        high: Largest x1 and x2.
        points: Drawn in order, later ones over earlier ones.
        n_classes: What the points' y are: class numbers below this, or values when 0.
        names: Of the two inputs.
        discrete: Whether only the likeliest class is shown, not how sure the network is.
        cursor: Column and row, within the map, where a point would be put; None: nowhere.
        look: What the terminal can show.
    """
    look = look or Look()
    if columns < 1 or rows < 1:
        return [[] for _ in range(max(rows, 0))]
    if values.size == 0:
        return message("no map yet", columns, rows)
    labels, wide, tall = _map_size(columns, rows)
    grid = Grid(wide, tall)
    many = values.ndim == 3
    if discrete:
        values = (
            (values == values.max(axis=2, keepdims=True)).astype(float) if many else np.where(values < 0, -0.8, 0.8)
        )
        k = values.shape[0]
        nearest = (np.arange(2 * tall) * k // (2 * tall))[:, None], (np.arange(wide) * k // wide)[None, :]
        pixels = values[nearest]
    else:
        pixels = resample(values, 2 * tall, wide)
    if look.shaded:
        blocks(grid, 0, 0, colors.classes(pixels, look.dark) if many else colors.diverging(pixels, look.dark))
    elif many:
        _letters(grid, pixels, look)
    else:
        # The middle of the ramp is left to "not sure", so that points stay readable on both sides.
        shades(grid, 0, 0, (np.clip(pixels, -1, 1) + 1) / 2 * 0.999, look, "muted", signed=True)
    for group in points:
        _points(grid, group, low, high, n_classes, look)
    if cursor is not None:
        grid.put(cursor[0], cursor[1], "+", "cursor")
    drawn = grid.lines()
    if labels:
        drawn.append(_plane_label(wide, low, high, names))
    return center_rows(drawn, columns, rows)


def _letters(grid: Grid, pixels: np.ndarray, look: Look) -> None:
    cells = (pixels[0::2] + pixels[1::2]) / 2
    best, sure, n_classes = cells.argmax(axis=-1), cells.max(axis=-1), cells.shape[-1]
    digits = np.array([ord(c) for c in "0123456789abcdefghijklmnopqrstuvwxyz"], np.uint32)
    faint = ord("·" if look.unicode else ".")
    grid.codes[:] = np.where(sure > 0.6, digits[best % len(digits)], faint)
    grid.roles[:] = grid.role("muted")
    if look.color:
        inks = np.array([grid.role(colors.hue(kind)) for kind in range(n_classes)], np.int32)
        grid.roles[:] = np.where(sure > 0.6, inks[best], grid.role("faint"))


def _points(
    grid: Grid, group: Points, low: tuple[float, float], high: tuple[float, float], n_classes: int, look: Look
) -> None:
    places = np.asarray(group.x, float)
    if places.ndim != 2 or not len(places):
        return
    with np.errstate(invalid="ignore", divide="ignore"):
        u = (places[:, 0] - low[0]) / (high[0] - low[0])
        v = (high[1] - places[:, 1]) / (high[1] - low[1])
    inside = np.flatnonzero((u >= 0) & (u <= 1) & (v >= 0) & (v <= 1) & np.isfinite(np.asarray(group.y, float)))
    scale = float(np.nanmax(np.abs(group.y), initial=0.0)) or 1.0
    for i in inside.tolist():
        column, row = min(int(u[i] * grid.columns), grid.columns - 1), min(int(v[i] * grid.rows), grid.rows - 1)
        y = float(group.y[i])
        kind = int(y) if n_classes else int(y > 0)
        if look.shaded:
            ink = colors.tint(kind, n_classes or 2, look.dark) if n_classes else _value_tint(y / scale, look.dark)
            back = grid._names[grid.roles[row, column]].rpartition(" on ")[2]
            role = f"{ink} on {back}" if back else ink
        else:
            role = point_ink(kind, n_classes, look)
        grid.put(column, row, point_sign(kind, group.hollow, n_classes, look), role)


def point_sign(kind: int, hollow: bool, n_classes: int, look: Look) -> str:
    """The sign of a point of a class; where color tells the classes apart it tells only the part."""
    if look.shaded:
        return "∘" if hollow else "●"
    if n_classes > 2:
        return "0123456789abcdefghijklmnopqrstuvwxyz"[kind % 36]
    if not look.unicode:
        return ("o", "x")[kind % 2] if not hollow else ("O", "X")[kind % 2]
    return ("○", "●")[kind % 2] if not hollow else ("◇", "◆")[kind % 2]


def point_ink(kind: int, n_classes: int, look: Look) -> str:
    """The role of a point of a class where signs tell the classes apart: its color helps, if there is one."""
    if not look.color:
        return "point"
    return colors.hue(kind) if n_classes > 2 else ("negative", "positive")[kind % 2]


def _value_tint(value: float, dark: bool) -> str:
    rgb = colors.diverging(np.asarray(np.sign(value) * max(abs(value), 0.35)), dark).astype(float)
    return colors.hex_color(rgb + (255 - rgb) * 0.5 if dark else rgb * 0.5)


def _plane_label(wide: int, low: tuple[float, float], high: tuple[float, float], names: tuple[str, str]) -> Row:
    left, right = number(low[0], 2), number(high[0], 2)
    room = wide - len(left) - len(right) - 2
    middle = ""
    for text in (
        f"{names[0]} → · {names[1]} ↑ {number(low[1], 2)} … {number(high[1], 2)}",
        f"{names[0]} → · {names[1]} ↑",
    ):
        if width(text) <= room:
            middle = text
            break
    gap = wide - width(left) - width(middle) - width(right)
    return fit_row([(left + " " * (gap // 2) + middle + " " * (gap - gap // 2) + right, "muted")], wide)


def tiles(
    grid: Grid,
    column: int,
    tops: Sequence[int],
    wide: int,
    tall: int,
    inks: np.ndarray,
    look: Look,
    *,
    signed: bool = True,
) -> None:
    """Small pictures under each other, placed by half a cell where the terminal has shades, by whole cells elsewhere.

    Args:
        grid: Where to draw.
        column: Left edge.
        tops: Upper edges in half cells.
        wide: Width in cells.
        tall: Height in half cells.
        inks: (n, k, m, 3) colors if the look has shades, else (n, k, m) levels in [0, 1].
        look: What the terminal can show.
        signed: Whether 0.5 is zero, for levels.
    """
    # Colors are made before pixels: a pixel between two colors is one of them, so that few are sent.
    k, m = inks.shape[1:3]
    pixels = inks[:, (np.arange(tall) * 2 + 1) * k // (2 * tall)][:, :, (np.arange(wide) * 2 + 1) * m // (2 * wide)]
    if not look.shaded:
        for top, levels in zip(tops, pixels, strict=False):
            shades(grid, column, top // 2, levels, look, signed=signed)
        return
    canvas = np.full((2 * grid.rows, wide), -1, np.int64)
    for top, colored in zip(tops, pixels, strict=False):
        packed = colored.astype(np.int64) @ np.array([65536, 256, 1])
        canvas[top : top + tall] = packed[: len(canvas) - top]
    _half_blocks(grid, column, canvas)


def _half_blocks(grid: Grid, column: int, canvas: np.ndarray) -> None:
    """Draw packed colors, two in a cell, leaving alone what is below zero."""
    upper, lower = canvas[0::2], canvas[1::2]
    drawn = (upper >= 0) | (lower >= 0)
    area = (slice(0, grid.rows), slice(column, column + canvas.shape[1]))
    roles = grid.roles[area]
    for above, below in np.unique(np.stack([upper[drawn], lower[drawn]]), axis=1).T.tolist():
        both = above >= 0 and below >= 0
        role = f"#{above:06x} on #{below:06x}" if both else f"#{max(above, below):06x}"
        roles[(upper == above) & (lower == below)] = grid.role(role)
    signs = np.where(upper == lower, 32, np.where(upper >= 0, ord("▀"), ord("▄")))
    grid.codes[area] = np.where(drawn, signs, grid.codes[area])
