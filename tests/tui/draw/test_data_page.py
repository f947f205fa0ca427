"""The page of a table: a line a column at every size, the column in focus in full, and what was chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tables import findings_in, write_houses

from dltui.core.tables.findings import Findings
from dltui.tui.draw.cells import plain, row_width
from dltui.tui.draw.data_page import DataPage, data_page, key_rows
from dltui.tui.draw.look import Look


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    return findings_in(write_houses(tmp_path_factory.mktemp("data")))


def page(found: Findings | None, **fields: Any) -> DataPage:
    return replace(DataPage(found, "houses.csv", scalers=("standardize", "standardize")), **fields)


def shown(one: DataPage, columns: int = 120, rows: int = 36) -> str:
    return plain(data_page(one, columns, rows))


def test_every_column_has_a_line_and_the_head_says_what_is_predicted_and_the_split(found: Findings) -> None:
    text = shown(page(found))
    for column in found.columns:
        assert sum(line[2:].startswith(column.name + " ") for line in text.splitlines()) >= 1
    for words in (
        "200 rows, 8 columns, with a heading · utf-8, comma", "predicts price as values", "it is the last column",
        "160 rows to learn from, 40 to judge by (20%)", "numbers: standardize, target: standardize", "█", "18",
    ):  # fmt: skip
        assert words in text


def test_the_column_in_focus_is_told_in_full(found: Findings) -> None:
    names = [column.name for column in found.columns]
    text = shown(page(found, cursor=names.index("rooms")), 80, 24)
    assert "▶ rooms" in text
    assert "18 missing (9%) · missing: the median" in text
    assert "row number: counts the rows from 1" in shown(page(found, cursor=0), 80, 24)


def test_what_was_chosen_is_marked(found: Findings) -> None:
    text = shown(
        page(found, kinds={"rooms": "category"}, dropped=("sqft",), problem="cannot be read as date", cursor=1)
    )
    assert "category chosen" in text
    assert "left out as asked" in text
    assert "✗ cannot be read as date" in text


def test_the_lines_of_the_file_take_the_place_of_the_columns(found: Findings) -> None:
    text = shown(page(found, lines=["id,sqft", "1,2", "3,4"], first_line=1))
    assert "2  1,2" in text and "3  3,4" in text and "id,sqft" not in text


def test_a_large_screen_shows_the_shape_and_the_first_lines(found: Findings) -> None:
    names = [column.name for column in found.columns]
    text = shown(page(found, cursor=names.index("sqft"), preview=["id,sqft", "1,2"]), 160, 50)
    assert "most rows in one bar" in text and "as it stands in the file" in text and "id,sqft" in text
    low, _, high = found.columns[names.index("sqft")].values.partition(" … ")
    assert any(line.strip().startswith(low) and line.rstrip().endswith(high) for line in text.splitlines())


@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (8, 3), (40, 10), (80, 24), (120, 36), (200, 60)])
@pytest.mark.parametrize("look", [Look(), Look(unicode=False, color=False)], ids=["full", "plain"])
def test_it_fits_any_size(found: Findings, columns: int, rows: int, look: Look) -> None:
    keys = (("t", "type"), ("d", "drop"))
    for one in (
        page(found, keys=keys, preview=["a,b"] * 60),
        page(None, busy="reading"),
        page(found, lines=["a"] * 3, problem="no " * 90),
    ):
        drawn = data_page(one, columns, rows, look)
        assert len(drawn) == rows and all(row_width(row) == columns for row in drawn)


def test_keys_take_as_many_rows_as_they_need() -> None:
    assert plain(key_rows((("t", "type"), ("d", "drop")), 60)) == "t type   d drop\n"
    assert plain(key_rows((("t", "type"), ("d", "drop")), 8)) == "t type\nd drop\n"
