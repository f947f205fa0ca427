"""The page of an evaluation: everything `dltui evaluate` says, at every width."""

from __future__ import annotations

import numpy as np
import pytest

from dltui.core.snapshot import Bin, ClassResult, EvaluationReport, Score, WorstRow
from dltui.tui.draw.cells import plain, row_width
from dltui.tui.draw.evaluation_page import evaluation_page
from dltui.tui.draw.look import Look

CLASSES = EvaluationReport(
    "the validation rows", "classes", 30,
    (Score("accuracy", 0.9, 0.5, 0.8, 0.97), Score("log_loss", 0.31, 0.69, 0.2, 0.45)),
    ((14, 1), (2, 13)),
    (ClassResult("cat", 15, 0.875, 0.933, 0.903), ClassResult("dog", 15, 0.929, 0.867, 0.897)),
    (Bin(0.5, 0.6, 4, 0.55, 0.25), Bin(0.9, 1.0, 26, 0.97, 0.98)),
    (WorstRow(7, "cat", "dog", 0.02, {"legs": "4", "hair": "", "weight": "31.5"}),),
)  # fmt: skip
VALUES = EvaluationReport(
    "later.csv", "values", 5, (Score("r2", 0.8, 0.0), Score("mean_absolute_error", 1200.0, 5000.0)), (), (), (),
    (WorstRow(3, "120000", "150000", 30000.0, {}),),
)  # fmt: skip


@pytest.mark.parametrize("columns", [60, 120])
def test_all_of_it_is_told(columns: int) -> None:
    text = plain(evaluation_page(CLASSES, columns))
    for words in ("0.800 … 0.970", "largest class", "cat", "0.933", "0.5 … 0.6", "too sure", "legs 4", "hair —"):
        assert words in text
    text = plain(evaluation_page(VALUES, columns))
    for words in ("R²", "the mean", "120000", "150000", "30 000"):
        assert words in text
    assert "Confusion" not in text and "95" in text


@pytest.mark.parametrize("columns", [1, 9, 30, 60, 99, 100, 200])
@pytest.mark.parametrize("look", [Look(), Look(unicode=False, color=False)], ids=["full", "plain"])
def test_it_fits_any_width(columns: int, look: Look) -> None:
    names = [f"class number {i}" for i in range(30)]
    many = EvaluationReport(
        "f", "classes", 30, CLASSES.scores, tuple(map(tuple, np.eye(30, dtype=int).tolist())),
        tuple(ClassResult(name, 1, 1.0, 1.0, 1.0) for name in names), (), (),
    )  # fmt: skip
    for report in (CLASSES, VALUES, many):
        assert all(row_width(row) == columns for row in evaluation_page(report, columns, look))
    assert evaluation_page(CLASSES, 0) == []
