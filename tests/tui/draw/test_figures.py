"""Figures beside what a constant answer gets, at every size."""

import math

import pytest

from dltui.core.snapshot import Score
from dltui.tui.draw.cells import plain, row_width
from dltui.tui.draw.figures import figures, role_of

CLASSES = tuple(
    Score(name, value, baseline)
    for name, value, baseline in (
        ("accuracy", 0.9, 0.6), ("balanced_accuracy", 0.4, 0.5), ("f1_macro", 0.5, 0.5), ("log_loss", 0.3, 0.69),
    )
)  # fmt: skip
VALUES = (
    Score("r2", 0.8, 0.0), Score("mean_absolute_error", 12_345.0, 40_000.0),
    Score("root_mean_squared_error", 20_000.0, 50_000.0),
)  # fmt: skip


def test_each_figure_stands_beside_that_of_a_constant_answer() -> None:
    text = plain(figures(CLASSES, 60, 9))
    assert "largest class alone" in text and "balanced accuracy" in text and "0.690" in text
    text = plain(figures(VALUES, 60, 9))
    assert "the mean alone" in text and "12 345" in text and "40 000" in text


def test_better_and_worse_than_a_constant_answer_are_told_apart() -> None:
    assert [role_of(score) for score in CLASSES] == ["good", "bad", "strong", "good"]
    assert [role_of(score) for score in VALUES] == ["good"] * 3
    assert role_of(Score("r2", math.nan, 0.0)) == "strong"


def test_where_room_lacks_they_stand_in_one_line() -> None:
    assert plain(figures(CLASSES, 60, 2)).startswith("balanced 0.400 (0.500) · F1")
    assert figures(CLASSES, 60, 0) == [] and figures((), 60, 9) == []


@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (12, 3), (30, 10), (200, 60)])
def test_they_fit_any_size(columns: int, rows: int) -> None:
    for scores in (CLASSES, VALUES):
        drawn = figures(scores, columns, rows)
        assert len(drawn) <= rows and all(row_width(row) == columns for row in drawn)
