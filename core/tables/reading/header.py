"""Whether the first row of a table names its columns, and what the columns are called.

Each column says for itself whether its first cell is like the ones below it. Numbers may be names too: pandas calls
nameless columns 0, 1, 2, and tables of years are headed by years. A name is kept whole: names are cut where they are
shown, never before they are compared.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from ..cells.dates import date_form_of
from ..cells.missing import is_missing
from ..cells.numbers import looks_like_number

_MOSTLY = 0.9
_SURE_RUN = 5
"""Whole numbers one after the other in so many cells of a first row are names, whatever stands below."""


def has_header(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether `first` holds the names of the columns of `below`.

    Args:
        first: Cells of the first row.
        below: Cells of the rows that follow it, each as long as the first.
    """
    if not any(first):
        return False
    if _is_run(first, below):
        return True
    years = all(_is_year(name) for name in first if looks_like_number(name))
    votes = [_vote(name, [row[i] for row in below], years) for i, name in enumerate(first)]
    if any(votes):
        return sum(votes) > 0
    named = [name for name in first if name]
    return len(set(named)) == len(named) >= len(first) - 1 and not any(map(looks_like_number, named))


def column_names(given: Sequence[str]) -> tuple[list[str], list[str]]:
    """A different name for every column, from those that stand in the heading.

    Returns:
        The names, and what was done to them: a sentence each.
    """
    names: list[str] = []
    taken: set[str] = set()
    wanted = [normal_name(name) for name in given]
    doubled: list[str] = []
    for i, name in enumerate(wanted):
        stem = name or f"column{i + 1}"
        fresh, number = stem, 1
        while fresh in taken or ((number > 1 or not name) and fresh in wanted):
            number += 1
            fresh = f"{stem}_{number}"
        if fresh != stem and name:
            doubled.append(name)
        taken.add(fresh)
        names.append(fresh)
    notes = [f"the name {name!r} stands there more than once" for name in dict.fromkeys(doubled)]
    return names, notes


def normal_name(name: str) -> str:
    """A name as it is compared: one form of each letter, no blanks around it, one line."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def _is_run(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether the numbers of the first row count up one by one, as no row of data does by chance."""
    places = [i for i, name in enumerate(first) if name.isdecimal() and len(name) <= 4]
    numbers = [int(first[i]) for i in places]
    if len(numbers) < 2 or len(numbers) < len(first) - 2:
        return False
    if any(later - earlier != 1 for earlier, later in pairwise(numbers)):
        return False
    if below and places == list(range(len(first))) and [str(n + 1) for n in numbers] == list(below[0]):
        return False
    if len(numbers) >= _SURE_RUN:
        return True
    cells = [row[i] for i in places for row in below if not is_missing(row[i])]
    with_point = sum(not cell.lstrip("+-").isdecimal() for cell in cells)
    return bool(cells) and with_point >= _MOSTLY * len(cells)


def _is_year(text: str) -> bool:
    return text.isdecimal() and len(text) == 4 and 1800 <= int(text) <= 2100


def _vote(name: str, cells: Sequence[str], years: bool) -> int:
    """1 if a column says that its first cell is its name, -1 if that it is one of its values, 0 if it cannot tell."""
    there = [cell for cell in cells if not is_missing(cell)]
    if not name or is_missing(name) or len(there) < 2:
        return 0
    if sum(map(looks_like_number, there)) >= _MOSTLY * len(there):
        if not looks_like_number(name):
            return 1
        if years and _is_year(name) and sum(map(_is_year, there)) < len(there) // 2:
            return 1
        whole = sum(cell.lstrip("+-").isdecimal() for cell in there)
        if name.isdecimal() and whole <= (1.0 - _MOSTLY) * len(there):
            return 0
        return -1
    if looks_like_number(name):
        return 0 if name.isdecimal() and name not in there else -1
    form = date_form_of(there)
    if form is not None:
        return 1 if form.read(name) != form.read(name) else -1
    kinds = Counter(there)
    if name in kinds:
        return -1
    return 1 if len(kinds) <= len(there) // 2 else 0
