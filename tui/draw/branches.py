"""The tree of runs that are trained in step: each with its line, how far it is, and what tells it apart."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from dltui.core.snapshot import BranchState
from dltui.core.text import safe_text

from .cells import Row, fit_row, join_ends, row_width
from .format import count, ellipsis, number, pad
from .line import dash_sign
from .look import Look

COLORS = 8
"""Colors of branches, taken in turns."""
WIDE, MIDDLE = 70, 44
"""Cells from which costs are shown, where they fit, and from which steps and settings are."""
LEAST_WORDS = 12
"""Cells from which settings are told."""
LONGEST_NAME = 18


def branch_role(place: int) -> str:
    """Role of the curves of a branch."""
    return f"branch{place % COLORS}"


def in_order(branches: Sequence[BranchState]) -> list[tuple[str, BranchState]]:
    """The branches as a tree: each with the lines that lead to it, parents before their children."""

    def below(parent: int, lead: str) -> Iterator[tuple[str, BranchState]]:
        children = [one for one in branches if one.parent == parent]
        for i, one in enumerate(children):
            last = i == len(children) - 1
            own, on = ("", "") if parent < 0 else ("└ " if last else "├ ", "  " if last else "│ ")
            yield lead + own, one
            yield from below(one.number, lead + on)

    return list(below(-1, ""))


def signed(value: float) -> str:
    """A difference with its sign; one of exactly nothing says so.

    Example:
        >>> signed(0.0), signed(0.25), signed(-0.25)
        ('±0', '+0.250', '−0.250')
    """
    if math.isnan(value):
        return "—"
    return "±0" if value == 0.0 else f"{'+' if value > 0 else '−'}{number(abs(value))}"


def apart(branch: BranchState, front: BranchState) -> float:
    """By how much the loss of a branch lies above that of the run in front, where both are at one step."""
    key = "val_loss" if "val_loss" in branch.metrics and "val_loss" in front.metrics else "train_loss"
    same = branch.step == front.step
    return branch.metrics.get(key, math.nan) - front.metrics.get(key, math.nan) if same else math.nan


def tree_rows(branches: Sequence[BranchState], columns: int, look: Look) -> list[Row]:
    """The tree, one row a run.

    Args:
        branches: Of a snapshot.
        columns: Width in cells.
        look: What the terminal can show.
    """
    front = next((one for one in branches if one.in_front), None)
    if front is None:
        return []
    shown = in_order(branches)
    wide = min(max(len(lead) + len(one.name) for lead, one in shown), LONGEST_NAME)
    return [fit_row(_row(lead, one, front, wide, columns, look), columns) for lead, one in shown]


def _row(lead: str, one: BranchState, front: BranchState, wide: int, columns: int, look: Look) -> Row:
    sign = ("●" if look.unicode else "*") if one.in_front else dash_sign(one.number, look)
    role = "train" if one.in_front else branch_role(one.number)
    name = pad(ellipsis(safe_text(one.name, 60), max(wide - len(lead), 4)), max(wide - len(lead), 4))
    row: Row = [(f" {pad(sign, 2)} ", role), (lead, "muted"), (name, "strong" if one.in_front else "")]
    loss = one.metrics.get("val_loss", one.metrics.get("train_loss", math.nan))
    if columns >= MIDDLE:
        row.append((pad(count(one.step), 9, "right"), "muted"))
    row.append((pad(number(loss), 9, "right"), ""))
    if one.in_front:
        row.append((pad("in front", 9, "right"), "muted"))
    else:
        value = apart(one, front)
        role = "muted" if not value or math.isnan(value) else "good" if value < 0 else "warn"
        row.append((pad(signed(value), 9, "right"), role))
        if one.status != "in step":
            row.append((f"  {one.status}", "bad" if one.status == "diverged" else "muted"))
    forked, left = f"  from {count(one.forked)}", columns - row_width(row)
    if not one.in_front and len(forked) <= left:
        row.append((forked, "muted"))
        left -= len(forked)
    if one.differs and left >= LEAST_WORDS:
        row.append((f"  {ellipsis(safe_text(one.differs, 200), left - 2)}", ""))
    cost = f"{number(one.step_us)} µs a step, " if one.step_us > 0 else ""
    costs: Row = [(f"  {cost}{one.memory_mb:.1f} MB", "muted")]
    return join_ends(row, costs, columns) if columns >= WIDE and row_width(row) + row_width(costs) <= columns else row
