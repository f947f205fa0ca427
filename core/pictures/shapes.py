"""What a picture is made of: shapes with places in pixels from the upper left corner, and colors as "#rrggbb"."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np


@dataclass(frozen=True, eq=False)
class Stroke:
    """A line through points; a point that is not finite parts it."""

    points: np.ndarray
    """float64 (n, 2)."""
    color: str
    width: float = 1.5
    dash: tuple[float, ...] = ()
    """Lengths of dashes and gaps in turn, over and over; () for a whole line."""


@dataclass(frozen=True, eq=False)
class Patch:
    """An area within a polygon."""

    points: np.ndarray
    """float64 (n, 2)."""
    color: str


@dataclass(frozen=True)
class Lettering:
    """One line of text."""

    x: float
    y: float
    """The line its letters stand on."""
    text: str
    color: str = "#333333"
    size: float = 12.0
    anchor: str = "start"
    """Which part of it lies at x: "start", "middle" or "end"."""
    bold: bool = False


@dataclass(frozen=True, eq=False)
class Spots:
    """Small disks."""

    points: np.ndarray
    """float64 (n, 2)."""
    colors: tuple[str, ...]
    radius: float = 2.5
    edge: str = "#ffffff"


@dataclass(frozen=True, eq=False)
class Tiles:
    """Pixels, each drawn as a rectangle."""

    x: float
    y: float
    width: float
    height: float
    pixels: np.ndarray
    """uint8 (rows, columns, 3)."""


Shape: TypeAlias = Stroke | Patch | Lettering | Spots | Tiles


@dataclass
class Picture:
    """Shapes, the first at the back."""

    width: float
    height: float
    shapes: list[Shape] = field(default_factory=list)

    def add(self, *shapes: Shape) -> None:
        """Put shapes in front of those that are there."""
        self.shapes += shapes


def rectangle(x: float, y: float, width: float, height: float) -> np.ndarray:
    """The corners of a rectangle, float64 (4, 2)."""
    return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], np.float64)


def pieces(points: np.ndarray) -> list[np.ndarray]:
    """A line in pieces without points that are not finite, at least two points each."""
    good = np.isfinite(points).all(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], good, [False])).astype(np.int8)))
    return [points[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 1]
