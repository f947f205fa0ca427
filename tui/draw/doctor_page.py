"""The page of the doctor: each finding with the number that shows it, why it is so, and the remedy with its future."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dltui.core.snapshot import Finding, Foresight, Prospect
from dltui.core.text import safe_text

from .cells import Row
from .format import count, number, wrap

HEALTHY = ("Nothing is wrong as far as can be measured.", "no complaint")
"""What is said of a run without findings, and in the heading."""


def prospect_of(changes: Mapping[str, object], foresight: Foresight | None) -> Prospect | None:
    """The future of a change, where it was asked for."""
    found = foresight.prospects if foresight is not None else ()
    return next((one for one in found if dict(one.changes) == dict(changes)), None)


def doctor_page(
    findings: Sequence[Finding],
    foresight: Foresight | None,
    key: str,
    columns: int,
    rows: int,
    unicode: bool = True,
) -> list[Row]:
    """The rows of the page.

    Args:
        findings: The gravest first.
        foresight: The futures of their remedies, as far as they are known.
        key: What takes the first remedy.
        columns: Cells of a row.
        rows: Rows there are.
        unicode: Whether signs beyond ASCII may be used.
    """
    if columns < 8 or rows < 1:
        return []
    if not findings:
        return [[(line, "good")] for line in wrap(HEALTHY[0], columns)][:rows]
    page: list[Row] = []
    for place, finding in enumerate(findings):
        if page:
            page.append([])
        page += _finding_rows(finding, foresight, key if place == 0 else "", columns, unicode)
    return page[:rows]


def _finding_rows(finding: Finding, foresight: Foresight | None, key: str, columns: int, unicode: bool) -> list[Row]:
    sign, arrow = ("✗ ", "→ ") if unicode else ("! ", "> ")
    inner = columns - 2

    def block(text: str, role: str, head: str = "  ", head_role: str = "") -> list[Row]:
        lines = wrap(safe_text(text, 400), inner)
        return [[(head if i == 0 else "  ", head_role), (line, role)] for i, line in enumerate(lines)]

    rows = block(finding.says, "strong", sign, "bad")
    rows += block(finding.evidence, "warn")
    rows += block(finding.why, "muted")
    rows += block(finding.advice + (f"  {key} does it." if key else ""), "", arrow, "mark")
    told = outcome(finding.remedy, foresight)
    return rows + (block(told, "good") if told else [])


def outcome(remedy: Mapping[str, object], foresight: Foresight | None) -> str:
    """What the remedy will do, beside going on without it; "" while nobody knows."""
    with_it, without = prospect_of(remedy, foresight), prospect_of({}, foresight)
    if with_it is None or without is None:
        return ""
    if with_it.refused:
        return f"cannot be done here: {with_it.refused}"
    steps = min(with_it.n_steps, without.n_steps) if not without.stopped else with_it.n_steps
    return f"In {count(steps)} steps: {_loss(with_it)} with it, {_loss(without)} without."


def _loss(one: Prospect) -> str:
    if one.stopped == "diverged":
        return "diverged"
    name = "val_loss" if "val_loss" in one.metrics else "train_loss"
    value = one.metrics.get(name, np.nan)
    return f"{name.removesuffix('_loss')} loss {number(value)}"
