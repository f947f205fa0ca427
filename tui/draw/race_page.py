"""A race: the futures of several choices from one state, their losses in one chart and their places in a list."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dltui.core.snapshot import Foresight, Prospect

from .axes import Axis
from .cells import Row, fit_row, message
from .format import count, number, pad
from .line import DASHES, PlotSeries, chart, dash_sign, smooth
from .look import Look
from .prospects import end_loss, ranked, told

WAITING = "training all of them ahead …"
LANES = 5
"""Choices whose curves have a color of their own: the first of the ranking, beside the one in force."""
LEAST_CHART = 6
"""Rows from which the curves are drawn."""
SMOOTHING = 0.8
"""Weight of the moving average that is drawn, and that says when a loss is down at a goal."""
IN_FORCE = "train"
"""Role of the choice in force."""


def time_to(one: Prospect, foresight: Foresight, goal: float) -> float:
    """Seconds of training until the loss is down at a goal; NaN where it does not come so far."""
    below = np.flatnonzero(smooth(one.losses, SMOOTHING) <= goal)
    if not below.size or one.stopped == "diverged":
        return float("nan")
    return float(max(one.steps[below[0]] - foresight.step, 1)) * one.step_us * 1e-6


def goal_of(foresight: Foresight) -> float:
    """The loss to be reached: where the run comes to if nothing is changed."""
    found = [one for one in foresight.prospects if not one.changes and len(one.losses)]
    return float(smooth(found[0].losses, SMOOTHING)[-1]) if found else float("nan")


def race_page(
    foresight: Foresight | None, named: Callable[[Prospect], str], here: int, columns: int, rows: int, look: Look
) -> list[Row]:
    """The chart above the list; those that diverge or are refused are last.

    Args:
        foresight: The session's answer.
        named: What a future is called.
        here: Place in the ranking that the cursor is on.
        columns: Width in cells.
        rows: Height in cells.
        look: What the terminal can show.
    """
    if foresight is None or not foresight.prospects:
        return message(WAITING, columns, rows)
    order = ranked(foresight.prospects)
    lines = min(len(order), max(rows - LEAST_CHART - 2, 3))
    tall = rows - lines - 1
    drawn = _curves(foresight, order, columns, tall, look) if tall >= LEAST_CHART else []
    first = min(max(here - lines // 2, 0), len(order) - lines)
    wide = max(len(named(one)) for one in order)
    head = f"    {pad('', wide)}  {pad('loss', 12, 'right')}  {pad('score', 7, 'right')}  {pad('a step', 9, 'right')}"
    goal = goal_of(foresight)
    far = f"  {pad(f'to {number(goal)}', 10, 'right')}" if np.isfinite(goal) else ""
    table = [fit_row([(head + far, "head")], columns)]
    for place, one in list(enumerate(order))[first : first + lines]:
        table.append(fit_row(_line(foresight, one, place, named(one), wide, here, look), columns))
    return [*drawn, *table]


def lane_of(order: list[Prospect], one: Prospect) -> int:
    """Number of its color and line; -1 for the choice in force and for those without one."""
    others = [other for other in order if other.changes][:LANES]
    return next((place for place, other in enumerate(others) if other is one), -1)


def _role(order: list[Prospect], one: Prospect) -> str:
    lane = lane_of(order, one)
    return IN_FORCE if not one.changes else f"ghost{lane}" if lane >= 0 else "muted"


def _curves(foresight: Foresight, order: list[Prospect], columns: int, rows: int, look: Look) -> list[Row]:
    series = []
    for one in reversed(order):
        lane = lane_of(order, one)
        if len(one.steps) and (lane >= 0 or not one.changes):
            dash = DASHES[lane] if lane >= 0 else ()
            counts = one.stopped != "diverged"
            series.append(
                PlotSeries(one.steps, smooth(one.losses, SMOOTHING), _role(order, one), dash=dash, counts=counts)
            )
    end = max(foresight.step + foresight.n_steps, foresight.step + 1)
    axis = Axis(float(foresight.step), float(end))
    return chart(columns, rows, series, x=axis, log_y=True, look=look).rows


def _line(foresight: Foresight, one: Prospect, place: int, name: str, wide: int, here: int, look: Look) -> Row:
    lane = lane_of(_ranking(foresight), one)
    sign = dash_sign(lane, look) if lane >= 0 else ("━━" if look.unicode else "--") if not one.changes else "  "
    cursor = (">" if not look.unicode else "›") if place == here else " "
    role = _role(_ranking(foresight), one)
    row: Row = [(cursor, "cursor"), (f"{sign} ", role), (pad(name, wide), "strong" if place == here else role)]
    bad = bool(one.refused) or one.stopped == "diverged"
    row.append((f"  {pad(told(one, foresight.step), 12, 'right')}", "bad" if bad else "strong"))
    if bad:
        return [*row, (f"  {one.refused}", "muted")]
    metrics = one.metrics
    score = next((metrics[key] for key in metrics if key.startswith("val_") and key != "val_loss"), float("nan"))
    row.append((f"  {pad(number(score), 7, 'right')}", "muted"))
    row.append((f"  {pad(_time(one.step_us * 1e-6), 9, 'right')}", "muted"))
    goal = goal_of(foresight)
    if np.isfinite(goal):
        needed = time_to(one, foresight, goal)
        row.append((f"  {pad(_time(needed) if np.isfinite(needed) else 'not yet', 10, 'right')}", "muted"))
    return row


def _ranking(foresight: Foresight) -> list[Prospect]:
    return ranked(foresight.prospects)


def _time(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{number(seconds / size)} {unit}"
    return f"{number(seconds * 1e9)} ns"


def horizon_text(foresight: Foresight | None) -> str:
    """How far they have come."""
    if foresight is None or not foresight.n_steps:
        return ""
    known = sum(end_loss(one) < np.inf for one in foresight.prospects)
    return f"{count(foresight.n_steps)} steps from step {count(foresight.step)}, {known} of {len(foresight.prospects)}"
