"""Images side by side: samples, filters and feature maps, each pixel half a cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from . import colors
from .cells import Grid, Row, center_rows, fit_row, message, row_width
from .heat import blocks, shades
from .look import Look


def shrink(image: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """An image (h, w) with at most rows × columns pixels: each the mean of a block of its own."""
    h, w = image.shape
    if h > rows:
        image = np.add.reduceat(image, np.arange(rows) * h // rows, axis=0)
        image = image / np.diff([*(np.arange(rows) * h // rows), h])[:, None]
    if w > columns:
        image = np.add.reduceat(image, np.arange(columns) * w // columns, axis=1)
        image = image / np.diff([*(np.arange(columns) * w // columns), w])[None, :]
    return image


def picture(
    grid: Grid, column: int, row: int, image: np.ndarray, look: Look, *, signed: bool = False, scale: float = 0.0
) -> None:
    """An image, (h, w) of one pixel each, drawn at its own size.

    Args:
        grid: Where to draw.
        column: Left edge.
        row: Upper edge.
        image: Values in [0, 1]; for `signed`, in [-scale, scale].
        look: What the terminal can show.
        signed: Whether to use the diverging colors.
        scale: Largest size of a signed value; 0: found in the image.
    """
    if signed:
        scale = scale or float(np.nanmax(np.abs(image), initial=0.0)) or 1.0
        image = image / scale
    tall = image.shape[0] // 2
    if look.shaded:
        inks = colors.diverging(image, look.dark) if signed else colors.gray(image)
        blocks(grid, column, row, inks[: 2 * tall])
        # Of an odd number of pixels the last ones take the upper halves of their cells.
        for x, ink in enumerate(inks[2 * tall] if image.shape[0] % 2 else ()):
            grid.put(column + x, row + tall, "▀", colors.hex_color(ink))
    else:
        if image.shape[0] % 2:
            image = np.vstack([image, np.full((1, image.shape[1]), np.nan)])
        shades(grid, column, row, (image + 1) / 2 if signed else image, look, signed=signed)


def gallery(
    columns: int,
    rows: int,
    images: np.ndarray | None,
    captions: Sequence[Row] = (),
    *,
    below: np.ndarray | None = None,
    signed: bool = False,
    look: Look | None = None,
    empty: str = "no images yet",
) -> list[Row]:
    """Images side by side in as many rows as there is room for.

    Args:
        columns: Width in cells.
        rows: Height in cells.
        images: (n, h, w).
        captions: One row of text for each image, drawn under it.
        below: (n, h, w): a second image under each.
        signed: Whether values have a sign (filters).
        look: What the terminal can show.
        empty: What to say when there are none.
    """
    look = look or Look()
    if columns < 1 or rows < 1:
        return [[] for _ in range(max(rows, 0))]
    if images is None or len(images) == 0 or columns < 2:
        return message(empty, columns, rows)
    extra = 1 if captions else 0
    stack = 1 if below is None else 2
    n, h, w = images.shape
    most_w, most_h = columns, max((rows - extra) // stack, 1) * 2
    w, h = min(w, most_w), min(h, most_h)
    caption = min(max((row_width(row) for row in captions), default=0), columns)
    # Small images grow while all of them still fit.
    zoom = 1
    while _fits(n, h * (zoom + 1), max(w * (zoom + 1), caption), stack, extra, columns, rows):
        zoom += 1
    small = [shrink(np.asarray(i, float), h, w).repeat(zoom, 0).repeat(zoom, 1) for i in images]
    under = [] if below is None else [shrink(np.asarray(i, float), h, w).repeat(zoom, 0).repeat(zoom, 1) for i in below]
    tall, wide = (small[0].shape[0] + 1) // 2, small[0].shape[1]
    pitch_x, pitch_y = max(wide, caption) + 1, tall * stack + extra + (0 if captions else 1)
    across = max((columns + 1) // pitch_x, 1)
    down = max((rows + (0 if captions else 1)) // pitch_y, 1)
    grid = Grid(min(columns, min(across, n) * pitch_x), rows)
    scale = float(np.nanmax(np.abs(images), initial=0.0)) if signed else 0.0
    for i, image in enumerate(small[: across * down]):
        x, y = i % across * pitch_x, i // across * pitch_y
        picture(grid, x, y, image, look, signed=signed, scale=scale)
        if under:
            picture(grid, x, y + tall, under[i], look, signed=signed, scale=scale)
        if captions:
            grid.put_row(x, y + tall * stack, fit_row(list(captions[i]), min(pitch_x - 1, columns)))
    return center_rows(grid.lines(), columns, rows)


def _fits(n: int, h: int, w: int, stack: int, extra: int, columns: int, rows: int) -> bool:
    across = (columns + 1) // (w + 1)
    return across >= 1 and -(-n // across) * ((h + 1) // 2 * stack + (extra or 1)) <= rows + (0 if extra else 1)
