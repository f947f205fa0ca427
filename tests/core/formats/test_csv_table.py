"""The table read strictly (reading = "plain"): one sentence with line, column and value for each thing wrong."""

import gzip

import numpy as np
import pytest
from data_files import section, table_text

from dltui.core.config import Config
from dltui.core.data import prepare
from dltui.core.errors import ConfigError
from dltui.core.registry import families

ROWS = ["5.1,3.5,a", "4.9,3.0,b", "6.2,3.4,a", "5.9,3.1,b", "5.0,3.3,a", "6.0,2.9,b"]


@pytest.fixture
def load(tmp_path):
    def load(text, seed=0, **settings):
        path = tmp_path / "table.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        config = section("csv", path=str(path), reading="plain", **settings)
        return families["datasets"]["csv"].load(config.settings, np.random.default_rng(seed))

    return load


def table(*rows, header="length,width,kind"):
    return "\n".join([header, *(rows or ROWS)]) + "\n"


def test_header_types_and_classes_are_found(load):
    samples = load(table())
    assert samples.x.tolist() == [[float(cell) for cell in row.split(",")[:2]] for row in ROWS]
    assert samples.y.tolist() == [0, 1, 0, 1, 0, 1]
    assert samples.task == "classes"
    assert (samples.input_names, samples.class_names) == (("length", "width"), ("a", "b"))


@pytest.mark.parametrize("mark", [",", ";", "\t", "|", " "])
def test_every_delimiter_is_found(load, mark):
    np.testing.assert_array_equal(load(table().replace(",", mark)).x, load(table()).x)


def test_without_a_header(load):
    samples = load("\n".join(ROWS))
    assert len(samples.x) == 6
    assert samples.input_names == ("column1", "column2")
    assert load(table(), header="yes").input_names == ("length", "width")
    assert len(load("1,2,3\n" + "\n".join(["1,2,3", "4,5,6"] * 3), header="yes").x) == 6


def test_the_target_by_name(load):
    samples = load(table(), target="width")
    assert samples.task == "values"
    assert samples.y[:, 0].tolist() == [3.5, 3.0, 3.4, 3.1, 3.3, 2.9]
    assert samples.output_names == ("width",)
    assert samples.input_names == ("length", "kind=a", "kind=b")
    assert samples.x[0].tolist() == [5.1, 1.0, 0.0]


def test_whole_numbers_are_classes_if_few_and_values_if_many(load):
    few = "x,y\n" + "\n".join(f"{i},{i % 3 + 7}" for i in range(60))
    samples = load(few)
    assert samples.class_names == ("7", "8", "9")
    assert load(few, task="values").y[:3, 0].tolist() == [7, 8, 9]
    many = "x,y\n" + "\n".join(f"{i},{i}" for i in range(60))
    assert load(many).task == "values"
    assert len(load(many, task="classes").class_names) == 60


def test_quotes_byte_order_mark_windows_lines_blank_lines_and_gzip(load):
    text = '"length, cm","wi""dth",kind\n' + "\n\n".join(ROWS)
    samples = load(text)
    assert samples.input_names == ("length, cm", 'wi"dth')
    assert load(b"\xef\xbb\xbf" + text.encode()).input_names == samples.input_names
    np.testing.assert_array_equal(load(text.replace("\n", "\r\n")).x, samples.x)
    np.testing.assert_array_equal(load(text.replace("\n", "\r")).x, samples.x)
    np.testing.assert_array_equal(load(gzip.compress(text.encode())).x, samples.x)


def test_none_is_a_word_among_texts_and_a_hole_among_numbers(load):
    assert load(table().replace(",a", ",none")).class_names == ("b", "none")
    with pytest.raises(ConfigError, match=r"line 2, column 2: width = 'None' is missing"):
        load(table().replace("3.5", "None"))


def test_a_sample_of_a_long_file(load):
    text = "x,y\n" + "\n".join(f"{i},{i / 7}" for i in range(1000))
    samples = load(text, max_rows=50)
    assert len(samples.x) == 50
    assert (np.diff(samples.x[:, 0]) > 0).all()
    assert not np.array_equal(samples.x, load(text, max_rows=50, seed=1).x)


def test_names_are_safe_to_show(load):
    samples = load(table(header="le\x1b[2Jngth,w‮x,kind").replace(",a", ",a\x1b]52;c;x\x07"))
    shown = "".join((*samples.input_names, *samples.class_names))
    assert shown.isprintable()
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    ("text", "settings", "line", "parts"),
    [
        (table(*ROWS[:3], "5.9,,b", *ROWS[4:]), {}, 5, ["width", "missing", "column 2"]),
        (table(*ROWS[:3], "5.9,NA,b", *ROWS[4:]), {}, 5, ["width", "'NA'", "missing"]),
        (table(*ROWS[:3], "5.9,3.1,", *ROWS[4:]), {}, 5, ["kind", "missing"]),
        (table(*ROWS[:2], "tall,3.4,a", *ROWS[3:]), {}, 4, ["length", "'tall'", "not a number", "column 1"]),
        (table(*ROWS[:2], "NaN,3.4,a", *ROWS[3:]), {}, 4, ["length", "'NaN'", "not a number"]),
        (table(*ROWS[:2], "inf,3.4,a", *ROWS[3:]), {}, 4, ["length", "'inf'", "not a number"]),
        (table(*ROWS[:2], "1e999,3.4,a", *ROWS[3:]), {}, 4, ["length", "'1e999'", "too large"]),
        (table(*ROWS[:2], "1_0,3.4,a", *ROWS[3:]), {}, 4, ["length", "'1_0'"]),
        (table(*ROWS[:4], "5.0,3.3", ROWS[5]), {}, 6, ["2 cells where 3"]),
        (table(*ROWS[:4], "5.0,3.3,a,7", ROWS[5]), {}, 6, ["4 cells where 3"]),
        (table(*ROWS[:3]), {}, None, ["3 rows", "at least 4"]),
        (table(*ROWS, "1,2," + "z" * 300_000), {}, 8, ["300005 characters"]),
        ("", {}, None, ["empty"]),
        ("\n\n  \n", {}, None, ["empty"]),
        (table(*[row[:-1] + "a" for row in ROWS]), {}, None, ["kind", "one class", "'a'"]),
        (table(), {"target": "widht"}, None, ["widht", "did you mean 'width'"]),
        (table(header="length,length,kind"), {}, 1, ["'length'", "two columns"]),
        ("x\n1\n2\n3\n4\n", {}, 1, ["one column"]),
        (table(), {"task": "values"}, 2, ["kind", "'a'", "not a number"]),
        (table(), {"target": "width", "task": "classes"}, None, ["width", "3.5", "not a class"]),
        (table().encode().replace(b"4.9", b"\xff.9"), {}, 3, ["UTF-8"]),
        (table(*ROWS[:2], '"6.2,3.4,a', *ROWS[3:]), {}, 4, ["table"]),
        (table(*ROWS[:2], '"6.2"x,3.4,a', *ROWS[3:]), {}, 4, ["table"]),
        (gzip.compress(table().encode(), mtime=0)[:-9], {}, None, ["gzip"]),
        (gzip.compress(table().encode(), mtime=0) + b"more", {}, None, ["gzip"]),
        ("x,y\n" + "\n".join(f"{i}.5,word{i}" for i in range(1100)), {}, None, ["y", "1100 classes"]),
        ("x,y\n" + "\n".join(f"word{i},{i % 2}" for i in range(60)), {}, None, ["x", "60 different texts"]),
        ("x,y\n" + "\n".join(f"{i}.5,{'w' * 300}" for i in range(6)), {}, 2, ["y", "300 characters"]),
    ],
)  # fmt: skip
def test_one_sentence_for_what_is_wrong(load, tmp_path, text, settings, line, parts):
    with pytest.raises(ConfigError) as caught:
        load(text, **settings)
    message = str(caught.value)
    assert caught.value.line == line
    assert str(tmp_path / "table.csv") in message
    assert "\n" not in message
    for part in parts:
        assert part in message, message


def test_the_line_is_that_of_the_fault_wherever_it_is(load):
    rng = np.random.default_rng(3)
    lines = table_text(rng, 40).splitlines()
    for _ in range(200):
        place, column = int(rng.integers(1, 41)), int(rng.integers(0, 2))
        cells = lines[place].split(",")
        cells[column] = str(rng.choice(["", "x", "NaN", "--1", "1,5"]))
        damaged = [*lines[:place], ",".join(cells), *lines[place + 1 :]]
        with pytest.raises(ConfigError) as caught:
            load("\n".join(damaged))
        assert caught.value.line == place + 1


def test_no_file_is_named(load, tmp_path):
    csv = families["datasets"]["csv"]
    for path, problem in (
        ("", "data.path = '' names no file"),
        (str(tmp_path / "none.csv"), "none.csv"),
        ("a\0b", "null"),
    ):
        with pytest.raises(ConfigError, match=problem):
            csv.load(section("csv", path=path, reading="plain").settings, np.random.default_rng(0))


def test_a_relative_path_starts_at_the_current_folder(tmp_path, monkeypatch):
    (tmp_path / "presets").mkdir()
    path = tmp_path / "presets" / "t.csv"
    path.write_text(table())
    data = prepare(section("csv", "standardize", path=str(path), reading="plain"), 0)
    assert (data.n_train, data.n_val, data.class_names) == (3, 3, ("a", "b"))
    monkeypatch.chdir(tmp_path / "presets")
    assert prepare(section("csv", "standardize", path="t.csv", reading="plain"), 0).digest == data.digest


def test_numbers_too_large_to_train_on_ask_for_a_scaler(tmp_path):
    (tmp_path / "t.csv").write_text(table(*[row.replace("3.", "3e20") for row in ROWS]))
    config = section("csv", path=str(tmp_path / "t.csv"), reading="plain")
    with pytest.raises(ConfigError, match=r"t\.csv, line \d, column 2: width = 3e\+20\d is too large .*scaler"):
        prepare(config, 0)
    assert np.isfinite(
        prepare(section("csv", "standardize", path=str(tmp_path / "t.csv"), reading="plain"), 0).x_train
    ).all()


@pytest.mark.parametrize(
    ("column", "field", "settings"),
    [(1, "length", {}), (2, "width", {}), (4, "height", {"target": "height"}), (4, "height", {"target": "width"})],
)
def test_a_number_too_large_is_found_in_its_file(tmp_path, column, field, settings):
    rows = [f"{i}.5,{i}.25,{'ab'[i % 2]},{i}.125" for i in range(40)]
    cells = rows[17].split(",")
    cells[column - 1] = "-1e35"
    lines = ["length,width,kind,height", *rows[:17], ",".join(cells), *rows[18:]]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    for val_fraction in (0.0, 0.5):
        given = {"name": "csv", "path": str(tmp_path / "t.csv"), "max_rows": 40, "val_fraction": val_fraction}
        with pytest.raises(ConfigError) as error:
            prepare(Config.from_dict({"data": given | {"target": "height"} | settings}).data, 0)
        assert str(error.value).startswith(f"{tmp_path}/t.csv, line 19, column {column}: {field} = -1e+35 is too large")


def test_too_few_rows_to_split_name_the_file(tmp_path):
    (tmp_path / "t.csv").write_text("\n".join(f"{i},{i},{'uvwxyz'[i]}" for i in range(6)))
    with pytest.raises(ConfigError, match=r"t\.csv: data\.val_fraction = 0\.5 cannot be taken from 6 rows"):
        prepare(section("csv", path=str(tmp_path / "t.csv"), reading="plain"), 0)


def test_a_number_too_large_in_arrays_names_its_row(tmp_path):
    x = np.zeros((9, 2))
    x[4, 1] = 1e40
    np.savez(tmp_path / "t.npz", x=x, y=np.arange(9) % 2)
    with pytest.raises(ConfigError, match=r"t\.npz: x2 = 1e\+40 is too large to train on, in row 5"):
        prepare(section("npz", path=str(tmp_path / "t.npz")), 0)
