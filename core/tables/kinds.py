"""From cells to a kind: number, category, yes/no, date, text, id, row number, one value.

The rules, in this order (a kind that a person sets wins over all of them):

1. A column with no value, or with the same in all rows, has one value.
2. Numbers in any form in nine of ten cells that are not missing make it a number; the others count as missing. So do
   seven of ten where what is no number is one word, said again and again ("unknown").
3. Dates of one form in nine of ten cells make it a date.
4. Two words that mean yes and no make it yes/no.
5. Whole numbers that count the rows, in any order, are a row number; whole numbers that are all different are an id
   where the name says so, or in a first column without a name.
6. Words of which most stand there once only are text; other words are a category.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..errors import ConfigError
from ..text import safe_text
from .cells.dates import date_form_of, read_dates
from .cells.missing import among_words
from .cells.numbers import NumberForm, decimal_sign, form_of, is_plain, looks_like_number, read_numbers
from .columns import CATEGORY, CONSTANT, DATE, ID, NUMBER, ROW_NUMBER, TEXT, YES_NO, Column
from .reading.read import Cells

_MOSTLY = 0.9
_WITH_ONE_WORD = 0.7
_PAIRS = (("yes", "no"), ("y", "n"), ("true", "false"), ("t", "f"), ("on", "off"), ("ja", "nein"), ("oui", "non"))
_ID_NAME = re.compile(
    r"(?:.*[\s_.-])?(?:id|ids|uuid|guid|key|index|idx|rownames?|row|nr|no|num|#|unnamed: ?\d*|rn|obs|serial|record)"
    r"|id[\s_.-].*",
    re.IGNORECASE,
)
_ID_END = re.compile(r".*[a-z](?:ID|Id)")
_KEEPS_COUNTING = re.compile(
    r"(?:.*[\s_.-])?(?:x|t|time|year|yr|month|week|day|date|hour|age|step|epoch|period|quarter)s?"
)
_FEW_LABELS = 40
_FEW_WORDS = 12
"""So few different words are always a category."""


def column_of(cells: Cells, signs: frozenset[str], decimal: str, wanted: str = "") -> Column:
    """A column with its kind.

    Args:
        cells: As it stands in the file.
        signs: Signs of a missing cell, in small letters.
        decimal: Sign of the decimals in the rest of the file; "" where unknown.
        wanted: The kind a person set; "" leaves it to the rules.

    Raises:
        ConfigError: It cannot be what was set.
    """
    if wanted in (CATEGORY, TEXT, ID):
        found = _words(cells.all_texts(), signs)
        return replace(found, kind=wanted, reason="set so")
    if cells.values is not None and not cells.codes.size:
        column = _of_numbers(cells, cells.values, NumberForm())
        return _to_kind(column, wanted)
    return _to_kind(_from_texts(cells, signs, decimal, wanted), wanted)


def file_decimal(columns: Sequence[Cells], delimiter: str) -> str:
    """The sign of the decimals that the columns of a file prove; a comma where semicolons part the cells and nothing
    speaks against it; "" where nothing is known.
    """
    votes = {".": 0, ",": 0}
    for cells in columns:
        sign = "." if cells.values is not None else decimal_sign(cells.texts[:200])
        if sign:
            votes[sign] += 1
    if not any(votes.values()):
        return "," if delimiter == "semicolon" else ""
    return max(votes, key=lambda sign: votes[sign])


def _to_kind(column: Column, wanted: str) -> Column:
    """A column of the kind a person set, if it can be one."""
    if not wanted or wanted == column.kind:
        return replace(column, reason="set so") if wanted else column
    has_number = column.values is not None and bool(np.isfinite(column.values).any())
    if wanted == NUMBER and column.kind in (ROW_NUMBER, ID, CONSTANT) and has_number:
        return replace(column, kind=NUMBER, reason="set so")
    found = f"; it is {column.kind}" if has_number or column.values is None else f": no cell is a {wanted}"
    raise ConfigError(f"cannot be read as {wanted}{found}", field=safe_text(column.name, 60))


def _from_texts(cells: Cells, signs: frozenset[str], decimal: str, wanted: str) -> Column:
    counts = np.bincount(cells.codes[cells.codes >= 0], minlength=len(cells.texts))
    hole = np.array([text.lower() in signs for text in cells.texts], bool)
    there = [i for i in range(len(cells.texts)) if not hole[i] and counts[i]]
    texts, n_each = [cells.texts[i] for i in there], counts[there]
    n_plain = 0 if cells.values is None else int(np.isfinite(cells.values).sum())
    n_words = int(n_each.sum())
    if not n_words + n_plain:
        return Column(cells.name, cells.number, CONSTANT, "no cell has a value", np.full(_n(cells), np.nan),
                      n_missing=_n(cells))  # fmt: skip
    if wanted in ("", NUMBER):
        form = form_of(texts, n_each, decimal)
        numbers = read_numbers(texts, form)
        if wanted or _is_number(texts, n_each, numbers, n_plain):
            return _numbers(cells, there, numbers, form)
    if wanted in ("", DATE) and not n_plain:
        dates = date_form_of(texts, "date" if wanted else cells.name)
        if dates is not None:
            seconds = read_dates(texts, dates)
            column = _with(cells, there, seconds, DATE)
            doubt = "day and month could be the other way round" if dates.in_doubt else ""
            return replace(column, form=dates, reason=doubt)
    return _words(cells.all_texts(), signs)


def _is_number(texts: Sequence[str], counts: np.ndarray, numbers: np.ndarray, n_plain: int) -> bool:
    read = np.isfinite(numbers)
    n_read = int(counts[read].sum()) + n_plain
    total = int(counts.sum()) + n_plain
    if n_plain == 0 and _are_codes([text for text, ok in zip(texts, read, strict=True) if ok]):
        return False
    if not n_plain and _are_labels(counts[read], counts[~read]):
        return False
    if n_read >= _MOSTLY * total:
        return True
    return n_read >= _WITH_ONE_WORD * total and int((~read).sum()) <= 1


def _are_labels(numbers: np.ndarray, words: np.ndarray) -> bool:
    """Whether words stand beside few numbers as their equals, each about as often: "0 ... 9, A, B, C"."""
    if not len(words) or not 0 < len(numbers) <= _FEW_LABELS or numbers.mean() < 2.0:
        return False
    return bool(0.5 * numbers.mean() <= words.mean() <= 2.0 * numbers.mean())


def _are_codes(texts: Sequence[str]) -> bool:
    """Whether numbers are written like codes: of one length, some with a zero in front ("01067")."""
    zeros = [text for text in texts if len(text) > 1 and text[0] == "0" and text.isdecimal()]
    return bool(zeros) and len({len(text) for text in texts}) == 1 and all(text.isdecimal() for text in texts)


def _numbers(cells: Cells, there: list[int], numbers: np.ndarray, form: NumberForm) -> Column:
    column = _with(cells, there, numbers, NUMBER)
    assert column.values is not None
    found = _of_numbers(cells, column.values, form)
    return replace(
        found, n_missing=column.n_missing, n_strange=column.n_strange, strange=column.strange,
        strange_row=column.strange_row,
    )  # fmt: skip


def _with(cells: Cells, there: list[int], of_text: np.ndarray, kind: str) -> Column:
    """A column of values from the value of each different text; a text without one counts as missing."""
    table = np.full(len(cells.texts) + 1, np.nan)
    table[there] = of_text
    values = table[cells.codes]
    if cells.values is not None:
        values = np.where(cells.codes < 0, cells.values, values)
    odd = np.zeros(len(cells.texts) + 1, bool)
    odd[there] = np.isnan(of_text)
    at = np.flatnonzero(odd[cells.codes] & (cells.codes >= 0))
    return Column(
        cells.name,
        cells.number,
        kind,
        values=values,
        n_missing=int(np.isnan(values).sum()),
        n_strange=len(at),
        strange=cells.texts[cells.codes[at[0]]] if len(at) else "",
        strange_row=int(at[0]) if len(at) else -1,
    )


def _of_numbers(cells: Cells, values: np.ndarray, form: NumberForm) -> Column:
    there = values[np.isfinite(values)]
    kind, reason = NUMBER, ""
    if not len(there):
        kind, reason = CONSTANT, "no cell has a value"
    elif there.min() == there.max():
        kind, reason = CONSTANT, f"every value is {there[0]:.6g}"
    elif len(there) == len(values):
        kind, reason = _counting(cells.name, values)
    return Column(
        cells.name, cells.number, kind, reason, values, form=form, n_missing=len(values) - len(there)
    )  # fmt: skip


def _counting(name: str, values: np.ndarray) -> tuple[str, str]:
    """Whether whole numbers count or name the rows."""
    n = len(values)
    if n < 8 or values[0] != np.floor(values[0]) or _KEEPS_COUNTING.fullmatch(name.lower()):
        return NUMBER, ""
    says_id = _says_id(name) or name == "column1"
    if (np.diff(values) == 1.0).all() and (values[0] in (0.0, 1.0) or says_id):
        return ROW_NUMBER, f"counts the rows from {values[0]:.0f}"
    if not (values == np.floor(values)).all():
        return NUMBER, ""
    ordered = np.sort(values)
    if (np.diff(ordered) <= 0.0).any():
        return NUMBER, ""
    if ordered[0] in (0.0, 1.0) and ordered[-1] - ordered[0] == n - 1:
        return ROW_NUMBER, "holds every row number once, in another order"
    if says_id:
        why = "it is the first column and has no name" if name == "column1" else "its name says so"
        return ID, f"whole numbers that are all different, and {why}"
    return NUMBER, ""


def _words(cells: Cells, signs: frozenset[str]) -> Column:
    signs = among_words(signs, cells.texts)
    counts = np.bincount(cells.codes[cells.codes >= 0], minlength=len(cells.texts))
    used = [i for i in range(len(cells.texts)) if counts[i] and cells.texts[i].lower() not in signs]
    used.sort(key=lambda i: _order(cells.texts[i]))
    words = tuple(cells.texts[i] for i in used)
    place = np.full(len(cells.texts) + 1, -1, np.int32)
    place[used] = np.arange(len(used))
    codes = place[cells.codes]
    n_there = int((codes >= 0).sum())
    column = Column(
        cells.name, cells.number, CATEGORY, words=words, codes=codes, n_missing=len(codes) - n_there
    )  # fmt: skip
    if len(words) < 2:
        reason = f"every value is {safe_text(words[0], 40)!r}" if words else "no cell has a value"
        return replace(column, kind=CONSTANT, reason=reason)
    lower = {word.lower(): word for word in reversed(words)}
    for yes, no in _PAIRS:
        if set(lower) == {yes, no}:
            values = np.array([word.lower() == yes for word in words], np.float64)[codes]
            values[codes < 0] = np.nan
            return replace(column, kind=YES_NO, values=values, words=(), codes=np.empty(0, np.int32),
                           yes=(lower[yes], lower[no]))  # fmt: skip
    once = int((counts[used] == 1).sum())
    all_different = len(words) == n_there > 4
    if all_different or (len(words) > _FEW_WORDS and (len(words) > 0.5 * n_there or once > 0.5 * n_there)):
        kind = ID if len(words) == n_there and _says_id(cells.name) else TEXT
        share = "all" if len(words) == n_there else "most"
        return replace(column, kind=kind, reason=f"{len(words)} texts, {share} different")
    return column


def _says_id(name: str) -> bool:
    return bool(_ID_NAME.fullmatch(name) or _ID_END.fullmatch(name))


def _order(word: str) -> tuple[int, float, str]:
    if is_plain(word):
        return 0, float(word), word
    return (1, NumberForm().read(word), word) if looks_like_number(word) else (2, 0.0, word)


def _n(cells: Cells) -> int:
    return len(cells.codes) if cells.codes.size else len(cells.values if cells.values is not None else ())
