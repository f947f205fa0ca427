"""What an answer is worth: the figures a user asks for, each beside what a constant answer gets."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dltui.core.snapshot import Score

from .cells import Row, fit_row, row_width
from .format import number, pad, width

TITLES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "f1_macro": "F1 (macro)",
    "log_loss": "log loss",
    "r2": "R²",
    "mean_absolute_error": "mean absolute error",
    "root_mean_squared_error": "root mean squared error",
}
"""Score -> how it is called."""
_SHORT = {
    "balanced_accuracy": "balanced", "f1_macro": "F1", "mean_absolute_error": "MAE", "root_mean_squared_error": "RMSE",
}  # fmt: skip
_OF_VALUES = ("r2", "mean_absolute_error", "root_mean_squared_error")


def constant(scores: Sequence[Score]) -> str:
    """What answers without looking at the row."""
    return "the mean" if any(score.name in _OF_VALUES for score in scores) else "largest class"


def figures(scores: Sequence[Score], columns: int, rows: int) -> list[Row]:
    """A line a score, or one line for all where there is no room; () where there is none at all.

    Args:
        scores: What to show.
        columns: Width in cells.
        rows: Most rows.
    """
    if not scores or rows < 1 or columns < 12:
        return []
    if rows < len(scores) + 1:
        return [fit_row(_in_one_line(scores), columns)]
    wide = max(width(TITLES[score.name]) for score in scores)
    head = f"{constant(scores)} alone"
    if columns < wide + 22 + width(head):
        titles = {score.name: _SHORT.get(score.name, TITLES[score.name]) for score in scores}
        head = "alone"
    else:
        titles = {score.name: TITLES[score.name] for score in scores}
    wide = max(map(width, titles.values()))
    lines: list[Row] = [[(" " * (wide + 2), ""), (pad("now", 10, "right"), "head"), (f"  {head}", "head")]]
    for score in scores:
        value = (pad(number(score.value), 10, "right"), role_of(score))
        lines.append([(pad(titles[score.name], wide) + "  ", ""), value, (f"  {number(score.baseline)}", "muted")])
    return [fit_row(line, columns) for line in lines]


def role_of(score: Score) -> str:
    """Whether a figure is better or worse than that of a constant answer."""
    if not math.isfinite(score.value) or not math.isfinite(score.baseline) or score.value == score.baseline:
        return "strong"
    return "good" if (score.value < score.baseline) == score.lower_is_better else "bad"


def _in_one_line(scores: Sequence[Score]) -> Row:
    row: Row = []
    for score in scores[1:] if scores[0].name in ("accuracy", "r2") else scores:  # the first is drawn above
        row += [(" · " if row_width(row) else "", "muted"), (_SHORT.get(score.name, TITLES[score.name]) + " ", "muted")]
        row += [(number(score.value), role_of(score)), (f" ({number(score.baseline)})", "muted")]
    return row
