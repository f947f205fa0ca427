"""Giving up trials that fall behind, by a rule that does not depend on which of them was faster.

A trial is held against the generations before its own alone. So each is told at its start at which places it is looked
at and what it must have come to, and remains a function of what it is told.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from ..errors import ConfigError
from .trial import TrialRow

RULES = ("median", "hyperband")
FEWEST = 5
"""Figures a bar is made of at least."""
_MEDIAN_PLACES = (0.25, 0.5, 0.75)
_THIRDS = (1.0 / 9.0, 1.0 / 3.0)
"""Where hyperband looks: from each place to the next a third of the trials goes on."""

Cuts = tuple[tuple[float, float], ...]


def check_rule(rule: str) -> None:
    """Refuse a rule there is none of.

    Raises:
        ConfigError: Names the rules.
    """
    if rule and rule not in RULES:
        raise ConfigError("is not a rule", field="--prune", value=rule, choices=RULES)


def cuts_after(rule: str, rows: Sequence[TrialRow]) -> Callable[[int], Cuts]:
    """Number of a setting -> where its trials are looked at, and the worst score with which they go on.

    Args:
        rule: "median": better than half of those before it; "hyperband": among the best third at each of two places,
            at the later alone, or at none, in turn by its number; "": never given up.
        rows: Of the generations before.
    """
    if not rule:
        return lambda _: ()
    places, share = (_MEDIAN_PLACES, 0.5) if rule == RULES[0] else (_THIRDS, 1.0 / 3.0)
    bars = tuple((place, _bar(rows, place, places, rule, share)) for place in places)
    if rule == RULES[0]:
        return lambda _: bars
    return lambda point: bars[point % (len(places) + 1) :]


def _bar(rows: Sequence[TrialRow], place: float, places: Sequence[float], rule: str, share: float) -> float:
    """The score that `share` of those before came to at a place or went below; infinite while there are few."""
    scores = []
    for row in rows:
        first = 0 if rule == RULES[0] else row.point % (len(places) + 1)
        at = places.index(place) - first
        if 0 <= at < len(row.rungs):
            scores.append(row.rungs[at])
    if len(scores) < FEWEST:
        return math.inf
    return float(np.quantile(np.nan_to_num(scores, nan=math.inf), share, method="lower"))
