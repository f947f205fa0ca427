"""Charts of curves over steps: series, marks at events, a cursor, a dotted future.

Series are composed opaquely: a cell shows one of them, the later, so colors never mix; where two curves coincide they
take turns by columns. Limits are those of the curves that are to be read: a band of raw values never sets them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from . import braille
from .axes import Axis, Frame, frame, grow, limits
from .cells import Grid, Row, message, row_width
from .format import ellipsis, number, width
from .look import Look
from .view import share_of

BROKEN = "val"
"""Role of the curve that has gaps where color does not tell it from the others."""
DECADES = 8.0
"""Most powers of ten a logarithmic axis shows: below them a loss is rounding, and evaluations would look flat."""


@dataclass(frozen=True, eq=False)
class PlotSeries:
    """One curve."""

    x: np.ndarray
    """Steps, rising."""
    y: np.ndarray
    """Values; NaN is a gap."""
    role: str
    low: np.ndarray | None = None
    """With `high`: the band the values lie in, drawn instead of the line."""
    high: np.ndarray | None = None
    dotted: bool = False
    dash: tuple[int, ...] = ()
    """Columns of dots drawn and left out, in turns; (): an unbroken line."""
    counts: bool = True
    """Whether its values move the limits."""


@dataclass(frozen=True)
class Mark:
    """Something that happened at a step."""

    step: float
    label: str
    role: str = "mark"
    hollow: bool = False
    """Whether it is yet to come."""


@dataclass(frozen=True)
class DrawnChart:
    """A drawn chart and what is needed to find one's way in it."""

    rows: list[Row]
    x: Axis
    y: Axis
    left: int
    """First column of the drawing area."""
    columns: int
    """Width of the drawing area."""
    bottom: int = 0
    """First row below the drawing area."""

    def step_at(self, column: int) -> float:
        """The step drawn in a column of the chart."""
        return self.x.value((column - self.left) / max(self.columns - 1, 1))


DASHES = ((6, 4), (2, 2), (10, 2, 2, 2), (4, 2, 2, 2, 2, 2), (2, 8))
"""Lines of the runs laid over a chart, by their places."""
_DASH_SIGNS = (("╌╌", "--"), ("··", ".."), ("─·", "-."), ("╌·", "-:"), ("· ", ". "))


def dash_sign(place: int, look: Look) -> str:
    """How the line of a run laid over a chart is shown in a legend."""
    return _DASH_SIGNS[place % len(_DASH_SIGNS)][0 if look.unicode else 1]


def stroke(role: str, look: Look) -> str:
    """How a curve is drawn, for a legend: without color the validation part is told apart by its gaps."""
    line = "━" if look.unicode else "-"
    return line if look.color else f"{line} {line}" if role == BROKEN else line * 3


def smooth(values: np.ndarray, weight: float) -> np.ndarray:
    """Exponential moving average, bias-corrected, that steps over NaN: larger `weight` (0 to 1) smooths more."""
    if weight <= 0 or len(values) == 0:
        return values
    kept = np.isfinite(values)
    clean = np.where(kept, values, 0.0)
    # A recursion in closed form over blocks: each block starts from the state the last one left.
    out, mass = np.empty(len(values)), np.empty(len(values))
    state = total = 0.0
    block = max(int(-30 / math.log10(weight)), 1) if weight < 1 else len(values)
    for start in range(0, len(values), block):
        part = slice(start, start + block)
        decay = weight ** np.arange(1, len(clean[part]) + 1)
        out[part] = decay * (state + (1 - weight) * np.cumsum(clean[part] / decay))
        mass[part] = decay * (total + (1 - weight) * np.cumsum(kept[part] / decay))
        state, total = out[part][-1], mass[part][-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(kept, out / mass, np.nan)


def value_at(series: PlotSeries, step: float) -> float:
    """The value of a series at a step: that of the stretch the step lies in; NaN before its start."""
    if len(series.x) == 0 or step < series.x[0]:
        return math.nan
    return float(series.y[min(int(np.searchsorted(series.x, step, side="right")) - 1, len(series.y) - 1)])


def chart(
    columns: int,
    rows: int,
    series: Sequence[PlotSeries],
    *,
    x: Axis | None = None,
    cursor: float | None = None,
    card: Sequence[Row] = (),
    marks: Sequence[Mark] = (),
    log_y: bool = False,
    old: DrawnChart | None = None,
    look: Look | None = None,
    empty: str = "no values yet",
) -> DrawnChart:
    """Draw curves with their axes.

    Args:
        columns: Width in cells.
        rows: Height in cells.
        series: Drawn in order, later ones over earlier ones.
        x: The steps to show; None: from 0 to the last of the series.
        cursor: Step of an upright line.
        card: What is known of the mark under the cursor, shown beside it where there is room.
        marks: Upright lines with a label.
        log_y: Whether values are drawn by their logarithm.
        old: The chart shown so far: its limits are kept where they fit.
        look: What the terminal can show.
        empty: What to say when there is nothing to draw.
    """
    look = look or Look()
    series = [one for one in series if len(one.x)]
    x = x or _across(series)
    y = _down(series, x, log_y, old)
    if columns < 1 or rows < 1:
        return DrawnChart([[] for _ in range(max(rows, 0))], x, y, 0, 0)
    if not any(np.isfinite(one.y).any() for one in series):
        return DrawnChart(message(empty, columns, rows), x, y, 0, columns)
    grid = Grid(columns, rows)
    around = frame(columns, rows, x, y, look.unicode)
    if around is None:
        around = Frame(grid.codes, 0, 0, columns, rows)
    else:
        grid.codes[:] = around.codes
        grid.roles[:] = grid.role("axis")
    area = (slice(around.top, around.top + around.rows), slice(around.left, around.left + around.columns))
    grid.roles[area] = 0
    places = [_column(x, mark.step, around) for mark in marks]
    line = "┊" if look.unicode else ":"
    for mark, place in zip(marks, places, strict=True):
        if place is not None:
            grid.put_column(place, around.top, around.top + around.rows, line, mark.role)
    solid = np.zeros((around.rows, around.columns), bool)
    turns = np.arange(around.columns) % 4 < 2
    for one in series:
        signs = _draw(one, x, y, around, look)
        drawn = signs > 0
        if one.low is None and not one.dotted and not one.dash:
            # Where two curves run in the same cells they take turns, so that neither is lost.
            drawn, solid = drawn & ~(solid & turns), solid | drawn
        grid.codes[area] = np.where(drawn, signs, grid.codes[area])
        grid.roles[area] = np.where(drawn, grid.role(one.role), grid.roles[area])
    _labels(grid, around, marks, places, look)
    at = _column(x, cursor, around) if cursor is not None else None
    if at is not None:
        _cursor(grid, around, at, look, [grid.role(one.role) for one in series if one.low is not None])
        _card(grid, around, at, card, look)
    return DrawnChart(grid.lines(), x, y, around.left, around.columns, around.top + around.rows)


def difference_strip(
    above: DrawnChart, columns: int, rows: int, series: Sequence[PlotSeries], look: Look | None = None
) -> list[Row]:
    """Differences over the same steps as the chart above, around a line at zero.

    Args:
        above: The chart under which it stands.
        columns: Width in cells.
        rows: Height in cells.
        series: Differences, drawn in order.
        look: What the terminal can show.
    """
    look = look or Look()
    grid = Grid(columns, rows)
    values = np.concatenate([np.abs(_values_in(one, above.x)) for one in series] or [np.zeros(0)])
    values = values[np.isfinite(values)]
    most = float(values.max()) if len(values) else 0.0
    top = nice_above(most) if most > 0.0 else 1.0
    y, around = Axis(-top, top), Frame(grid.codes, above.left, 0, above.columns, rows)
    area = (slice(0, rows), slice(above.left, above.left + above.columns))
    for column in range(above.left, above.left + above.columns):
        grid.put(column, rows // 2, "┈" if look.unicode else "-", "axis")
    for one in series:
        signs = _draw(one, above.x, y, around, look)
        grid.codes[area] = np.where(signs > 0, signs, grid.codes[area])
        grid.roles[area] = np.where(signs > 0, grid.role(one.role), grid.roles[area])
    zero = "0" if most else "±0" if look.unicode else "=0"
    grid.put(max(above.left - 1 - width(zero), 0), rows // 2, zero, "muted")
    if most:
        plus, minus, name = ("+", "−", "Δ ") if look.unicode else ("+", "-", "")
        grid.put(above.left, 0, f"{name}{plus}{number(top)}", "muted")
        if rows >= 3:
            grid.put(above.left, rows - 1, f"{' ' * len(name)}{minus}{number(top)}", "muted")
    return grid.lines()


def nice_above(value: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is not below a value.

    Example:
        >>> nice_above(0.013), nice_above(2.0)
        (0.02, 2.0)
    """
    unit = 10.0 ** math.floor(math.log10(value))
    return next((float(f"{unit * m:.1g}") for m in (1, 2, 5) if unit * m >= value * (1 - 1e-9)), unit * 10)


def _across(series: Sequence[PlotSeries]) -> Axis:
    last = max((float(one.x[-1]) for one in series), default=1.0)
    return Axis(0.0, max(grow(last), 10.0))


def _down(series: Sequence[PlotSeries], x: Axis, log_y: bool, old: DrawnChart | None) -> Axis:
    low, high = math.inf, -math.inf
    for one in series:
        values = _values_in(one, x) if one.counts else np.zeros(0)
        values = values[np.isfinite(values) & (values > 0)] if log_y else values[np.isfinite(values)]
        if len(values):
            low, high = min(low, float(values.min())), max(high, float(values.max()))
    if low > high:
        low = high = math.nan
    elif log_y:
        low = max(low, high * 10.0**-DECADES)
    kept = old.y if old is not None else None
    return limits(low, high, log_y, kept)


def in_window(one: PlotSeries, x: Axis) -> np.ndarray:
    """Which points of a curve lie between the ends of an axis of steps: bool (k,)."""
    place = x.share(np.maximum(one.x, 1) if x.log else one.x)
    found: np.ndarray = (place >= -1e-9) & (place <= 1 + 1e-9)
    return found


def _values_in(one: PlotSeries, x: Axis) -> np.ndarray:
    """The values of a curve between the ends of an axis, and those at the ends, where it only passes."""
    place = x.share(np.maximum(one.x, 1) if x.log else one.x)
    inside = one.y[in_window(one, x)]
    ends = np.interp([0.0, 1.0], place, one.y, left=np.nan, right=np.nan)
    return np.concatenate([inside, ends])


def _column(x: Axis, step: float, around: Frame) -> int | None:
    share = share_of(x, step)
    if not 0 <= share <= 1:
        return None
    return around.left + round(share * (around.columns - 1))


def _draw(one: PlotSeries, x: Axis, y: Axis, around: Frame, look: Look) -> np.ndarray:
    wide, tall = around.columns * 2, around.rows * 4
    # Limits lie in the middle of the first and last cell, as in plotext.
    across = (x.share(np.maximum(one.x, 1) if x.log else one.x) * (around.columns - 1) + 0.5) * 2
    keep = _near(across, wide)
    across = across[keep]

    def down(values: np.ndarray) -> np.ndarray:
        finite = np.where(np.isfinite(values[keep]), values[keep], np.nan)
        return ((1 - y.share(finite)) * (around.rows - 1) + 0.5) * 4

    if one.low is not None and one.high is not None:
        gap = np.isnan(one.y)
        low, high = np.where(gap, np.nan, one.low), np.where(gap, np.nan, one.high)
        top, bottom = braille.spans(across, down(high), wide)[0], braille.spans(across, down(low), wide)[1]
        # On a logarithmic axis the lower edge may lie at or below zero, where there is no place for it.
        bottom = np.where(np.isfinite(top) & ~np.isfinite(bottom), float(tall), bottom)
    else:
        # A curve that leaves a logarithmic axis below, also to zero, runs along its edge: it is not lost.
        floor = 10.0**y.low if y.log else -math.inf
        top, bottom = braille.spans(across, down(np.where(one.y < floor, floor, one.y)), wide)
    dots = braille.fill(top, bottom, tall)
    if one.low is not None and look.unicode:
        # One dot a cell, in turns: a band is a background, and must not outweigh the curve in it.
        thin = (bottom - top)[None, :] > 3
        down_dot, across_dot = np.arange(tall)[:, None], np.arange(wide)[None, :]
        dots &= ~thin | ((down_dot + across_dot) % 4 == 0) & (across_dot % 2 == 0)
    if one.dotted:
        dots[:, np.arange(wide) % 3 != 0] = False
    if one.dash:
        drawn = np.concatenate([np.full(n, i % 2 == 0) for i, n in enumerate(one.dash)])
        dots[:, ~drawn[np.arange(wide) % len(drawn)]] = False
    if one.role == BROKEN and not look.color:
        dots[:, np.arange(wide) % 8 < 4] = False  # the cells in which it would give way to another curve
    signs = braille.cells(dots) if look.unicode else braille.ascii_cells(dots)
    if one.low is not None and not look.unicode:
        turns = np.add.outer(np.arange(around.rows), np.arange(around.columns)) % 2 == 0
        signs = np.where((signs > 0) & turns, ord("."), 0).astype(np.uint32)
    return signs


def _near(across: np.ndarray, wide: int) -> slice:
    """The points in the picture and one more on either side."""
    return slice(
        max(int(np.searchsorted(across, 0)) - 1, 0),
        min(int(np.searchsorted(across, wide, side="right")) + 1, len(across)),
    )


def _labels(
    grid: Grid, around: Frame, marks: Sequence[Mark], places: Sequence[int | None], look: Look, levels: int = 3
) -> None:
    """Names of marks, newest first, each on a free row at the top, or at the bottom if less is hidden."""
    levels = min(levels, max(around.rows // 3, 1))
    area = grid.codes[around.top : around.top + around.rows, around.left : around.left + around.columns]
    hidden = [int(((part > 0x2800) & (part < 0x2900)).sum()) for part in (area[:levels], area[-levels:])]
    first, step = (around.top, 1) if hidden[0] <= hidden[1] else (around.top + around.rows - 1, -1)
    right = around.left + around.columns
    taken: list[list[tuple[int, int]]] = [[] for _ in range(levels)]
    for mark, place in reversed(list(zip(marks, places, strict=True))):
        if place is None:
            continue
        for label in (ellipsis(mark.label, 14), ""):
            text = _sign(mark, look) + label
            start = place if place + width(text) <= right else place - width(text) + 1
            text = text if start == place else text[1:] + text[0]
            if start < around.left:
                continue
            free = [i for i, row in enumerate(taken) if all(start + width(text) < a or start > b for a, b in row)]
            if free:
                taken[free[0]].append((start, start + width(text)))
                grid.put(start, first + step * free[0], text, mark.role)
                break


def _sign(mark: Mark, look: Look) -> str:
    if mark.hollow:
        return "◇" if look.unicode else "o"
    return "◆" if look.unicode else "*"


def _cursor(grid: Grid, around: Frame, column: int, look: Look, bands: Sequence[int]) -> None:
    """An upright line that leaves the curves to be seen, and hides the bands (numbers of their roles) behind them."""
    sign, role = ord("│" if look.unicode else "|"), grid.role("cursor")
    for row in range(around.top, around.top + around.rows):
        code = grid.codes[row, column]
        if code == 32 or chr(code) in "┊:" or grid.roles[row, column] in bands:
            grid.codes[row, column] = sign
        grid.roles[row, column] = role


def _card(grid: Grid, around: Frame, at: int, card: Sequence[Row], look: Look) -> None:
    """A box with a few lines beside the cursor: on the side with more room, at the end that hides less."""
    wide = max((row_width(row) for row in card), default=0)
    wide, tall = wide + 4, len(card) + 2
    right = around.left + around.columns
    if not card or wide > max(right - at - 1, at - around.left) or tall > around.rows:
        return
    left = at + 1 if right - at - 1 >= wide else at - wide
    tops = (around.top + 1 if tall < around.rows else around.top, around.top + around.rows - tall)
    box = [grid.codes[top : top + tall, left : left + wide] for top in tops]
    hidden = [int(((part > 0x2800) & (part < 0x2900)).sum()) for part in box]
    top = tops[0] if hidden[0] <= hidden[1] else tops[1]
    line, side, corners = ("─", "│", "╭╮╰╯") if look.unicode else ("-", "|", "++++")
    grid.put(left, top, corners[0] + line * (wide - 2) + corners[1], "mark")
    for y, row in enumerate(card, top + 1):
        grid.put(left, y, f"{side}{' ' * (wide - 2)}{side}", "mark")
        grid.put_row(left + 2, y, row)
    grid.put(left, top + tall - 1, corners[2] + line * (wide - 2) + corners[3], "mark")
