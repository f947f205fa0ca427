"""Futures in a list: one scale, the best first, and in words what has no curve."""

from __future__ import annotations

import numpy as np
import pytest

from dltui.core.snapshot import Prospect
from dltui.tui.draw.format import width
from dltui.tui.draw.prospects import BLOCKS, curve_line, end_loss, loss_range, prospect_text, ranked


def prospect(name: str, losses: list[float], *, stopped: str = "", refused: str = "") -> Prospect:
    metrics = {"val_loss": losses[-1]} if losses and not stopped else {}
    steps = np.arange(len(losses), dtype=np.int64)
    return Prospect({"optimizer.name": name}, steps, np.array(losses), metrics, 40, stopped, 1.0, refused)


GOOD, BAD = prospect("adam", [1.0, 0.1, 0.01]), prospect("sgd", [1.0, 0.9, 0.8])
DIVERGED, REFUSED = prospect("lion", [1.0, 1e9], stopped="diverged"), prospect("muon", [], refused="no")


def test_the_best_stands_first_and_what_fails_last() -> None:
    order = ranked([REFUSED, DIVERGED, BAD, GOOD])
    assert [one.changes["optimizer.name"] for one in order[:2]] == ["adam", "sgd"]
    assert end_loss(DIVERGED) == end_loss(REFUSED) == np.inf


def test_all_curves_have_one_scale_that_what_diverges_does_not_set() -> None:
    low, high = loss_range([GOOD, BAD, DIVERGED])
    assert low == pytest.approx(np.log(0.01)) and high == 0.0
    assert curve_line(GOOD.losses, low, high, 3) == BLOCKS[7] + BLOCKS[3] + BLOCKS[0]
    assert set(curve_line(BAD.losses, low, high, 6)) == {BLOCKS[7]}
    assert loss_range([DIVERGED, REFUSED]) == (0.0, 0.0)


@pytest.mark.parametrize("one", [GOOD, BAD, DIVERGED, REFUSED, prospect("x", [float("nan")]), prospect("y", [0.0])])
@pytest.mark.parametrize("columns", [9, 14, 20, 40])
def test_a_line_has_exactly_the_cells_there_are(one: Prospect, columns: int) -> None:
    low, high = loss_range([one])
    for unicode in (True, False):
        assert width(prospect_text(one, 0, low, high, columns, unicode)) == columns
    assert prospect_text(GOOD, 0, low, high, 20, False).isascii()


def test_what_fails_is_said_in_a_word() -> None:
    assert prospect_text(DIVERGED, 0, 0.0, 1.0, 20).strip() == "diverges +40"
    assert prospect_text(REFUSED, 0, 0.0, 1.0, 20).strip() == "refused"
