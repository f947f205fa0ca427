"""The parts of a date as a computation, from seconds since 1970, as `tables/encode.py` computes them."""

from __future__ import annotations

import math

from ...graph import Value
from ...tables.cells.dates import DAY_S

SCALED_PARTS = ("days", "year")
"""Parts that are numbers of any size, which a scaler is applied to."""
_TO_MARCH = 719_468
"""Days from 1 March of the year 0, where the count of leap years begins, to 1970."""
_ERA = 146_097
"""Days of 400 years."""


def date_part(seconds: Value, part: str, start: float) -> list[Value]:
    """The inputs a part becomes: a number, or two for a place on a circle; float64 (n, 1) each.

    Args:
        seconds: Since 1970 (for times of day: since midnight), float64 (n, 1), none missing.
        part: "days", "year", "month", "weekday" or "time".
        start: What days are counted from, in seconds.
    """
    if part == "days":
        return [(seconds - start) / DAY_S]
    days = (seconds / DAY_S).op("Floor")
    if part == "time":
        return _on_circle((seconds - days * DAY_S) / DAY_S)
    if part == "weekday":
        weeks = ((days + 3.0) / 7.0).op("Floor")
        return _on_circle((days + 3.0 - weeks * 7.0) / 7.0)
    year, month = _calendar(days)
    return [year] if part == "year" else _on_circle((month - 1.0) / 12.0)


def _on_circle(share: Value) -> list[Value]:
    angle = share * (2.0 * math.pi)
    return [angle.op("Sin"), angle.op("Cos")]


def _calendar(days: Value) -> tuple[Value, Value]:
    """Year and month of days since 1970, by counting in years that begin in March (Hinnant's `civil_from_days`)."""
    day = days.cast("int64") + _TO_MARCH
    era = day / _ERA  # whole numbers: what is left over falls away
    of_era = day - era * _ERA
    year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365
    of_year = of_era - (year_of_era * 365 + year_of_era / 4 - year_of_era / 100)
    from_march = (of_year * 5 + 2) / 153
    after_december = from_march / 10
    year = year_of_era + era * 400 + after_december
    month = from_march + 3 - after_december * 12
    return year.cast("float64"), month.cast("float64")
