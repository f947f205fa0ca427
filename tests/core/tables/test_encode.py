"""Columns as inputs: learned from the training rows alone, the same for later rows, and kept as plain data."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dltui.core.errors import ConfigError
from dltui.core.tables.encode import MAX_WORDS, Encoder, fit
from dltui.core.tables.later import inputs_of
from dltui.core.tables.reading.read import read_table, table_of_rows
from dltui.core.tables.table import Choices, Table, open_table, read_fills

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / f"table{len(list(tmp_path.iterdir()))}.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def fitted(table: Table, train: slice = slice(None)) -> Encoder:
    return fit([table.columns[place] for place in table.inputs], table.rows[train])


def encoded(table: Table, encoder: Encoder) -> dict[str, list[float]]:
    columns = {column.name: column for column in table.columns}
    x = encoder.encode([columns[plan.name] for plan in encoder.plans])
    assert np.isfinite(x).all()
    return dict(zip(encoder.input_names(), x.T.tolist(), strict=True))


def test_holes_in_numbers_are_the_median_of_the_training_rows_and_are_flagged(write: Write) -> None:
    table = open_table(write("x,y,kind\n" + "1,5,a\n,6,b\n3,7,a\n8,8,b\n1000,9,a\n,10,b\n"), Choices())
    found = encoded(table, fitted(table, slice(0, 4)))
    assert found["x"] == [1, 3, 3, 8, 1000, 3]
    assert found["x: missing"] == [0, 1, 0, 0, 0, 1]
    assert "y: missing" not in found
    unflagged = encoded(table, fitted(table, slice(2, 5)))
    assert unflagged["x"] == [1, 8, 3, 8, 1000, 8]
    assert "x: missing" not in unflagged


def test_words_get_a_column_each_rare_ones_one_together(write: Write) -> None:
    words = ["red"] * 5 + ["blue"] * 4 + ["green", "gray", ""] + ["red", "odd"]
    text = "color,x,kind\n" + "".join(f"{word},{i},{'ab'[i % 2]}\n" for i, word in enumerate(words))
    table = open_table(write(text), Choices(kinds="x=number"))
    encoder = fitted(table, slice(0, 12))
    found = encoded(table, encoder)
    assert list(found)[:4] == ["color=blue", "color=red", "color: other", "color: missing"]
    assert found["color: other"] == [0] * 9 + [1, 1, 0, 0, 1]
    assert found["color: missing"][11] == 1
    assert found["color=red"][12] == 1
    assert encoder.numbers().tolist() == [False] * 4 + [True]


def test_there_is_a_limit_to_the_words(write: Write) -> None:
    text = "w,x,y\n" + "".join(f"word{i % 300},{i % 9}.5,{i % 7}.5\n" for i in range(1200))
    table = open_table(write(text), Choices())
    names = [name for name in fitted(table).input_names() if name.startswith("w")]
    assert len(names) == MAX_WORDS + 1


def test_two_words_and_yes_or_no_are_one_input(write: Write) -> None:
    table = open_table(write("sex,ok,x\n" + "male,yes,1.5\nfemale,no,2.5\nmale,,3.5\n" * 5), Choices())
    found = encoded(table, fitted(table))
    assert found["sex=male"][:3] == [1, 0, 1]
    assert found["ok"][:3] == [1, 0, 0.5]
    assert found["ok: missing"][:3] == [0, 0, 1]


def test_dates_become_the_parts_that_vary(write: Write) -> None:
    days = [f"{2020 + i // 12}-{i % 12 + 1:02}-{i % 28 + 1:02} {i % 24:02}:30" for i in range(48)]
    table = open_table(write("when,y\n" + "".join(f"{day},{i}.5\n" for i, day in enumerate(days))), Choices())
    found = encoded(table, fitted(table))
    assert [name.removeprefix("when: ") for name in found] == [
        "days", "year", "month (sine)", "month (cosine)", "weekday (sine)", "weekday (cosine)", "time (sine)",
        "time (cosine)",
    ]  # fmt: skip
    assert found["when: year"][:13] == [2020] * 12 + [2021]
    assert found["when: days"][0] == 0
    assert found["when: month (sine)"][3] == pytest.approx(math.sin(2 * math.pi * 3 / 12))
    assert found["when: time (cosine)"][1] == pytest.approx(math.cos(2 * math.pi * 1.5 / 24))
    wednesday = 2 * math.pi * 2 / 7  # 2020-01-01
    assert found["when: weekday (sine)"][0] == pytest.approx(math.sin(wednesday))
    january = open_table(write("when,y\n" + "".join(f"2024-01-{i + 1:02},{i}.5\n" for i in range(20))), Choices())
    assert [name for name in encoded(january, fitted(january)) if "month" in name or "year" in name] == []


def test_what_is_the_same_in_all_training_rows_is_no_input(write: Write) -> None:
    table = open_table(write("x,w,z,y\n" + "1,a,5,0\n1,a,6,1\n" * 5 + "2,b,7,0\n"), Choices())
    assert fitted(table, slice(0, 10)).input_names() == ("z",)


@pytest.fixture
def houses(write: Write) -> tuple[Table, Encoder, Path]:
    text = "price,size,zip,garden,sold,kind\n" + "".join(
        f'"${i * 1000 + 500:,}",{i}.5,0{i % 3}067,{"yes" if i % 2 else "no"},2024-{i % 12 + 1:02}-05,{"ab"[i % 2]}\n'
        for i in range(1, 40)
    )
    path = write(text)
    table = open_table(path, Choices())
    return table, fitted(table), path


def test_a_plan_survives_as_plain_data_and_encodes_a_later_file_alike(houses: tuple[Table, Encoder, Path]) -> None:
    table, encoder, path = houses
    again = Encoder.from_plain(json.loads(json.dumps(encoder.to_plain())))
    assert again == encoder
    columns = {column.name: column for column in table.columns}
    at_first = encoder.encode([columns[plan.name] for plan in encoder.plans])
    np.testing.assert_array_equal(inputs_of(read_table(path), again), at_first)


def test_later_rows_may_hold_what_was_never_seen(houses: tuple[Table, Encoder, Path], write: Write) -> None:
    _, encoder, _ = houses
    names = encoder.input_names()
    later = write(
        "kind,zip,price,garden,sold,size,new\na,99999,$2,,2030-01-01,?,x\nb,,oops,YES,never,2.5,y\n"
        ",01067,3 000,no,,1,z\na,01067,,no,2024-01-05,7,z\n"
    )
    x = dict(zip(names, inputs_of(read_table(later), encoder).T.tolist(), strict=True))
    middle = x["price"][1]
    assert x["price"] == [2, middle, 3000, middle]
    assert x["garden"] == [0.5, 1, 0, 0]
    assert x["size"][0] == 20.5
    assert [x[name][0] for name in names if name.startswith("zip=")] == [0, 0, 0]
    assert x["sold: days"][3] == 0
    with pytest.raises(ConfigError, match="'price' is a column it was trained on, and is missing"):
        inputs_of(read_table(write("size,zip,garden,sold\n" + "1,2,yes,2024-01-01\n" * 5)), encoder)


def test_rows_from_python(houses: tuple[Table, Encoder, Path]) -> None:
    _, encoder, _ = houses
    rows: list[dict[str, object]] = [
        {"price": 1500.0, "size": 1, "zip": "01067", "garden": "yes", "sold": "2024-02-05"},
        {"price": None, "size": float("nan"), "zip": None, "garden": None, "sold": None},
    ]
    x = inputs_of(table_of_rows(rows), encoder)
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    np.testing.assert_array_equal(x, inputs_of(table_of_rows(columns), encoder))
    assert x[0, encoder.input_names().index("price")] == 1500
    assert np.isfinite(x).all()


def test_a_headless_file_is_known_by_the_places_of_its_columns(write: Write) -> None:
    path = write("".join(f"{i * 7 % 11}.5,{i}.25,{'ab'[i % 2]}\n" for i in range(30)))
    table = open_table(path, Choices())
    encoder = fitted(table)
    wide = Encoder(encoder.plans, None, len(table.columns))
    later = write("1.5,2.5\n3.5,4.5\n1.5,2.5\n3.5,4.5\n")
    np.testing.assert_array_equal(inputs_of(read_table(later), wide)[0], [1.5, 2.5])


@pytest.mark.parametrize(("way", "value"), [("mean", 3.0), ("zero", 0.0), ("frequent", 1.0), ("median", 1.5)])
def test_what_a_hole_is_taken_for_can_be_set(write: Write, way: str, value: float) -> None:
    table = open_table(write("a,kind\n" + "1,p\n1,q\n2,p\n8,q\n,p\n" * 2), Choices())
    fills = read_fills(f"a={way}", table)
    (plan,) = fit([table.columns[place] for place in table.inputs], table.rows, fills).plans
    assert (plan.fill, plan.filled, plan.flag) == (value, way, True)
    assert Encoder.from_plain(json.loads(json.dumps(Encoder((plan,)).to_plain()))) == Encoder((plan,))


def test_what_cannot_be_filled_is_refused_in_one_sentence(write: Write) -> None:
    table = open_table(write("a,word,y\n" + "1,p,0.5\n2,q,1.5\n3,p,2.5\n" * 4), Choices())
    with pytest.raises(ConfigError, match=r"data\.fill = 'a=best' is not a way to fill a hole.*median, mean"):
        read_fills("a=best", table)
    with pytest.raises(ConfigError, match="is of the kind category, which has no numbers"):
        read_fills("word=mean", table)
    with pytest.raises(ConfigError, match="is not a column"):
        read_fills("wrod=mean", table)
