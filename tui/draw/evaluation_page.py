"""The page of an evaluation: scores with their intervals, confusion, classes, certainty, and the worst rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from dltui.core.snapshot import EvaluationReport, Score

from .bars import meter
from .cells import Row, fit_row, row_width
from .figures import TITLES, constant, role_of
from .format import count, ellipsis, fixed, number, width
from .look import Look
from .table import TableColumn, confusion, table

WIDE = 100
"""Columns from which on blocks stand side by side."""
MOST_CLASSES = 16
"""Classes of which a confusion is drawn."""
_GAP = 3


def evaluation_page(report: EvaluationReport, columns: int, look: Look | None = None) -> list[Row]:
    """All of an evaluation, as many rows as it takes.

    Args:
        report: What to show.
        columns: Width in cells.
        look: What the terminal can show.
    """
    look = look or Look()
    if columns < 1:
        return []
    left = (columns - _GAP) // 2 if columns >= WIDE else columns
    right = columns - _GAP - left if columns >= WIDE else columns
    blocks = [
        (_scores(report.scores, left), _confusion(report, right, look)),
        (_classes(report, left, look), _calibration(report, right, look)),
    ]
    rows: list[Row] = []
    for one, other in blocks:
        if columns >= WIDE:
            rows += _beside(one, other, left, right)
        else:
            rows += [*one, *([[]] if one else []), *other, *([[]] if other else [])]
    rows += _worst(report, columns)
    return [fit_row(row, columns) for row in rows]


def _beside(one: list[Row], other: list[Row], left: int, right: int) -> list[Row]:
    """Two blocks side by side, with an empty row below; one alone where the other has nothing."""
    if not one and not other:
        return []
    rows = max(len(one), len(other))
    blank: Row = []
    pairs = zip([*one, *[blank] * (rows - len(one))], [*other, *[blank] * (rows - len(other))], strict=True)
    return [*([*fit_row(a, left), (" " * _GAP, ""), *fit_row(b, right)] for a, b in pairs), []]


def _titled(title: str, rows: list[Row]) -> list[Row]:
    return [[(title, "title")], *rows] if rows else []


def _fitted(columns: int, heads: Sequence[TableColumn], lines: Sequence[Sequence[Row]]) -> list[Row]:
    return table(columns, len(lines) + 1, heads, lines) if lines else []


def _scores(scores: Sequence[Score], columns: int) -> list[Row]:
    heads = (
        TableColumn("score", 0), TableColumn("value", 0, "right"), TableColumn("95 % interval", 1),
        TableColumn(constant(scores), 2, "right"),
    )  # fmt: skip
    lines: list[list[Row]] = []
    for one in scores:
        interval = "" if math.isnan(one.low) else f"{number(one.low)} … {number(one.high)}"
        lines.append([
            [(TITLES[one.name], "")], [(number(one.value), role_of(one))], [(interval, "muted")],
            [(number(one.baseline), "muted")],
        ])  # fmt: skip
    return _titled("Scores", _fitted(columns, heads, lines))


def _confusion(report: EvaluationReport, columns: int, look: Look) -> list[Row]:
    n = len(report.confusion)
    if not 0 < n <= MOST_CLASSES:
        return []
    names = [one.name for one in report.classes]
    drawn = confusion(columns, n + 1, np.array(report.confusion, np.int64), names, look=look)
    return _titled("Confusion: true classes down, predicted across", drawn)


def _classes(report: EvaluationReport, columns: int, look: Look) -> list[Row]:
    heads = (
        TableColumn("class", 0), TableColumn("rows", 2, "right"), TableColumn("precision", 1, "right"),
        TableColumn("recall", 1, "right"), TableColumn("F1", 0, "right"), TableColumn("", 3),
    )  # fmt: skip
    lines: list[list[Row]] = [
        [
            [(ellipsis(one.name, 24), "")], [(count(one.n), "muted")], [(fixed(one.precision), "")],
            [(fixed(one.recall), "")], [(fixed(one.f1), "strong")], meter(one.f1, 8, look=look),
        ]
        for one in report.classes
    ]  # fmt: skip
    return _titled("Classes", _fitted(columns, heads, lines))


def _calibration(report: EvaluationReport, columns: int, look: Look) -> list[Row]:
    heads = (
        TableColumn("certainty", 0), TableColumn("rows", 2, "right"), TableColumn("mean", 1, "right"),
        TableColumn("right", 0, "right"), TableColumn("", 3), TableColumn("", 1),
    )  # fmt: skip
    lines: list[list[Row]] = []
    for one in report.calibration:
        off = one.accuracy - one.confidence
        word = "too sure" if off < -0.1 else "too unsure" if off > 0.1 else ""
        lines.append([
            [(f"{one.low:.1f} … {one.high:.1f}", "")], [(count(one.n), "muted")], [(fixed(one.confidence, 2), "")],
            [(fixed(one.accuracy, 2), "strong")], meter(one.accuracy, 10, look=look), [(word, "warn")],
        ])  # fmt: skip
    return _titled("Certainty, and which part is right", _fitted(columns, heads, lines))


def _worst(report: EvaluationReport, columns: int) -> list[Row]:
    if not report.worst:
        return []
    last = "p(true)" if report.task == "classes" else "error"
    heads = [
        TableColumn("row", 1, "right"), TableColumn("true", 0), TableColumn("predicted", 0),
        TableColumn(last, 0, "right"), TableColumn("cells", 2),
    ]  # fmt: skip
    lines: list[list[Row]] = []
    for one in report.worst:
        said = "" if one.truth == one.predicted else "bad"
        true, predicted = ellipsis(one.truth, 20), ellipsis(one.predicted, 20)
        badness = number(one.badness)
        lines.append([[(str(one.line), "muted")], [(true, "strong")], [(predicted, said)], [(badness, "")]])
    titles = [width(head.title) for head in heads]
    used = sum(max(titles[i], *(row_width(line[i]) for line in lines)) + 2 for i in range(4))
    for line, one in zip(lines, report.worst, strict=True):
        line.append(_cells(one.cells, max(columns - used, 0)))
    return _titled("Worst rows", _fitted(columns, heads, lines))


def _cells(cells: Mapping[str, str], room: int) -> Row:
    """As many cells of a row as there is room for."""
    row: Row = []
    for name, cell in cells.items():
        item: Row = [(f"{name} ", "muted"), (cell or "—", "")]
        if row_width(row) + row_width(item) + 2 > room:
            return [*row, ("…", "muted")] if row and room - row_width(row) > 1 else row
        row += [("  ", ""), *item] if row else item
    return row
