"""Fields of a table from a file: of their type and within their bounds, or one error that names them."""

from __future__ import annotations

from typing import Any

import pytest

from dltui.core.disk.typed import MAX_COUNT, Fields, is_count, is_number
from dltui.core.errors import ConfigError

GOOD = {
    "count": 3,
    "below": -2,
    "number": 0.5,
    "flag": True,
    "text": "abc",
    "table": {"inner": 1},
    "tables": [{"a": 1}, {"a": 2}],
    "nothing": None,
}


def fields(**changes: Any) -> Fields:
    return Fields({**GOOD, **changes}, "state 7")


def test_what_is_right_is_read() -> None:
    read = fields()
    assert (read.count("count"), read.whole("below", -5), read.number("number")) == (3, -2, 0.5)
    assert read.flag("flag") and read.text("text") == "abc"
    assert read.table("table").count("inner") == 1 and dict(read.mapping("table")) == {"inner": 1}
    assert [item.count("a") for item in read.tables("tables", 2)] == [1, 2]
    assert "nothing" in read and read.raw("nothing") is None and "other" not in read
    assert read.names() == tuple(GOOD)


def test_what_is_left_out_takes_its_default_where_there_is_one() -> None:
    assert fields().flag("other", False) is False and fields().text("other", "") == ""
    for ask in (lambda read: read.flag("other"), lambda read: read.text("other"), lambda read: read.count("other")):
        with pytest.raises(ConfigError, match=r"state 7\.other is missing"):
            ask(fields())


@pytest.mark.parametrize("value", [True, -1, 1.0, "3", None, [3], MAX_COUNT + 1, float("nan")])
def test_a_count_is_a_whole_number_and_nothing_else(value: object) -> None:
    assert not is_count(value)
    with pytest.raises(ConfigError, match=r"state 7\.count"):
        fields(count=value).count("count")


@pytest.mark.parametrize("value", [True, "3", None, [0.5], {}])
def test_a_number_is_no_text_and_no_yes(value: object) -> None:
    assert not is_number(value)
    with pytest.raises(ConfigError):
        fields(number=value).number("number")
    assert is_number(float("inf")) and fields(number=3).number("number") == 3


@pytest.mark.parametrize(
    ("name", "value", "ask"),
    [
        ("below", -6, lambda read: read.whole("below", -5)),
        ("below", True, lambda read: read.whole("below", -5)),
        ("flag", 1, lambda read: read.flag("flag")),
        ("text", "x" * 201, lambda read: read.text("text")),
        ("text", b"abc", lambda read: read.text("text")),
        ("table", [], lambda read: read.table("table")),
        ("table", [], lambda read: read.mapping("table")),
        ("tables", {}, lambda read: read.tables("tables", 9)),
        ("tables", [1], lambda read: read.tables("tables", 9)),
        ("tables", [{}] * 10, lambda read: read.tables("tables", 9)),
    ],
)
def test_what_is_of_another_type_or_out_of_bounds_is_named(name: str, value: object, ask: Any) -> None:
    with pytest.raises(ConfigError, match=rf"state 7\.{name}"):
        ask(fields(**{name: value}))


def test_the_place_of_an_inner_field_is_told_whole() -> None:
    with pytest.raises(ConfigError, match=r"state 7\.tables\.1\.a is missing"):
        fields(tables=[{"a": 1}, {}]).tables("tables", 9)[1].count("a")
    with pytest.raises(ConfigError, match=r"state 7 is not a table|state 7 = .* is not a table"):
        Fields([], "state 7")
