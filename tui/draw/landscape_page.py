"""The loss around the weights: a curve along the negative gradient, or a plane in shades with the path of the run."""

from __future__ import annotations

import numpy as np

from dltui.core.snapshot import Landscape, LossPlane, LossSlice

from .axes import Axis
from .cells import Grid, Row, message
from .format import count, number, percent, trimmed
from .heat import resample, shades
from .line import Mark, PlotSeries, chart
from .look import Look

WAITING = "looking around …"
HERE, STATE = "◉", "•"


def landscape_page(found: Landscape | None, columns: int, rows: int, look: Look) -> list[Row]:
    """What was found, with a line that says of what it is."""
    if found is None:
        return message(WAITING, columns, rows)
    if found.refused:
        return message(found.refused, columns, rows)
    if found.along is not None:
        said, lines = _slice_words(found.along), _slice(found.along, columns, rows - 2, look)
    elif found.plane is not None:
        said, lines = _plane_words(found.plane, look), _plane(found.plane, columns, rows - 2, look)
    else:
        return message(WAITING, columns, rows)
    return [[(f"step {count(found.step)} · ", "muted"), *said], [], *lines]


def _slice_words(one: LossSlice) -> Row:
    best = int(np.nanargmin(one.losses)) if np.isfinite(one.losses).any() else 0
    here = float(np.interp(0.0, one.rates, one.losses))
    return [
        ("loss here ", "muted"),
        (f"{number(here)}  ", "strong"),
        ("after the step ", "muted"),
        (f"{number(one.step_loss)}  ", "strong"),
        ("lowest on this way ", "muted"),
        (f"{number(float(one.losses[best]))} at rate {trimmed(float(one.rates[best]))}", "strong"),
    ]


def _slice(one: LossSlice, columns: int, rows: int, look: Look) -> list[Row]:
    unit = abs(one.step) or float(one.rates[-1]) or 1.0
    x = one.rates / unit
    series = [PlotSeries(x, one.losses, "train")]
    marks = [Mark(0.0, "here", "val"), Mark(one.step / unit, "step")]
    axis = Axis(float(x[0]), float(x[-1]))
    return chart(columns, rows, series, x=axis, marks=marks, look=look).rows


def _plane_words(plane: LossPlane, look: Look) -> Row:
    row: Row = [
        ("loss from ", "muted"),
        (number(float(np.nanmin(plane.losses))), "strong"),
        (" (blank) to ", "muted"),
        (f"{number(float(np.nanmax(plane.losses)))}  ", "strong"),
        (f"{HERE if look.unicode else '@'} here  ", "point"),
    ]
    if plane.share:
        row += [(f"{STATE if look.unicode else 'o'} before  ", "mark"), (f"{percent(plane.share)} of the way", "muted")]
    return row


def _plane(plane: LossPlane, columns: int, rows: int, look: Look) -> list[Row]:
    """Twice as wide as high in cells; what is low lies below, as in a chart."""
    if columns < 4 or rows < 2:
        return []
    tall, wide = rows, min(columns, 3 * rows)
    logs = np.log(np.maximum(np.nan_to_num(plane.losses, nan=np.inf, posinf=np.finfo(float).max), 1e-12))
    low, high = float(logs.min()), float(np.quantile(logs, 0.95))
    levels = np.clip((logs - low) / (high - low or 1.0), 0.0, 1.0)
    grid = Grid(columns, tall)
    left = (columns - wide) // 2
    shades(grid, left, 0, resample(levels[::-1], 2 * tall, wide), look, "train_faint")
    for place, (across, down) in enumerate(plane.path):
        at = _cell(across, plane.across, wide), _cell(down, plane.down, tall)
        last = place == len(plane.path) - 1
        sign = (HERE if last else STATE) if look.unicode else ("@" if last else "o")
        grid.put(left + at[0], tall - 1 - at[1], sign, "point" if last else "mark")
    return grid.lines()


def _cell(value: float, ends: np.ndarray, cells: int) -> int:
    share = (value - ends[0]) / (ends[-1] - ends[0] or 1.0)
    return round(min(max(float(share), 0.0), 1.0) * (cells - 1))
