"""The cells of a row as a computation: what is filled in, which words get which inputs, and how they are scaled.

Texts that a person writes for numbers and dates ("$1,200", "3 March 2024") are not read here: no exchange format knows
them. Such a column is given as the number, a date as seconds since 1970, and its input says so.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from ...data import Data
from ...graph import ML_DOMAIN, Graph, Value
from ...tables.cells.missing import among_words, signs_of
from ...tables.cells.numbers import NumberForm
from ...tables.columns import CATEGORY, DATE, YES_NO
from ...tables.encode import ColumnPlan, Encoder
from .dates import SCALED_PARTS, date_part
from .scaling import scaled

MOST_LETTERS = 8
"""Letters of a sign of a missing cell of which every writing in small and capital letters is known."""


Block = tuple[Value, int, bool]
"""Some inputs side by side, how many, and whether they are numbers that are scaled."""


def table_inputs(graph: Graph, encoder: Encoder, data: Data) -> Value:
    """The scaled inputs of a network, float32 (n, n_inputs), from one input of (n, 1) for each column of a table.

    Raises:
        ConfigError: The scaler does not say what it computes.
    """
    given = [_input(graph, plan) for plan in encoder.plans]
    pairs = zip(encoder.plans, given, strict=True)
    blocks = [block for plan, one in pairs for block in _blocks(one, plan, encoder.missing)]
    numbers = [value for value, _, is_number in blocks if is_number]
    others = [value.cast("float32") for value, _, is_number in blocks if not is_number]
    encoded = [_beside(part) for part in (numbers, others) if part]
    graph.encoded, graph.n_encoding = tuple(encoded), len(graph.operations)
    if numbers:
        encoded[0] = scaled(encoded[0], data, data.numbers)
    joined = _beside(encoded)
    at_number, at_other = 0, len(numbers)
    places: list[int] = []
    for _, width, is_number in blocks:
        if is_number:
            places += range(at_number, at_number + width)
            at_number += width
        else:
            places += range(at_other, at_other + width)
            at_other += width
    return joined.op("Gather", np.array(places, np.int64), axis=1)


def _beside(values: list[Value]) -> Value:
    return values[0] if len(values) == 1 else values[0].op("Concat", *values[1:], axis=1)


def _input(graph: Graph, plan: ColumnPlan) -> Value:
    words = plan.kind in (CATEGORY, YES_NO)
    return graph.input(plan.name, "string" if words else "float64", (1,), about_input(plan))


def _blocks(given: Value, plan: ColumnPlan, missing: str) -> list[Block]:
    """What a column becomes, in the order of its inputs."""
    if plan.kind in (CATEGORY, YES_NO):
        codes, rows = _words(plan, missing) if plan.kind == CATEGORY else _yes_no(plan, missing)
        return [(_looked_up(given, codes, rows), rows.shape[1], False)]
    hole = given.op("IsNaN", kind="bool").op("Or", given.op("IsInf", kind="bool"))
    value = hole.op("Where", np.array(plan.fill), given, kind="float64")
    flag: list[Block] = [(hole, 1, False)] if plan.flag else []
    if plan.kind != DATE:
        return [(value, 1, True), *flag]
    parts = [(number, 1, part in SCALED_PARTS) for part in plan.parts for number in date_part(value, part, plan.start)]
    return [*parts, *flag]


def _looked_up(text: Value, codes: dict[str, int], rows: np.ndarray) -> Value:
    """The row of a table that belongs to a word; the last one for a word it does not know."""
    code = text.op(
        "LabelEncoder", kind="int64", domain=ML_DOMAIN,
        keys_strings=[*codes], values_int64s=[*codes.values()], default_int64=len(rows) - 1,
    )  # fmt: skip
    return code.graph.constant(rows.astype(np.float32)).op("Gather", code.reshape(-1), axis=0)


def _words(plan: ColumnPlan, missing: str) -> tuple[dict[str, int], np.ndarray]:
    """Word -> row, and the inputs of each row: one word each, a hole, and behind them any other word."""
    n = len(plan.words) + plan.other + plan.missing
    table = np.vstack((np.eye(n), np.zeros((1, n))))
    unknown = len(plan.words) if plan.other else n
    hole = n - 1 if plan.missing else unknown
    codes = {word: place for place, word in enumerate(plan.words)}
    for sign in sorted(among_words(signs_of(missing), plan.words)):
        codes |= dict.fromkeys(_writings(sign), hole)
    return codes, np.vstack((table, table[unknown]))


def _yes_no(plan: ColumnPlan, missing: str) -> tuple[dict[str, int], np.ndarray]:
    yes, no = plan.yes
    codes = {**dict.fromkeys(_writings(no), 0), **dict.fromkeys(_writings(yes), 1)}
    codes |= {text: 2 for sign in sorted(signs_of(missing)) for text in _writings(sign)}
    rows = np.array(((0.0, 0.0), (1.0, 0.0), (plan.fill, 1.0)))
    return codes, rows if plan.flag else rows[:, :1]


def _writings(word: str) -> list[str]:
    """A word in small and capital letters: every way for a short one, the usual ones for others."""
    if sum(letter.lower() != letter.upper() for letter in word) > MOST_LETTERS:
        return [*dict.fromkeys((word.lower(), word.upper(), word.title(), word))]
    return [*dict.fromkeys("".join(letters) for letters in product(*((c.lower(), c.upper()) for c in word)))]


def about_input(plan: ColumnPlan) -> str:
    """What to give for a column, in words."""
    if plan.kind in (CATEGORY, YES_NO):
        return "the text of the cell; an empty text where it is missing"
    if plan.kind == DATE:
        clock = plan.form is not None and getattr(plan.form, "is_clock", False)
        return f"seconds since {'midnight' if clock else '1970-01-01 00:00'}; NaN where it is missing"
    unit = plan.form.unit if isinstance(plan.form, NumberForm) else ""
    return f"the number{f' without its {unit!r}' if unit else ''}; NaN where it is missing"
