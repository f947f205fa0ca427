"""Numbers as people write them: `$1,200`, `146 002,50`, `5 %`, `−3.1`, `(120)`, `3+`, `5 cm`, `1.2k`.

One cell alone cannot tell "1,234" from "1.234", so a column is read as a whole: cells that can be read in one way only
decide for those that can be read in two. A unit is taken off only where the column has one and the same.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

_GROUP = "'’ \u00a0\u202f\u2009_"
_BODY = rf"[0-9](?:[0-9.,{_GROUP}]*[0-9.,])?|[.,][0-9]+"
_CURRENCY = r"US\$|R\$|A\$|C\$|[$€£¥₹₽₩₺₫฿₪]|USD|EUR|GBP|CHF|JPY|INR|CNY|SEK|NOK|DKK|PLN|CZK|Rs\.?|kr\.?|zł"
_CELL = re.compile(
    rf"(?P<compare>[<>≤≥~≈]=?)?\s*(?P<open>\()?\s*(?P<sign>[-+−–‐])?\s*(?P<before>{_CURRENCY})?\s*"
    rf"(?P<sign2>[-+−–])?\s*(?P<body>{_BODY})(?P<power>[eE][-+−]?[0-9]{{1,3}})?"
    rf"\s*(?P<after>\+|{_CURRENCY}|%|‰|°[CF]?|[^\W\d_][^\W\d]{{0,11}}(?:[/²³^][\w²³]{{0,6}})?\.?)?\s*(?P<close>\))?"
)
_PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_POINT = re.compile(rf"(?:[0-9]+|[1-9][0-9]{{0,2}}(?:([{_GROUP},])[0-9]{{3}})(?:\1[0-9]{{3}})*"
                    rf"|[1-9][0-9]?(?:,[0-9]{{2}})+,[0-9]{{3}})?(?:\.[0-9]*)?")  # fmt: skip
_COMMA = re.compile(rf"(?:[0-9]+|[1-9][0-9]{{0,2}}(?:([{_GROUP}.])[0-9]{{3}})(?:\1[0-9]{{3}})*)?(?:,[0-9]*)?")
_TIMES = {"k": 1e3, "K": 1e3, "M": 1e6, "m": 1e6, "mn": 1e6, "B": 1e9, "b": 1e9, "bn": 1e9, "G": 1e9, "T": 1e12}
_ORDINAL = frozenset(("st", "nd", "rd", "th"))
_LOOSE_MARKS = frozenset(("", "+", "<", ">", "≤", "≥", "~", "≈", "<=", ">="))
"""Marks that may stand at some cells of a column and not at others."""
_COMPARE = "<>≤≥~≈"
_MOSTLY, _SOME = 0.9, 0.3


@dataclass(frozen=True)
class NumberForm:
    """How the numbers of one column are written."""

    decimal: str = "."
    """The sign of the decimals, where a cell could be read in two ways."""
    unit: str = ""
    """"$", "%", "cm": what stands at every number of the column; "" for nothing."""
    compared: bool = True
    """Whether numbers with < or > before them are taken for the numbers themselves."""
    scaled: bool = False
    """Whether k, M and B after a number stand for thousands, millions and billions."""

    def read(self, text: str) -> float:
        """The number in a cell; NaN where there is none."""
        if _PLAIN.fullmatch(text) and self.decimal == ".":
            return _finite(float(text))
        parts = _split(text)
        if parts is None:
            return math.nan
        unit, value = parts.unit, parts.value(self.decimal)
        if self.scaled and unit in _TIMES:
            return _finite(value * _TIMES[unit])
        if unit and unit[0] in _COMPARE:
            return value if self.compared else math.nan
        return value if unit in _LOOSE_MARKS or unit == self.unit else math.nan


@dataclass(frozen=True)
class _Parts:
    negative: bool
    body: str
    power: str
    unit: str

    def ways(self) -> tuple[bool, bool]:
        """Whether the body can be read with a decimal point, and with a decimal comma."""
        some = any(character.isdigit() for character in self.body)
        return bool(some and _POINT.fullmatch(self.body)), bool(some and _COMMA.fullmatch(self.body))

    def value(self, decimal: str) -> float:
        point, comma = self.ways()
        if not (point or comma):
            return math.nan
        decimal = decimal if point and comma else "." if point else ","
        digits = re.sub(rf"[{_GROUP}{',' if decimal == '.' else '.'}]", "", self.body).replace(",", ".")
        number = float(digits + self.power)
        return _finite(-number if self.negative else number)


def is_plain(text: str) -> bool:
    """Whether a cell is a number as programs write it: digits, a point, an exponent."""
    return _PLAIN.fullmatch(text) is not None


def looks_like_number(text: str) -> bool:
    """Whether a cell, on its own, could be a number in any form."""
    parts = _split(text)
    return parts is not None and any(parts.ways())


def form_of(texts: Sequence[str], counts: Iterable[int], decimal: str = "") -> NumberForm:
    """How the numbers among the different texts of a column are written.

    Args:
        texts: Each different cell once, missing ones left out.
        counts: How often each stands there.
        decimal: Sign of the decimals in the rest of the file, where this column leaves it open; "" where none is known.
    """
    votes = {".": 0, ",": 0}
    units: dict[str, int] = {}
    bare = total = 0
    for text, count in zip(texts, counts, strict=True):
        parts = _split(text)
        if parts is None or not any(ways := parts.ways()):
            continue
        total += count
        if ways[0] != ways[1]:
            votes["." if ways[0] else ","] += count
        units[parts.unit] = units.get(parts.unit, 0) + count
        if parts.unit in _LOOSE_MARKS and parts.value(".") != 0.0:
            bare += count
    chosen = max(votes, key=lambda sign: votes[sign]) if any(votes.values()) else decimal or "."
    marks = {unit: count for unit, count in units.items() if unit not in _LOOSE_MARKS}
    compared = sum(count for unit, count in units.items() if unit and unit[0] in _COMPARE)
    if not marks:
        # "<0.01" beside numbers is a number below what could be measured; a column of "<50" and ">50" holds two words.
        return NumberForm(chosen, compared=bool(compared <= _SOME * total))
    if len(marks) > 1 and set(marks) <= set(_TIMES):
        return NumberForm(chosen, scaled=True)
    unit = max(marks, key=lambda mark: marks[mark])
    currency = re.fullmatch(_CURRENCY, unit) is not None
    enough = marks[unit] >= _MOSTLY * sum(marks.values()) and (currency or bare <= (1.0 - _MOSTLY) * total)
    return NumberForm(chosen, unit if enough else "")


def decimal_sign(texts: Sequence[str]) -> str:
    """The sign of the decimals that the texts prove: "." or ","; "" where they prove nothing or contradict."""
    found: set[str] = set()
    for text in texts:
        parts = _split(text)
        if parts is not None:
            point, comma = parts.ways()
            if point != comma:
                found.add("." if point else ",")
    return found.pop() if len(found) == 1 else ""


def read_numbers(texts: Sequence[str], form: NumberForm) -> np.ndarray:
    """The number in each text, float64; NaN where there is none."""
    return np.fromiter((form.read(text) for text in texts), np.float64, len(texts))


def _split(text: str) -> _Parts | None:
    match = _CELL.fullmatch(text) if len(text) <= 60 else None
    if match is None or bool(match["open"]) != bool(match["close"]) or (match["sign"] and match["sign2"]):
        return None
    minus = (match["sign"] or match["sign2"] or "+") not in "+"
    before, after, compare = match["before"] or "", match["after"] or "", match["compare"] or ""
    if (before and after) or (compare and (before or after)):
        return None
    after = "th" if after in _ORDINAL else after
    power = (match["power"] or "").replace("−", "-")
    return _Parts(minus or bool(match["open"]), match["body"], power, before or after or compare)


def _finite(value: float) -> float:
    return value if math.isfinite(value) else math.nan
