"""The page of the doctor: every finding in full, and a remedy only beside going on without it."""

from __future__ import annotations

import numpy as np
import pytest

from dltui.core.snapshot import Finding, Foresight, Prospect
from dltui.tui.draw.cells import plain, row_width
from dltui.tui.draw.doctor_page import doctor_page, outcome

FINDING = Finding(
    "dead units", "Most units are silent.", "80% of dense2", "A negative sum has no slope.",
    {"network.activation": "leaky_relu"}, "Give the flat side a slope.",
)  # fmt: skip
OTHER = Finding("overfitting", "It rises.", "1.7, was 0.4", "By heart.", {"regularization.l2": 0.01}, "Add L2.")


def prospect(changes: dict[str, object], loss: float, *, stopped: str = "", refused: str = "") -> Prospect:
    metrics = {} if stopped == "diverged" else {"val_loss": loss}
    return Prospect(changes, np.zeros(0, np.int64), np.zeros(0), metrics, 640, stopped, 1.0, refused)


def futures(*prospects: Prospect) -> Foresight:
    return Foresight(100, 640, prospects, busy=False)


def text(page: list) -> str:
    return plain(page)


def test_a_finding_says_what_the_number_why_and_what_to_do() -> None:
    known = futures(prospect({}, 0.7), prospect({"network.activation": "leaky_relu"}, 0.05))
    shown = text(doctor_page([FINDING, OTHER], known, "F5", 60, 40))
    for part in (FINDING.says, FINDING.evidence, FINDING.why, FINDING.advice, "F5 does it.", OTHER.says):
        assert part in shown
    assert "In 640 steps: val loss 0.0500 with it, val loss 0.700" in shown
    assert shown.count("F5") == 1


def test_what_is_not_known_is_not_said() -> None:
    assert outcome(FINDING.remedy, None) == ""
    assert outcome(FINDING.remedy, futures(prospect({}, 0.7))) == ""
    with_it = prospect({"network.activation": "leaky_relu"}, 0.0, stopped="diverged")
    assert outcome(FINDING.remedy, futures(prospect({}, 0.7), with_it)).endswith(
        "diverged with it, val loss 0.700 without."
    )
    refused = prospect({"network.activation": "leaky_relu"}, 0.0, refused="no such layer")
    assert outcome(FINDING.remedy, futures(prospect({}, 0.7), refused)) == "cannot be done here: no such layer"


def test_a_healthy_run_is_told_so() -> None:
    assert "Nothing is wrong" in text(doctor_page([], None, "F5", 60, 5))


@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (8, 1), (12, 3), (30, 10), (200, 60)])
@pytest.mark.parametrize("unicode", [True, False])
def test_it_fits_any_size(columns: int, rows: int, unicode: bool) -> None:
    page = doctor_page([FINDING, OTHER], None, "F5", columns, rows, unicode)
    assert len(page) <= rows and all(row_width(row) <= columns for row in page)
    assert unicode or plain(page).isascii()
