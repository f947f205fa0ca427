"""The page of one answer: fields and pictures beside what the network says, at every size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dltui.core.snapshot import Answer, AskField
from dltui.tui.draw.answer_page import AnswerPage, AskedPicture, AskedRow, answer_page, asked_room, pixel_at, scale_of
from dltui.tui.draw.cells import plain, row_width
from dltui.tui.draw.look import Look

FIELDS = (
    AskField("sqft", "number", "521 … 4458", (), "3000", 80.0),
    AskField("heating", "category", "gas, oil", ("gas", "oil"), "gas"),
)
PLAIN = Look(unicode=False, color=False)


def answer(**fields: Any) -> Answer:
    made: dict[str, Any] = {
        "fields": FIELDS, "names": ("cat", "dog"), "outputs": np.array([0.25, 0.75]), "problem": "", "unread": {},
        "task": "classes",
    }  # fmt: skip
    return Answer(**{**made, **fields})


def row(**cells: str) -> AskedRow:
    return AskedRow(FIELDS, {one.name: one.example for one in FIELDS} | cells, 1)


@pytest.mark.parametrize("columns", [60, 100])
def test_fields_stand_beside_what_the_network_says(columns: int) -> None:
    asked = row(heating="coal")
    page = AnswerPage(asked, answer(unread={"heating": "is a word it has not learned"}), "by the network at step 7")
    text = plain(answer_page(page, columns, 20))
    for words in ("at step 7", "▶ heating", "coal▏", "has not learned", "521 … 4458", "dog", "75%", "25%"):
        assert words in text


def test_a_value_is_told_with_its_change() -> None:
    page = AnswerPage(
        row(), answer(task="values", names=("price",), outputs=np.array([412_000.0])), "", np.array([4e5])
    )
    text = plain(answer_page(page, 100, 20))
    assert "price" in text and "412 000" in text and "+12 000" in text


def test_why_there_is_no_answer_is_said() -> None:
    text = plain(answer_page(AnswerPage(row(), answer(problem="the answer is not finite")), 100, 20))
    assert "not finite" in text and "75%" not in text


def test_a_picture_is_as_large_as_there_is_room_for() -> None:
    assert scale_of(8, 8, 60, 30, Look()) == 6
    assert scale_of(28, 28, 46, 20, Look()) == 1
    assert scale_of(28, 28, 46, 20, PLAIN) == 2
    pixels = np.zeros((8, 8))
    pixels[1, 2] = 1.0
    page = AnswerPage(AskedPicture(pixels, (1, 2)), answer(fields=(), image_shape=(1, 8, 8)))
    drawn = plain(answer_page(page, 100, 34, PLAIN)).splitlines()
    unit = scale_of(8, 8, *asked_room(100, 34), PLAIN)
    assert unit == 8  # 8 pixels of 4 rows
    lines = drawn[2 + unit // 2 : 2 + unit]
    assert all("@" in line for line in lines) and sum("[" in line for line in lines) == 1


def test_a_cell_belongs_to_a_pixel() -> None:
    assert pixel_at((8, 8), 13, 5, 4) == (2, 3)
    assert pixel_at((8, 8), 13, 5, 1) is None and pixel_at((8, 8), 3, 2, 1) == (4, 3)
    assert pixel_at((8, 8), -1, 0, 4) is None


@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (8, 3), (40, 10), (80, 24), (120, 36), (200, 60)])
@pytest.mark.parametrize("look", [Look(), PLAIN], ids=["full", "plain"])
def test_it_fits_any_size(columns: int, rows: int, look: Look) -> None:
    many = answer(names=tuple(f"class {i}" for i in range(50)), outputs=np.full(50, 0.02))
    for asked in (None, row(), AskedPicture(np.eye(28), (3, 3)), AskedPicture(np.eye(8), (0, 0))):
        for said in (None, answer(), many, answer(problem="no " * 90)):
            drawn = answer_page(AnswerPage(asked, said), columns, rows, look)
            assert len(drawn) == rows and all(row_width(one) == columns for one in drawn)
