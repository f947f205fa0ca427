"""From the inputs of a row back to its cells, as far as they tell: to show a row that only the network has seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..text import safe_text
from .cells.dates import DAY_S, as_date
from .columns import CATEGORY, DATE, YES_NO
from .encode import ColumnPlan, Encoder

_WIDEST = 40


def cells_of_inputs(encoder: Encoder, inputs: np.ndarray) -> dict[str, str]:
    """Column -> cell, "" where it was missing.

    Args:
        encoder: How columns became inputs.
        inputs: Of one row, in the units of the data, (n_inputs,).
    """
    cells: dict[str, str] = {}
    first = 0
    for plan in encoder.plans:
        n = len(plan.inputs())
        cells[safe_text(plan.name, _WIDEST)] = safe_text(_cell(plan, inputs[first : first + n]), _WIDEST)
        first += n
    return cells


def _cell(plan: ColumnPlan, values: Sequence[float] | np.ndarray) -> str:
    if plan.kind == CATEGORY:
        return _word(plan, np.asarray(values))
    if plan.flag and values[-1] > 0.5:
        return ""
    if plan.kind == YES_NO:
        return plan.yes[0] if values[0] > 0.5 else plan.yes[1]
    if plan.kind == DATE:
        return _date(plan, dict(zip(_parts(plan), values, strict=False)))
    return f"{values[0]:.6g}"


def _word(plan: ColumnPlan, values: np.ndarray) -> str:
    place = int(values.argmax())
    if values[place] < 0.5:
        return f"not {plan.words[0]}" if len(plan.words) == 1 else ""
    if place < len(plan.words):
        return plan.words[place]
    return "other" if plan.other and place == len(plan.words) else ""


def _parts(plan: ColumnPlan) -> list[str]:
    """The part of the date that each input is of; of two that lie on a circle the first."""
    found: list[str] = []
    for part in plan.parts:
        found += [part] if part in ("days", "year") else [part, f"{part} (cosine)"]
    return found


def _date(plan: ColumnPlan, parts: Mapping[str, float]) -> str:
    if "days" in parts:
        # A clock whose time has inputs of its own counts in whole days here and there in parts of one.
        seconds = plan.start + round(parts["days"] * DAY_S)
        when = as_date(seconds)
        return f"{when:%Y-%m-%d}" if abs(seconds % DAY_S) < 1.0 else f"{when:%Y-%m-%d %H:%M}"
    return f"{parts['year']:.0f}" if "year" in parts else ""
