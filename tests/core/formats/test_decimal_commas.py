"""A comma in a number: its decimal point between semicolons, and elsewhere never a word to learn by heart."""

import numpy as np
import pytest

from dltui.core import ConfigError
from dltui.core.datasets.formats.csv_table import read_table

ROWS = ["1,5;-2;a;1e2", ",25;3,;b;1,5e-3", "+0,125;4;a;2", "7;5,5;b;3"]


@pytest.fixture
def read(tmp_path):
    def read(text, **how):
        (tmp_path / "t.csv").write_text(text)
        return read_table(tmp_path / "t.csv", **how)

    return read


@pytest.mark.parametrize(
    ("head", "delimiter"),
    [("x;y;kind;z\n", "auto"), ("", "auto"), ("length, mm;width, mm, inner;kind;z\n", "semicolon")],
)
def test_between_semicolons_it_is_the_decimal_point(read, head, delimiter):
    columns = read(head + "\n".join(ROWS), delimiter=delimiter).columns
    np.testing.assert_array_equal(columns[0].values, [1.5, 0.25, 0.125, 7.0])
    np.testing.assert_array_equal(columns[1].values, [-2.0, 3.0, 4.0, 5.5])
    assert columns[2].values is None
    np.testing.assert_array_equal(columns[3].values, [100.0, 0.0015, 2.0, 3.0])


def test_words_with_commas_stay_words(read):
    columns = read("x;y\n" + "\n".join(f"red, {word};{i}" for i, word in enumerate("abcd"))).columns
    assert columns[0].values is None and columns[0].cells[0] == "red, a"


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("x;y\n1,5;1\n2.5;2\n3;3\n4;4\n", 3, 1, "x = '2.5' is not a number: the column has the other sign"),
        ("x;y\n1;1.5\n2;2\n3;3,5\n4;4\n", 4, 2, "y = '3,5' is not a number: the column has the other sign"),
        ("x;y\n1.234,5;1\n2.345,6;2\n3.456,7;3\n4.567,8;4\n", 2, 1, "or signs between thousands"),
        ('x,y\n"1,5",1\n"2,5",2\n"3,5",3\n"4,5",4\n', 2, 1, "x = '1,5' is not a number: a comma is a decimal"),
        ("x\ty\n1\t1,5\n2\t2,5\n3\t3,5\n4\t4,5\n", 2, 2, "y = '1,5' is not a number: a comma is a decimal"),
        ('x,y\n"1,234,567",1\n2,2\n3,3\n4,4\n', 2, 1, "x = '1,234,567' is not a number"),
    ],
)
def test_what_could_mean_two_numbers_is_refused(read, text, line, column, says):
    with pytest.raises(ConfigError) as error:
        read(text)
    assert (error.value.line, error.value.column) == (line, column)
    assert says in str(error.value)
