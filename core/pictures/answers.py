"""What a network answers, as a picture: over the plane as regions behind the points, over a line as a curve."""

from __future__ import annotations

import numpy as np

from ..snapshot import DecisionMap, FitCurve
from .chart import lighter, round_numbers
from .colors import classes, diverging, signed, tint
from .shapes import Lettering, Shape, Spots, Stroke, Tiles, rectangle

_AXIS, _TEXT, _LEARNED, _TRUE = "#888888", "#444444", "#2f7cd6", "#999999"
"""Colors of the frame, its numbers, the function learned and the true one."""


def map_shapes(found: DecisionMap, x: float, y: float, side: float) -> list[Shape]:
    """The answer over the plane with the points: training points filled, those kept apart with a dark edge.

    Args:
        found: What to show.
        x: Left edge.
        y: Upper edge.
        side: Width and height.
    """
    of_classes = found.values.ndim == 3
    pixels = classes(found.values, dark=False) if of_classes else diverging(found.values, dark=False)
    shapes: list[Shape] = [Tiles(x, y, side, side, pixels)]
    for points, values, edge in ((found.x_val, found.y_val, "#333333"), (found.x_train, found.y_train, "#ffffff")):
        share = (points - np.asarray(found.low)) / (np.asarray(found.high) - np.asarray(found.low))
        places = np.stack((x + side * share[:, 0], y + side * (1.0 - share[:, 1])), axis=1)
        if values.dtype.kind == "i":
            colors = tuple(tint(int(value), found.values.shape[2] if of_classes else 2, dark=False) for value in values)
        else:
            colors = tuple(signed(float(value), dark=False) for value in values)
        shapes.append(Spots(places, colors, 2.6, edge))
    return [*shapes, *_frame(found.low, found.high, x, y, side, side)]


def fit_shapes(found: FitCurve, x: float, y: float, width: float, height: float) -> list[Shape]:
    """The function learned, the one the points were made from where it is known, and the points."""
    ys = np.concatenate([part for part in (found.y, found.y_train, found.y_val) if len(part)])
    ys = ys[np.isfinite(ys)]
    low, high = (float(ys.min()), float(ys.max())) if len(ys) else (0.0, 1.0)
    room = 0.05 * (high - low) or 0.5
    low, high = low - room, high + room
    left, right = float(found.x[0]), float(found.x[-1])

    def places(xs: np.ndarray, values: np.ndarray) -> np.ndarray:
        across = x + width * (xs - left) / max(right - left, 1e-30)
        return np.stack((across, y + height * (1.0 - (values - low) / (high - low))), axis=1)

    shapes: list[Shape] = []
    for xs, values, edge in ((found.x_val, found.y_val, "#333333"), (found.x_train, found.y_train, "#ffffff")):
        shapes.append(Spots(places(xs, values), (lighter(_LEARNED, 0.4),) * len(xs), 2.6, edge))
    if found.y_true is not None:
        shapes.append(Stroke(places(found.x, found.y_true), _TRUE, 1.2))
    shapes.append(Stroke(places(found.x, found.y), _LEARNED, 2.0))
    return [*shapes, *_frame((left, low), (right, high), x, y, width, height)]


def _frame(
    low: tuple[float, float], high: tuple[float, float], x: float, y: float, width: float, height: float
) -> list[Shape]:
    """A frame with numbers."""
    shapes: list[Shape] = [Stroke(np.concatenate((rectangle(x, y, width, height), [[x, y]])), _AXIS, 1.0)]
    for tick in round_numbers(low[0], high[0]):
        at = x + width * (tick - low[0]) / (high[0] - low[0])
        shapes.append(Lettering(at, y + height + 15.0, f"{tick:.6g}", _TEXT, 11.0, "middle"))
    for tick in round_numbers(low[1], high[1]):
        at = y + height * (1.0 - (tick - low[1]) / (high[1] - low[1]))
        shapes.append(Lettering(x - 6.0, at + 4.0, f"{tick:.6g}", _TEXT, 11.0, "end"))
    return shapes
