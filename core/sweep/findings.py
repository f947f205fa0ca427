"""What a sweep tells about its settings: how much each matters, and how well each value of it did.

How much a setting matters is the share of the spread in ranks that it explains by itself, adjusted for how many groups
it makes, as in an analysis of variance. Ranks, because one trial that went astray must not hide all others. What two
settings do only together is in none of the shares, so these need not add up to one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..pictures.chart import round_numbers
from ..pictures.shapes import Lettering, Patch, Picture, Shape, Spots, Stroke, rectangle
from .plan import SweepPlan
from .table import Point

GROUPS = 6
"""Most groups that the values of a range are put into."""
FEWEST = 4
"""Settings from which a share can be told."""
LOG_FROM = 20.0
"""Largest beside smallest value from which values are placed by their logarithm."""
_BEST, _OTHER, _TEXT, _GRID = "#d55e00", "#9db9d9", "#444444", "#dddddd"


@dataclass(frozen=True, eq=False)
class AxisFinding:
    """What is known of one setting."""

    path: str
    importance: float
    """Share of the spread in ranks, 0 to 1; not a number where there are too few."""
    places: np.ndarray
    """float64 (n points,): where the value of each stands, 0 to 1."""
    ticks: tuple[tuple[float, str], ...]
    """(place, value) to be written beside them."""


@dataclass(frozen=True, eq=False)
class SweepFindings:
    """What is known of all settings."""

    metric: str
    values: np.ndarray
    """float64 (n points,): mean of the metric, the best first; not a number where there is none."""
    axes: tuple[AxisFinding, ...]


def findings(plan: SweepPlan, points: Sequence[Point]) -> SweepFindings:
    """What a sweep tells.

    Args:
        plan: Of the sweep.
        points: Ranked.
    """
    values = np.array([point.mean for point in points], np.float64)
    scores = values if plan.metric.endswith("loss") else -values
    axes = []
    for axis in plan.axes:
        texts = [point.texts[axis.path] for point in points]
        places, ticks = _places(texts, axis.values, axis.log)
        axes.append(AxisFinding(axis.path, importance(_groups(texts, places), scores), places, ticks))
    return SweepFindings(plan.metric, values, tuple(axes))


def importance(groups: np.ndarray, values: np.ndarray) -> float:
    """Share of the spread in ranks that groups explain, 0 to 1; not a number where that cannot be told.

    Args:
        groups: int64 (n,), the group of each.
        values: float64 (n,); those that are not finite are the worst.
    """
    n, k = len(values), len(np.unique(groups))
    if n < FEWEST or k < 2 or n <= k:
        return 1.0 if n >= FEWEST and k == n and _ranks(values).std() > 0 and n <= GROUPS else math.nan
    ranks = _ranks(values)
    whole = float(((ranks - ranks.mean()) ** 2).sum())
    if whole <= 0.0:
        return 0.0
    within = sum(float(((part - part.mean()) ** 2).sum()) for part in (ranks[groups == g] for g in np.unique(groups)))
    return max(0.0, 1.0 - (within / (n - k)) / (whole / (n - 1)))


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 0, the mean of them where values are equal."""
    filled = np.where(np.isfinite(values), values, np.inf)
    _, inverse, counts = np.unique(filled, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: np.ndarray = ((ends - counts + ends - 1) / 2.0)[inverse]
    return ranks


def _groups(texts: Sequence[str], places: np.ndarray) -> np.ndarray:
    """The group of each value: its own where there are few, else those that lie together."""
    different, inverse = np.unique(texts, return_inverse=True)
    if len(different) <= 2 * GROUPS and 2 * len(different) <= len(texts):
        return inverse.astype(np.int64)
    n_groups = max(2, min(GROUPS, len(texts) // 3))
    return np.argsort(np.argsort(places, kind="stable"), kind="stable") * n_groups // len(places)


def _places(texts: Sequence[str], listed: Sequence[str], log: bool) -> tuple[np.ndarray, tuple[tuple[float, str], ...]]:
    """Where each value stands, and what is written beside: numbers by their size, words in the order given."""
    numbers = _numbers([*texts, *listed])
    if numbers is None:
        words = list(listed) or sorted(set(texts))
        at = {word: (place + 0.5) / len(words) for place, word in enumerate(words)}
        return np.array([at[text] for text in texts]), tuple((place, word) for word, place in at.items())
    low, high = float(numbers.min()), float(numbers.max())
    by_log = low > 0.0 and (log or high / low > LOG_FROM)
    scaled = np.log10(numbers) if by_log else numbers
    first, width = float(scaled.min()), float(np.ptp(scaled)) or 1.0
    places = (scaled - first) / width if high > low else np.full(len(scaled), 0.5)
    shown = [10.0**p for p in range(math.ceil(first - 1e-9), math.floor(first + width + 1e-9) + 1)] if by_log else []
    if listed and len(listed) <= GROUPS + 2:
        shown = sorted({float(text) for text in listed})
    elif len(shown) < 2:
        shown = [low, high] if by_log else round_numbers(low, high, 5)
    ticks = [((math.log10(one) if by_log else one) - first, f"{one:.4g}") for one in shown]
    return places[: len(texts)], tuple((place / width if high > low else 0.5, text) for place, text in ticks)


def _numbers(texts: Sequence[str]) -> np.ndarray | None:
    try:
        numbers = np.array([float(text) for text in texts])
    except ValueError:
        return None
    return numbers if np.isfinite(numbers).all() else None


WIDTH, CHART, LEFT = 900.0, 190.0, 70.0


def sheet(plan: SweepPlan, found: SweepFindings, title: str) -> Picture:
    """The whole picture: how much each setting matters, all settings side by side, and the metric over each.

    Args:
        plan: Of the sweep.
        found: What it tells.
        title: Above it.
    """
    n = len(found.axes)
    bars = 30.0 + 22.0 * n
    rows = -(-n // 2)
    picture = Picture(WIDTH, 60.0 + bars + 300.0 + rows * (CHART + 46.0))
    picture.add(Lettering(16.0, 28.0, title, "#111111", 17.0, bold=True))
    picture.add(*_bars(found, 60.0))
    picture.add(*_parallel(found, plan, 90.0 + bars))
    for place, axis in enumerate(found.axes):
        x = LEFT + (place % 2) * (WIDTH / 2)
        y = 60.0 + bars + 300.0 + (place // 2) * (CHART + 46.0)
        picture.add(*_metric_over(found, axis, x, y, WIDTH / 2 - LEFT - 30.0))
    return picture


def _bars(found: SweepFindings, y: float) -> list[Shape]:
    shapes: list[Shape] = [Lettering(16.0, y, "How much each setting matters by itself", bold=True)]
    for place, axis in enumerate(sorted(found.axes, key=lambda axis: -np.nan_to_num(axis.importance))):
        at = y + 20.0 + 22.0 * place
        shapes.append(Lettering(300.0, at + 11.0, axis.path, _TEXT, 12.0, "end"))
        if math.isfinite(axis.importance):
            shapes.append(Patch(rectangle(310.0, at, 1.0 + 420.0 * axis.importance, 14.0), _OTHER))
            shapes.append(Lettering(318.0 + 420.0 * axis.importance, at + 11.0, f"{axis.importance:.0%}", _TEXT))
        else:
            shapes.append(Lettering(310.0, at + 11.0, "too few trials to tell", _TEXT))
    return shapes


def heights(found: SweepFindings) -> tuple[np.ndarray, list[tuple[float, str]]]:
    """Where each value of the metric stands, the best at the top, what is far off at the bottom; and its numbers."""
    known = found.values[np.isfinite(found.values)]
    if not len(known):
        return np.full(len(found.values), np.nan), []
    is_loss = found.metric.endswith("loss")
    low = float(known.min() if is_loss else np.quantile(known, 0.1))
    high = float(np.quantile(known, 0.9) if is_loss else known.max())
    width = high - low or 1.0
    stands = np.clip((found.values - low) / width, 0.0, 1.0)
    ticks = [((one - low) / width, f"{one:.4g}") for one in round_numbers(low, high, 7)]
    if is_loss:
        return 1.0 - stands, [(1.0 - place, text) for place, text in ticks]
    return stands, ticks


def _parallel(found: SweepFindings, plan: SweepPlan, y: float) -> list[Shape]:
    """Every choice of settings as a line across all of them; the best tenth stands out."""
    stands, ticks = heights(found)
    columns = [(axis.path, axis.places, axis.ticks) for axis in found.axes]
    columns.append((plan.metric, stands, tuple(ticks)))
    shapes: list[Shape] = [Lettering(16.0, y, "Settings side by side, the best tenth in color", bold=True)]
    top, tall = y + 36.0, 200.0
    across = np.linspace(LEFT, WIDTH - LEFT, len(columns))
    lines = np.stack([places for _, places, _ in columns], axis=1)
    n_best = max(1, round(0.1 * int(np.isfinite(stands).sum())))
    for number in reversed(range(len(lines))):
        points = np.stack((across, top + tall * (1.0 - lines[number])), axis=1)
        best = number < n_best
        shapes.append(Stroke(points, _BEST if best else _OTHER, 1.8 if best else 0.6))
    for x, (name, _, marks) in zip(across.tolist(), columns, strict=True):
        shapes.append(Stroke(np.array([[x, top], [x, top + tall]]), _TEXT, 1.2))
        shapes.append(Lettering(x, top - 10.0, name.rpartition(".")[2], _TEXT, 11.0, "middle", bold=True))
        shapes += [
            Lettering(x + 5.0, top + tall * (1.0 - place) + 4.0, text, _TEXT, 10.0) for place, text in marks[:20]
        ]
    return shapes


def _metric_over(found: SweepFindings, axis: AxisFinding, x: float, y: float, width: float) -> list[Shape]:
    """The metric over one setting."""
    stands, ticks = heights(found)
    shapes: list[Shape] = [Lettering(x, y - 6.0, f"{found.metric} over {axis.path}", bold=True)]
    for place, text in ticks:
        at = y + CHART * (1.0 - place)
        shapes.append(Stroke(np.array([[x, at], [x + width, at]]), _GRID, 1.0))
        shapes.append(Lettering(x - 6.0, at + 4.0, text, _TEXT, 10.0, "end"))
    for place, text in axis.ticks[:20]:
        shapes.append(Lettering(x + width * place, y + CHART + 14.0, text, _TEXT, 10.0, "middle"))
    there = np.isfinite(stands)
    points = np.stack((x + width * axis.places, y + CHART * (1.0 - stands)), axis=1)[there]
    n_best = max(1, round(0.1 * int(there.sum())))
    colors = tuple(_BEST if number < n_best else _OTHER for number in range(len(points)))
    shapes.append(Spots(points[::-1], colors[::-1], 3.5))
    return [*shapes, Stroke(np.concatenate((rectangle(x, y, width, CHART), [[x, y]])), "#888888", 1.0)]
