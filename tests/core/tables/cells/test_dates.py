"""Dates and times of day in the forms people write them."""

from datetime import datetime

import pytest

from dltui.core.tables.cells.dates import as_date, date_form_of, read_dates


def read(*texts: str, name: str = "date") -> list[datetime]:
    form = date_form_of(texts, name)
    assert form is not None
    return [as_date(seconds) for seconds in read_dates(texts, form)]


@pytest.mark.parametrize(
    "text",
    ["2024-03-05", "2024/3/5", "2024.03.05", "5 Mar 2024", "5-Mar-24", "5. March 2024", "March 5, 2024", "Mar 5 2024",
     "5th March 2024", "Tue, 5 Mar 2024", "20240305", "2024-03-05T00:00:00", "2024-03-05 00:00:00Z"],
)  # fmt: skip
def test_forms_of_one_day(text: str) -> None:
    assert read(text, text) == [datetime(2024, 3, 5)] * 2


def test_the_column_says_which_part_is_the_day() -> None:
    assert read("13/02/2024", "01/02/2024")[1] == datetime(2024, 2, 1)
    assert read("02/13/2024", "01/02/2024")[1] == datetime(2024, 1, 2)
    slashes, points = date_form_of(["01/02/2024"], ""), date_form_of(["01.02.2024"], "")
    assert slashes is not None
    assert points is not None
    assert (slashes.name, slashes.in_doubt) == ("month-day-year", True)
    assert (points.name, points.in_doubt) == ("day-month-year", True)
    sure = date_form_of(["13.02.2024", "01.02.2024"], "")
    assert sure is not None
    assert not sure.in_doubt


def test_times() -> None:
    assert read("2024-03-05 14:30", "2024-03-05 2:15 pm")[1] == datetime(2024, 3, 5, 14, 15)
    assert read("2024-03-05T14:30:15.123+02:00")[0] == datetime(2024, 3, 5, 12, 30, 15)
    form = date_form_of(["14:30", "23:59:59", "12:05 am"], "")
    assert form is not None
    assert form.is_clock
    assert [form.read(text) for text in ("14:30", "12:05 am")] == [14.5 * 3600, 5 * 60]


def test_months_and_quarters() -> None:
    assert read("2024-03", "2023-12")[0] == datetime(2024, 3, 1)
    assert read("Mar 2024")[0] == datetime(2024, 3, 1)
    assert read("2024Q2", "2024-Q3")[0] == datetime(2024, 4, 1)


@pytest.mark.parametrize(
    "texts",
    [["3.14", "2.71"], ["1.5.3"], ["192.168.0.1"], ["2024-13-45"], ["a", "b"], ["31/02/2024"], [], ["12345678"]],
)
def test_no_dates(texts: list[str]) -> None:
    assert date_form_of(texts, "number") is None


def test_digits_alone_are_dates_only_where_the_name_says_so() -> None:
    assert date_form_of(["20240305", "20240306"], "amount") is None
    assert date_form_of(["20240305", "20240306"], "order_date") is not None
