"""Which cells are holes: the usual signs for "nothing here", and which of them count where."""

from __future__ import annotations

import csv
from collections.abc import Iterable

MISSING = ("", "NA", "N/A", "NaN", "null", "?", "-", ".")
"""Signs of a missing cell, unless others are set; small and capital letters are alike."""

_ALSO = ("#n/a", "<na>", "n.a.", "(null)", "\\n", "--", "#value!", "#div/0!", "nat")
"""Rarer spellings of the same, taken along with the usual ones."""
_ONLY_NUMBERS = frozenset(("-", ".", "--"))
"""Signs that stand for nothing among numbers and dates, but may be words of their own ("+" and "-")."""
_USUAL = frozenset(sign.lower() for sign in (*MISSING, *_ALSO))


def signs_of(text: str) -> frozenset[str]:
    """The signs a setting names, as "NA, ?, -999"; an empty cell is always missing. "" stands for the usual signs."""
    given = read_list(text)
    return frozenset(sign.lower() for sign in given) | {""} if given else _USUAL


def is_missing(cell: str, signs: frozenset[str] = _USUAL) -> bool:
    """Whether a cell is a hole."""
    return cell.lower() in signs


def among_words(signs: frozenset[str], words: Iterable[str]) -> frozenset[str]:
    """The signs that count in a column of words: a dash is a word where a plus stands beside it, or a full stop."""
    if {"+", "-"} <= set(words):
        return signs - _ONLY_NUMBERS
    return signs


def read_list(text: str) -> tuple[str, ...]:
    """The items of a setting that lists some, separated by commas; an item with a comma stands in double quotes.

    Example:
        >>> read_list('age, "size, cm"')
        ('age', 'size, cm')
    """
    if not text.strip():
        return ()
    line = " ".join(text.split())
    return tuple(item.strip() for row in csv.reader([line], skipinitialspace=True) for item in row if item.strip())
