"""The page of a lesson: experiments are never below the fold, and no answer is seen before it was tried."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dltui.core.config import Config
from dltui.core.config.tries import Try
from dltui.core.snapshot import TryState
from dltui.tui.draw.cells import plain
from dltui.tui.draw.format import count
from dltui.tui.draw.lesson_page import lesson_page

TEXT = "\n".join(f"Sentence {number} of a lesson that is as long as lessons are." for number in range(5))
KEYS = ("F2", "F3", "F4")


def tries() -> tuple[Try, ...]:
    tables: list[dict[str, Any]] = [
        {
            "say": f"Set hidden to {number}.",
            "change": {"network.hidden": [number]},
            "question": f"Question {number}: will it be better?",
            "answer": f"Answer {number}: no, since there is nothing left to gain.",
            "after": 100,
            "check": "val_loss < before_val_loss",
        }
        for number in (2, 3, 4)
    ]
    return Config.from_dict({"preset": {"tries": tables}}).preset.tries


def state(number: int, outcome: str) -> TryState:
    after = {"val_loss": 0.04} if outcome != "waiting" else {}
    return TryState(number, 400, 2000, {"val_loss": 0.31}, after, outcome)


def page(states: tuple[TryState, ...] = (), rows: int = 12, columns: int = 40, **more: Any) -> str:
    return plain(lesson_page(TEXT, tries(), states, 1500, KEYS, columns, rows, **more)[0])


@given(st.integers(0, 80), st.integers(0, 40), st.integers(0, 99), st.lists(st.sampled_from(["held", "waiting"])))
def test_it_fits_every_size(columns: int, rows: int, first: int, outcomes: list[str]) -> None:
    states = tuple(state(number, outcome) for number, outcome in enumerate(outcomes[:3]))
    drawn, shown = lesson_page(TEXT, tries(), states, 5, KEYS, columns, rows, first=first)
    assert len(drawn) <= rows
    assert 0 <= shown <= first


@pytest.mark.parametrize("rows", [8, 12, 20, 40])
def test_the_first_question_is_seen_beside_its_key_and_no_answer(rows: int) -> None:
    text = page(rows=rows)
    assert "Sentence 0" in text
    assert "F2 Question 2" in text
    assert "Set hidden to 2." in text
    assert "F3" in text and "F4" in text
    assert "Answer" not in text


def test_a_try_that_runs_counts_down() -> None:
    text = page((state(1, "waiting"),), rows=14)
    assert "F3 … Question 3" in text
    assert f"Answer at step {count(2000)}: 500 to go" in text
    assert "Answer 3" not in text


@pytest.mark.parametrize(("outcome", "said"), [("held", "as foretold"), ("failed", "not as foretold this time")])
def test_what_came_out_is_said_in_numbers_with_the_answer(outcome: str, said: str) -> None:
    text = page((state(0, outcome),), rows=14)
    assert "validation loss 0.31 → 0.04" in text
    assert said in " ".join(text.split())
    assert "Answer 2" in text
    assert "Answer 3" not in text
    assert "F3 Set hidden to 3." in text


def test_scrolling_shows_all_of_it() -> None:
    seen = ""
    for first in range(60):
        seen += page(rows=5, first=first)
    assert all(f"Sentence {number}" in seen and f"Question {max(number, 2)}" in seen for number in range(5))
    assert "↓ more" in page(rows=5, first=1)
    assert "↓" not in page(rows=5, first=1, unicode=False)


def test_a_lesson_without_tries_is_its_text() -> None:
    drawn, _ = lesson_page(TEXT, (), (), 0, KEYS, 60, 20)
    assert plain(drawn).split() == TEXT.split()


@pytest.mark.parametrize("outcome", ["", "waiting", "held"])
def test_no_text_of_a_try_reaches_the_screen_raw(outcome: str) -> None:
    wild = "a\x1b[2Jb\u202ec\u200bd"
    table = {
        "say": wild,
        "question": wild,
        "answer": wild,
        "change": {"network.hidden": [2]},
        "after": 1,
        "check": "dead > 0",
    }
    found = Config.from_dict({"preset": {"tries": [table, table | {"after": 2}]}}).preset.tries
    states = (state(0, outcome),) if outcome else ()
    for rows in (3, 8, 40):
        drawn, _ = lesson_page(TEXT, found, states, 1, KEYS, 40, rows)
        assert all(text.isprintable() for row in drawn for text, _ in row)
