"""Small pictures of data, two pixels in a cell: points by their class, or grays."""

from __future__ import annotations

from collections.abc import Sequence

from . import colors
from .cells import Row
from .look import Look

EMPTY = "."
"""A pixel with nothing in it."""
SHADES = " .:-=+*#%@"


def thumbnail(pixels: Sequence[str], columns: int, look: Look | None = None) -> list[Row]:
    """A picture as rows of cells, cut to `columns`.

    Args:
        pixels: One string a row of pixels: "." for nothing, a letter for a class, a digit for a gray.
        columns: Most cells in a row.
        look: What the terminal can show.

    Example:
        >>> thumbnail(["a.", "ab"], 8, Look(unicode=False, color=False))
        [[('ox', '')]]
    """
    look = look or Look()
    n_classes = max((ord(pixel) - 96 for row in pixels for pixel in row if pixel.isalpha()), default=0)
    lower = [*pixels[1::2], EMPTY * columns]
    if look.shaded:
        return [
            [_block(above, below, n_classes, look) for above, below in zip(row[:columns], under, strict=False)]
            for row, under in zip(pixels[0::2], lower, strict=False)
        ]
    if not look.color:
        return [
            [("".join(map(_sign, row[:columns], under)), "")] for row, under in zip(pixels[0::2], lower, strict=False)
        ]
    return [
        [
            (_sign(a, b), _ink(a if a != EMPTY else b, n_classes, look))
            for a, b in zip(row[:columns], under, strict=False)
        ]
        for row, under in zip(pixels[0::2], lower, strict=False)
    ]


def _block(above: str, below: str, n_classes: int, look: Look) -> tuple[str, str]:
    upper, lower = _ink(above, n_classes, look), _ink(below, n_classes, look)
    if upper and lower:
        return ("▀", f"{upper} on {lower}")
    return ("▀", upper) if upper else ("▄", lower) if lower else (" ", "")


def _ink(pixel: str, n_classes: int, look: Look) -> str:
    if pixel == EMPTY:
        return ""
    if pixel.isdigit():
        level = 30 + 25 * int(pixel)
        return colors.hex_color((level, level, level))
    return colors.hue(ord(pixel) - 97) if n_classes > 2 else colors.signed(1.0 if pixel == "b" else -1.0, look.dark)


def _sign(above: str, below: str) -> str:
    pixel = above if above != EMPTY else below
    if pixel.isdigit():
        return SHADES[(int(above if above.isdigit() else "0") + int(below if below.isdigit() else "0")) // 2]
    return " " if pixel == EMPTY else "ox+*#%@&$="[(ord(pixel) - 97) % 10]
