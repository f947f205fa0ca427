"""The colors that carry values, the same in the terminal as in the pictures that are exported."""

from __future__ import annotations

from dltui.core.pictures.colors import STEPS, classes, diverging, gray, hex_color, hue, signed, tint

__all__ = ["STEPS", "classes", "diverging", "gray", "hex_color", "hue", "signed", "tint"]
