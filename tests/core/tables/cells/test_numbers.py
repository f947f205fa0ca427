"""Numbers as people write them, and a column as the judge of what one cell leaves open."""

import math

import pytest

from dltui.core.tables.cells.numbers import NumberForm, decimal_sign, form_of, looks_like_number, read_numbers


def read(*texts: str, decimal: str = "") -> list[float]:
    return read_numbers(texts, form_of(texts, [1] * len(texts), decimal)).tolist()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7.0), ("-0.5", -0.5), (".5", 0.5), ("5.", 5.0), ("1e5", 1e5), ("2.5E-3", 2.5e-3),
        ("$440", 440.0), ("440 $", 440.0), ("$1,200", 1200.0), ("-$5", -5.0), ("$-5", -5.0), ("USD 5", 5.0),
        ("3 000 €", 3000.0), ("146 002,50", 146002.5), ("1'533", 1533.0), ("1’533.25", 1533.25),
        ("1\u202f234\u202f567", 1234567.0), ("1.234.567,8", 1234567.8), ("1,234,567.8", 1234567.8),
        ("1,00,000", 100000.0), ("0,123", 0.123), ("−3.1", -3.1), ("–3.1", -3.1), ("(120)", -120.0),
        ("5%", 5.0), ("5 %", 5.0), ("12.5%", 12.5), ("5 cm", 5.0), ("80km/h", 80.0), ("3+", 3.0), ("3rd", 3.0),
        ("<0.01", 0.01), ("≥ 5", 5.0), ("1.2k", 1.2), ("20°C", 20.0),
    ],
)  # fmt: skip
def test_a_cell_alone(text: str, number: float) -> None:
    assert looks_like_number(text)
    form = form_of([text, "0"], [1, 9]) if text[0] in "<≥" else form_of([text], [1])
    assert NumberForm(form.decimal, form.unit).read(text) == number


@pytest.mark.parametrize(
    "text",
    ["", "-", "+", ".", "abc", "A5", "1 2", "12:30", "2024-01-01", "1-2", "0x1F", "1/2", "5 main street", "(5", "1,2,3",
     "1.2.3", "1,23,45", "N/A", "--5", "$5$", "e5", "1'23"],
)  # fmt: skip
def test_no_number(text: str) -> None:
    assert math.isnan(NumberForm(unit=form_of([text], [1]).unit).read(text))


def test_what_is_sure_decides_for_what_is_not() -> None:
    assert read("1,234", "2,5") == [1.234, 2.5]
    assert read("1,234", "1,234.5") == [1234.0, 1234.5]
    assert read("1.234", "12,5") == [1234.0, 12.5]
    assert read("1.234", "12.5") == [1.234, 12.5]
    assert read("1,234", "5,678") == [1234.0, 5678.0]
    assert read("1,234", "5,678", decimal=",") == [1.234, 5.678]
    assert decimal_sign(["1", "2,5"]) == ","
    assert decimal_sign(["1", "2.5"]) == "."
    assert decimal_sign(["1", "1,234"]) == ""
    assert decimal_sign(["2,5", "2.5"]) == ""


def test_two_signs_for_the_decimals_are_each_read_as_they_can_only_be_meant() -> None:
    assert read("2,5", "2.5", "3,25") == [2.5, 2.5, 3.25]


def test_thousands_and_millions_are_told_apart() -> None:
    assert read("1.5k", "2M", "300") == [1500.0, 2e6, 300.0]
    assert read("1.5k", "2k") == [1.5, 2.0]


def test_a_unit_is_one_for_the_whole_column() -> None:
    assert read("5 cm", "7 cm", "0") == [5.0, 7.0, 0.0]
    assert all(math.isnan(number) for number in read("5 cm", "7 kg"))
    assert all(math.isnan(number) for number in read("3A", "4B"))
    form = form_of(["5%", "0.05"], [5, 5])
    assert not math.isnan(form.read("0.05"))
    assert math.isnan(form.read("5%")), "5% and 0.05 in one column are not of one unit"


def test_words_that_compare_are_no_numbers() -> None:
    assert all(math.isnan(number) for number in read("<50", ">50"))
    assert read("<0.01", "0.5", "0.7", "0.8") == [0.01, 0.5, 0.7, 0.8]
    assert all(math.isnan(number) for number in read("<=50K", ">50K"))
