"""An evaluation as text, for a terminal or in Markdown."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..snapshot import EvaluationReport

_TITLES = {
    "accuracy": "accuracy", "balanced_accuracy": "balanced accuracy", "f1_macro": "F1 (macro)", "log_loss": "log loss",
    "r2": "R²", "mean_absolute_error": "mean absolute error", "root_mean_squared_error": "root mean squared error",
}  # fmt: skip
_MOST_CLASSES = 12


def as_text(evaluation: EvaluationReport, markdown: bool = False) -> str:
    """The whole evaluation.

    Args:
        evaluation: What to show.
        markdown: Whether tables have the form of Markdown.
    """
    constant = "largest class" if evaluation.task == "classes" else "mean"
    parts = [_title(f"{evaluation.source}: {evaluation.n} rows", markdown)]
    scores = [
        (_TITLES[score.name], _number(score.value), f"{_number(score.low)} … {_number(score.high)}",
         _number(score.baseline))
        for score in evaluation.scores
    ]  # fmt: skip
    parts.append(_table([("score", "value", "95 % interval", f"the {constant} alone"), *scores], markdown))
    if evaluation.classes:
        rows = [
            (one.name, str(one.n), _number(one.precision), _number(one.recall), _number(one.f1))
            for one in evaluation.classes
        ]
        parts.append(_table([("class", "rows", "precision", "recall", "F1"), *rows], markdown))
    if 0 < len(evaluation.confusion) <= _MOST_CLASSES:
        names = [one.name for one in evaluation.classes]
        lines = [(name, *map(str, row)) for name, row in zip(names, evaluation.confusion, strict=True)]
        parts.append(_table([("true ↓ predicted →", *names), *lines], markdown))
    if evaluation.calibration:
        bins = [(f"{one.low:.1f} … {one.high:.1f}", str(one.n), _number(one.confidence), _number(one.accuracy))
                for one in evaluation.calibration]  # fmt: skip
        parts.append(_table([("certainty", "rows", "mean certainty", "right"), *bins], markdown))
    if evaluation.worst:
        last = "probability of the truth" if evaluation.task == "classes" else "error"
        worst = [
            (str(row.line), row.truth, row.predicted, _number(row.badness),
             ", ".join(f"{name} {cell}" for name, cell in list(row.cells.items())[:6]))
            for row in evaluation.worst
        ]  # fmt: skip
        place = "line" if evaluation.worst[0].cells else "row"
        parts.append(_table([(place, "true", "predicted", last, "cells"), *worst], markdown))
    return "\n\n".join(parts)


def _title(text: str, markdown: bool) -> str:
    return f"## {text}" if markdown else text


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.4g}"


def _table(rows: Sequence[tuple[str, ...]], markdown: bool) -> str:
    if markdown:
        head, *body = [[cell.replace("|", "\\|") for cell in row] for row in rows]
        return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *body))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
