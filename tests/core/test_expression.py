"""A user's formula: it computes what Python would, it says nothing else, and it is never slow."""

from __future__ import annotations

import math
import random
import time

import numpy as np
import pytest

from dltui.core.config import Config
from dltui.core.errors import ConfigError
from dltui.core.expression import FUNCTIONS, MAX_DEPTH, MAX_LENGTH, MAX_NODES, compile_expression

X = np.array([-2.0, -0.5, 0.25, 1.0, 3.0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", lambda x: x),
        ("2", lambda x: 2.0),
        ("x**2 - 3*x + 1", lambda x: x**2 - 3 * x + 1),
        ("-x + +x", lambda x: 0.0),
        ("x // 0.5 + x % 0.5", lambda x: x // 0.5 + x % 0.5),
        ("sin(pi * x) + e", lambda x: math.sin(math.pi * x) + math.e),
        ("min(x, 0.5, 1) + max(x, 0)", lambda x: min(x, 0.5) + max(x, 0)),
        ("1 if x > 0 else -1", lambda x: 1 if x > 0 else -1),
        ("1 if 0 < x <= 1 else 0", lambda x: 1 if 0 < x <= 1 else 0),
        ("x > 0 and x < 2 or x == -2", lambda x: float((0 < x < 2) or x == -2)),
        ("not x > 0", lambda x: float(x <= 0)),
        ("x != 1", lambda x: float(x != 1)),
        ("sqrt(abs(x)) + exp(-x**2)", lambda x: math.sqrt(abs(x)) + math.exp(-(x**2))),
        ("floor(x) + ceil(x) + sign(x)", lambda x: math.floor(x) + math.ceil(x) + math.copysign(1, x)),
        (
            "tanh(x) * cos(x) + tan(x) + log(x + 3)",
            lambda x: math.tanh(x) * math.cos(x) + math.tan(x) + math.log(x + 3),
        ),
        ("  x  ", lambda x: x),
        ("(x)", lambda x: x),
    ],
)
def test_it_computes_what_it_says(text: str, expected) -> None:
    values = compile_expression(text, ("x",))(x=X)
    assert values.shape == X.shape and values.dtype == np.float64
    np.testing.assert_allclose(values, [expected(x) for x in X], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("y + 1", 1, "'y'"),
        ("x + sn(x)", 5, "'sin'"),
        ("1 + foo", 5, "'foo'"),
        ("x + )", 5, "cannot be read"),
        ("", 1, "cannot be read"),
        ("   ", 1, "cannot be read"),
        ("sin", 1, "arguments"),
        ("sin(x, x)", 1, "arguments"),
        ("min(x)", 1, "2 to 8"),
        ("x.real", 1, "not allowed"),
        ("x[0]", 1, "not allowed"),
        ("__import__('os')", 1, "unknown"),
        ("(lambda: x)()", 1, "not allowed"),
        ("[x for x in x]", 1, "not allowed"),
        ("x + 'a'", 5, "not a number"),
        ("x + True", 5, "not a number"),
        ("x + 1j", 5, "not a number"),
        ("x is 1", 1, "not allowed"),
        ("x @ x", 1, "not allowed"),
        ("x << 2", 1, "not allowed"),
        ("(y := 1)", 2, "not allowed"),
        ("max(*x)", 5, "not allowed"),
        ("max(x, key=x)", 1, "not allowed"),
        ("x + 1e999", 5, "too large"),
        ("x + 9**9**9", 5, "not finite"),
        ("x * (1 / 0)", 6, "not finite"),
        ("log(0) + x", 1, "not finite"),
        ("  x + foo", 7, "'foo'"),
    ],
)
def test_what_is_not_allowed_is_shown_at_its_column(text: str, column: int, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        compile_expression(text, ("x",))
    assert says in str(caught.value)
    assert caught.value.column == column
    assert f"column {column}" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "x" * (MAX_LENGTH + 1),
        "+".join(["x"] * MAX_NODES),
        "-" * (MAX_DEPTH + 1) + "x",
        "(" * 190 + "x",
        "x\n",
        "x\0",
        "1" * 199,
        "9" * 100 + "**" + "9" * 90,
        "9**9**9**9**9**9",
        "\ud800",
        "x if x",
    ],
)
def test_bombs_are_refused_at_once(text: str) -> None:
    start = time.thread_time()
    with pytest.raises(ConfigError):
        compile_expression(text, ("x",))(x=X)
        compile_expression("y", ("x",))
    assert time.thread_time() - start < 0.5


def test_powers_of_variables_overflow_to_infinity_quickly() -> None:
    start = time.thread_time()
    values = compile_expression("x**x**x**9", ("x",))(x=np.full(1000, 9.0))
    assert np.isinf(values).all()
    assert time.thread_time() - start < 0.5


def test_any_text_is_an_expression_or_one_kind_of_error() -> None:
    chance = random.Random(0)
    words = [
        *FUNCTIONS,
        "x",
        "1",
        "2.5",
        "+",
        "-",
        "**",
        "//",
        "(",
        ")",
        ",",
        "if",
        "else",
        "and",
        "not",
        " ",
        ".",
        "<",
    ]
    words += ["[", "lambda", ":", "'", "\\", "é", "0x", "_", "=", "9" * 30, "{", "#", "await ", "*"]
    n_good = 0
    for _ in range(3000):
        text = "".join(chance.choice(words) for _ in range(chance.randint(1, 12)))
        try:
            assert compile_expression(text, ("x",))(x=X).shape == X.shape
            n_good += 1
        except ConfigError:
            pass
    assert n_good > 20


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("base - 1e-6 * step", "negative at step 30001"),
        ("log(step)", "not finite at step 0"),
        ("base if epoch < 50 else -base", "negative at step 50"),
        ("1 / (500 - step)", "not finite at step 500"),
        ("base * stp", "did you mean 'step'"),
    ],
)
def test_a_schedule_is_tried_over_its_horizon_before_it_is_accepted(text: str, says: str) -> None:
    start = Config.from_dict({"schedule": {"name": "lambda"}})
    with pytest.raises(ConfigError) as caught:
        start.with_changes({"schedule.expression": text})
    assert says in str(caught.value)
    assert caught.value.field == "schedule.expression"
