"""Plain data comes back as it was, numbers that are none included."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dltui.core.disk.canonical import from_json, to_json
from dltui.core.errors import ConfigError

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from(["~nan", "~~", "~"])
)
data = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


def same(a, b):
    if isinstance(a, float):
        return isinstance(b, float) and (a.hex() == b.hex())
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return sorted(a) == sorted(b) and all(same(a[key], b[key]) for key in a)
    return type(a) is type(b) and a == b


@given(data)
def test_round_trip(value):
    text = to_json(value)
    assert text.isascii() and "\n" not in text
    assert same(value, from_json(text, "x"))
    json.loads(text, parse_constant=pytest.fail)


def test_other_kinds():
    value = {
        "a": (1, 2),
        "b": np.float32(0.1),
        "c": np.int64(3),
        "d": np.array(2.5),
        "e": frozenset({"y", "x"}),
        "f": np.bool_(True),
    }
    expected = {"a": [1, 2], "b": float(np.float32(0.1)), "c": 3, "d": 2.5, "e": ["x", "y"], "f": True}
    assert from_json(to_json(value), "x") == expected
    nothing: Any = from_json(to_json(np.float32("nan")), "x")
    assert math.isnan(nothing)


@pytest.mark.parametrize("value", [{1: 2}, object(), np.zeros(2), b"x", 1j], ids=lambda value: type(value).__name__)
def test_refused(value):
    with pytest.raises(ConfigError):
        to_json(value)


def test_too_deep():
    value: list = []
    for _ in range(100):
        value = [value]
    with pytest.raises(ConfigError):
        to_json(value)


@pytest.mark.parametrize(
    "text", ["", "NaN", "1e999", "[" * 100_000, '"~x"', '{"a":1,"a":2}', "9" * 5000, b"\xff", "[" * 70 + "]" * 70]
)
def test_bad_text(text):
    with pytest.raises(ConfigError) as caught:
        from_json(text, "here")
    assert caught.value.file == "here"
