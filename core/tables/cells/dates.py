"""Dates and times of day in the forms people write them, as seconds; a column has one form.

Whether 03/04/2024 is in March or in April is decided by the column: a first part above 12 means the day comes first, a
second part above 12 the month. Where neither occurs, points mean day first and strokes month first, and it is said.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import numpy as np

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORD = r"(?P<word>jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?"
_DAY_NAME = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?\s*(?P<half>[ap]\.?m\.?)?"
    r"\s*(?P<zone>z|utc|gmt|[+-]\d{2}:?\d{2})?"
)
_YEAR = r"(?P<year>\d{4}|\d{2})"
_FORMS = {
    "year-month-day": r"(?P<year>\d{4})(?P<mark>[-/. ])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})",
    "day-month-year": rf"(?P<day>\d{{1,2}})(?P<mark>[-/. ])(?P<month>\d{{1,2}})(?P=mark){_YEAR}",
    "month-day-year": rf"(?P<month>\d{{1,2}})(?P<mark>[-/. ])(?P<day>\d{{1,2}})(?P=mark){_YEAR}",
    "day, name of the month, year": rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[-/. ]*{_WORD}[-/., ]*{_YEAR}",
    "name of the month, day, year": rf"{_WORD}[-/. ]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?[-/. ]+(?P<year>\d{{4}})",
    "year-month": r"(?P<year>\d{4})[-/](?P<month>\d{1,2})",
    "name of the month, year": rf"{_WORD}[-/., ]*(?P<year>\d{{4}})",
    "year and quarter": r"(?P<year>\d{4})[-/ ]?q(?P<quarter>[1-4])",
    "yyyymmdd": r"(?P<year>(?:1[89]|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})",
}
_PATTERNS = {
    name: re.compile(rf"{_DAY_NAME}{form}(?:[T, ]\s*{_CLOCK})?", re.IGNORECASE) for name, form in _FORMS.items()
}
_PATTERNS["time of day"] = re.compile(_CLOCK, re.IGNORECASE)
_EPOCH = datetime(1970, 1, 1)
_NAMED = re.compile(r"date|day|time|datum|dt", re.IGNORECASE)
_MOSTLY = 0.9
_LONGEST = 40
DAY_S = 86400.0


@dataclass(frozen=True)
class DateForm:
    """How the dates of one column are written."""

    name: str
    """A key of the known forms: "day-month-year"."""
    in_doubt: bool = False
    """Whether day and month could as well be the other way round."""

    @property
    def is_clock(self) -> bool:
        """Whether only a time of day is written."""
        return self.name == "time of day"

    def read(self, text: str) -> float:
        """Seconds since 1970 (for a time of day: since midnight); NaN where there is no date of this form."""
        match = _PATTERNS[self.name].fullmatch(text) if len(text) <= _LONGEST else None
        if match is None:
            return math.nan
        found = match.groupdict()
        try:
            seconds = _clock_s(found)
            return seconds if self.is_clock else (_day(found) - _EPOCH).total_seconds() + seconds
        except (ValueError, OverflowError):
            return math.nan


def date_form_of(texts: Sequence[str], name: str = "") -> DateForm | None:
    """The form in which nearly all texts are dates; None where there is none.

    Args:
        texts: Each different cell once, missing ones left out.
        name: Of the column: plain numbers like 20240131 are dates only where it says so.
    """
    first, sample = texts[:20], texts if len(texts) <= 2000 else texts[:: len(texts) // 1000]
    if not any(character.isdigit() for text in first for character in text):
        return None
    asked = [key for key in _PATTERNS if key != "yyyymmdd" or _NAMED.search(name)]
    share = {key: _share(sample, key) for key in asked if _share(first, key) >= 0.5}
    best = max(share, key=lambda key: share[key], default="")
    if not best or share[best] < _MOSTLY:
        return None
    in_doubt = best == "day-month-year" and share.get("month-day-year") == share[best]
    if in_doubt and all("." not in text for text in sample):
        best = "month-day-year"
    return DateForm(best, in_doubt)


def read_dates(texts: Sequence[str], form: DateForm) -> np.ndarray:
    """Seconds of each text, float64; NaN where there is no date of this form."""
    return np.fromiter((form.read(text) for text in texts), np.float64, len(texts))


def as_date(seconds: float) -> datetime:
    """The day and time that seconds since 1970 stand for."""
    return _EPOCH + timedelta(seconds=seconds)


def _share(texts: Sequence[str], name: str) -> float:
    form = DateForm(name)
    return sum(not math.isnan(form.read(text)) for text in texts) / len(texts)


def _day(found: dict[str, str | None]) -> datetime:
    year = int(found["year"] or "")
    if len(found["year"] or "") == 2:
        year += 2000 if year < 70 else 1900
    word, quarter = found.get("word"), found.get("quarter")
    if word:
        month = _MONTHS.index(word[:3].lower()) + 1
    else:
        month = 3 * int(quarter) - 2 if quarter else int(found.get("month") or 1)
    return datetime(year, month, int(found.get("day") or 1))


def _clock_s(found: dict[str, str | None]) -> float:
    if found.get("hour") is None:
        return 0.0
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    half = (found["half"] or "").lower()[:1]
    if half and not 1 <= hour <= 12:
        raise ValueError("no hour of a half day")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 24 or minute > 59 or second > 60:
        raise ValueError("no time of day")
    zone = (found["zone"] or "").replace(":", "")
    shift = 0.0
    if zone[:1] in "+-" and zone:
        shift = int(zone[1:3]) * 3600.0 + int(zone[3:5]) * 60.0
        timezone(timedelta(seconds=shift))
        shift = -shift if zone[0] == "-" else shift
    return hour * 3600.0 + minute * 60.0 + second - shift
