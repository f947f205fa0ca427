"""What a table is taken for: kinds of columns, the target, the task, and what a person sets instead."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dltui.core.errors import ConfigError
from dltui.core.tables.table import Choices, Table, open_table

Open = Callable[..., Table]
N = 40


@pytest.fixture
def open_text(tmp_path: Path) -> Open:
    def open_text(text: str, **choices: str) -> Table:
        path = tmp_path / "table.csv"
        path.write_text(text, encoding="utf-8")
        return open_table(path, Choices(**choices))

    return open_text


@pytest.fixture
def kind_of(open_text: Open) -> Callable[..., tuple[str, str]]:
    def kind_of(cells: list[str], name: str = "thing", **choices: str) -> tuple[str, str]:
        rows = "".join(f'"{cell}",{i % 7}.5,{"ab"[i % 2]}\n' for i, cell in enumerate(cells))
        column = open_text(f"{name},x,last\n{rows}", **choices).columns[0]
        return column.kind, column.reason

    return kind_of


Kind = Callable[..., tuple[str, str]]


def cycle(*cells: str, n: int = N) -> list[str]:
    return [cells[i % len(cells)] for i in range(n)]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (cycle("1.5", "2.5", "-3"), "number"),
        (cycle("1", "2", "?", "3", "4"), "number"),
        (cycle("$440", "$1,200", "$30"), "number"),
        (cycle("5%", "7.5%", "0%"), "number"),
        (cycle("0", "1", "2", "3+"), "number"),
        ([str(i) if i % 4 else "unknown" for i in range(N)], "number"),
        (cycle("red", "blue"), "category"),
        (cycle("0", "1", "2", "A", "B", "C"), "category"),
        (cycle("01067", "20095", "80331"), "category"),
        (cycle("5 cm", "5 kg"), "category"),
        (cycle("<=50K", ">50K"), "category"),
        (cycle("+", "-"), "category"),
        (cycle("yes", "no"), "yes/no"),
        (cycle("True", "False", ""), "yes/no"),
        (cycle("Y", "N"), "yes/no"),
        ([f"2024-01-{i % 28 + 1:02}" for i in range(N)], "date"),
        ([f"{i % 28 + 1:02}.03.2024" for i in range(N)], "date"),
        ([f"{i % 24:02}:30" for i in range(N)], "date"),
        ([f"name {i}" for i in range(N)], "text"),
        (cycle("same"), "one value"),
        (cycle("7"), "one value"),
        (cycle("", "NA"), "one value"),
        ([str(i) for i in range(N)], "row number"),
        ([str(i + 1) for i in range(N)], "row number"),
        ([str((i * 7) % N + 1) for i in range(N)], "row number"),
    ],
)
def test_kinds(kind_of: Kind, cells: list[str], kind: str) -> None:
    assert kind_of(cells)[0] == kind


@pytest.mark.parametrize("name", ["id", "ID", "customer_id", "PassengerId", "index", "Unnamed: 0", "no", "case id", ""])
def test_whole_numbers_that_are_all_different_are_an_id_where_the_name_says_so(kind_of: Kind, name: str) -> None:
    cells = [str(1000 + 37 * i % 911) for i in range(N)]
    assert kind_of(cells, name)[0] == "id"
    assert kind_of(cells, "population")[0] == "number"


@pytest.mark.parametrize("name", ["year", "time", "x", "t", "Day", "week"])
def test_what_counts_by_its_meaning_stays_a_number(kind_of: Kind, name: str) -> None:
    assert kind_of([str(i + 1) for i in range(N)], name)[0] == "number"


@pytest.mark.parametrize("name", ["acid", "humid", "paid", "grid", "android", "idle"])
def test_a_name_that_ends_like_id_is_none(kind_of: Kind, name: str) -> None:
    assert kind_of([str(1000 + 37 * i % 911) for i in range(N)], name)[0] == "number"


def test_a_kind_that_is_set_wins(kind_of: Kind) -> None:
    assert kind_of(cycle("1", "2"), kinds="thing=category")[0] == "category"
    assert kind_of([str(i) for i in range(N)], kinds="thing=number")[0] == "number"
    assert kind_of(cycle("20240101", "20240202"), kinds="thing=date")[0] == "date"
    assert kind_of(cycle("a", "b"), kinds="thing=text")[0] == "text"
    for kinds, words in (("thing=number", "cannot be read"), ("thing=color", "kind of column"), ("ting=text", "thing")):
        with pytest.raises(ConfigError, match=words):
            kind_of(cycle("a", "b"), kinds=kinds)


def test_signs_of_missing_cells(kind_of: Kind, open_text: Open) -> None:
    signs = ["", "NA", "n/a", "NaN", "NULL", "?", "-", "."]
    text = "a,b,c\n" + "".join(f"{sign},x{i % 2},{i % 3}.5\n" for i, sign in enumerate(signs)) + "1.5,x1,2\n" * 20
    assert open_text(text).columns[0].n_missing == len(signs)
    assert open_text(text.replace("?", "-999"), missing="-999, NA, n/a, NaN, NULL, -, .").columns[0].n_missing == len(
        signs
    )
    plus = open_text("a,b\n" + "+,1.5\n-,2.5\n" * 10, target="a")
    assert plus.target.class_names == ("+", "-")


def test_cells_of_another_kind_are_counted_with_their_place(open_text: Open) -> None:
    table = open_text("a,b\n" + "1.5,x\n2.5,y\n" * 10 + "oops,x\n")
    column = table.columns[0]
    assert (column.n_strange, column.strange, table.lines[column.strange_row]) == (1, "oops", 22)


def target_of(table: Table) -> tuple[str, str]:
    return table.columns[table.target.place].name, table.target.task


def test_the_target(open_text: Open) -> None:
    body = "".join(f"{i}.5,{'ab'[i % 2]},{3 * i}.25\n" for i in range(N))
    assert target_of(open_text("x,y,z\n" + body)) == ("z", "values")
    assert target_of(open_text("x,label,z\n" + body)) == ("label", "classes")
    assert target_of(open_text("x,y,z\n" + body, target="y")) == ("y", "classes")
    assert target_of(open_text("x,Kind,z\n" + body, target="kind")) == ("Kind", "classes")
    assert target_of(open_text("x,y,z\n" + "".join(f"{i}.5,{'ab'[i % 2]},same\n" for i in range(N)))) == (
        "y",
        "classes",
    )
    with pytest.raises(ConfigError, match="did you mean 'Kind'"):
        open_text("x,Kind,z\n" + body, target="Kinds")


@pytest.mark.parametrize(
    ("cells", "name", "task"),
    [
        (cycle("0", "1"), "last", "classes"),
        (cycle("1", "2", "3"), "last", "classes"),
        (cycle(*map(str, range(10))), "last", "classes"),
        (cycle(*map(str, range(11))), "rings", "values"),
        (cycle(*map(str, range(20))), "label", "classes"),
        (cycle("1.5", "2.5"), "last", "values"),
        (cycle("a", "b"), "last", "classes"),
        (cycle("$5", "$17", "$20", "$3", "$9", "$11", "$12", "$13", "$14", "$15", "$16"), "last", "values"),
        (cycle(*"0123456789ABCDEF", n=160), "label", "classes"),
    ],
)
def test_the_task(open_text: Open, cells: list[str], name: str, task: str) -> None:
    text = f"x,{name}\n" + "".join(f"{i * 37 % 11}.5,{cell}\n" for i, cell in enumerate(cells))
    table = open_text(text)
    assert target_of(table) == (name, task)
    assert table.target.task_reason
    assert open_text(text, task="classes").target.task == "classes"
    if all(cell.lstrip("$").replace(".", "").isdigit() for cell in cells):
        assert open_text(text, task="values").target.task == "values"
    else:
        with pytest.raises(ConfigError, match="not a number"):
            open_text(text, task="values")


def test_labels_of_digits_with_one_letter_are_classes_where_classes_are_asked_for(open_text: Open) -> None:
    cells = [*cycle(*"0123456789", n=100), "A"]
    text = "x,y\n" + "".join(f"{i % 13}.5,{cell}\n" for i, cell in enumerate(cells))
    assert open_text(text, task="classes").target.class_names == (*"0123456789", "A")


def test_rows_without_a_target_are_left_out(open_text: Open) -> None:
    table = open_text("x,kind\n" + "1.5,a\n2.5,b\n3.5,\n4.5,NA\n" * 5)
    assert (table.n_rows, len(table.rows)) == (20, 10)
    assert table.target.class_names == ("a", "b")
    assert (table.target.y[table.rows] >= 0).all()


def test_what_is_left_out_and_why(open_text: Open) -> None:
    text = "id,name,x,same,kind\n" + "".join(f"{i + 1},n{i},{i * 7 % 11}.5,7,{'ab'[i % 2]}\n" for i in range(N))
    table = open_text(text)
    assert [table.columns[place].name for place in table.inputs] == ["x"]
    assert {table.columns[place].name: why for place, why in table.left_out.items()} == {
        "id": "row number: counts the rows from 1",
        "name": f"text: {N} texts, all different",
        "same": "one value: every value is 7",
    }
    kept = open_text(text, kinds="id=number")
    assert [kept.columns[place].name for place in kept.inputs] == ["id", "x"]
    with pytest.raises(ConfigError, match="no column to learn from"):
        open_text(text, drop="x,id")
    with pytest.raises(ConfigError, match="is the target"):
        open_text(text, drop="kind")
    with pytest.raises(ConfigError, match="'nam' is not a column"):
        open_text(text, drop="nam")


def test_an_only_input_stays_whatever_it_looks_like(open_text: Open) -> None:
    table = open_text("n,y\n" + "".join(f"{i},{i * 3}.5\n" for i in range(N)))
    assert [table.columns[place].name for place in table.inputs] == ["n"]


def test_columns_named_with_commas_can_be_set(open_text: Open) -> None:
    text = '"size, cm","kind, name",z\n' + "1.5,a,0\n2.5,b,1\n" * 10
    table = open_text(text, target="kind, name", drop='"size, cm"')
    assert [table.columns[place].name for place in table.inputs] == ["z"]
    assert open_text(text, kinds='"size, cm=category"').columns[0].kind == "category"


@pytest.mark.parametrize("n_classes", [2, 5])
def test_class_names_are_those_of_the_file(open_text: Open, n_classes: int) -> None:
    names = [f"Escherichia coli serotype O157:H7 strain number {i}" for i in range(n_classes)]
    table = open_text("x,strain\n" + "".join(f"{i}.5,{names[i % n_classes]}\n" for i in range(N)))
    assert table.target.class_names == tuple(names)
    np.testing.assert_array_equal(table.target.y, np.arange(N) % n_classes)


def test_several_columns_at_once_are_refused_with_the_way_that_there_is(open_text: Open) -> None:
    rows = "".join(f"{i}.5,{i % 7},{i * i}.25\n" for i in range(N))
    for wanted in ("size,price", " Size , PRICE ", '"size","price"'):
        with pytest.raises(ConfigError, match=r"names 2 columns.*one column of a table.*\.npz"):
            open_text(f"x,size,price\n{rows}", target=wanted)
    with pytest.raises(ConfigError, match="is not a column"):
        open_text(f"x,size,price\n{rows}", target="size,prise")
    assert open_text(f'x,size,"size,price"\n{rows}', target="size,price").target.place == 2
    assert open_text(f'"a, b",size,"b, cm"\n{rows}', target="b, cm").target.place == 2
