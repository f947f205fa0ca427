"""The table of a sweep: settings in the order of how well they did, each with the spread over its seeds.

What is written to a file says nothing of clocks, so that it is the same byte for byte whoever trained the trials. The
cost of a trial stands there as steps and weights; the seconds are for the screen and for `--json`.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .plan import SweepPlan
from .trial import DIVERGED, TrialRow


@dataclass(frozen=True)
class Point:
    """One choice of settings, and what its trials came to."""

    rank: int
    """From 1."""
    number: int
    """Its place in the order in which settings were chosen, from 0."""
    texts: Mapping[str, str]
    """What differs."""
    mean: float
    """Of the metric over the seeds that have one; not a number where none has."""
    spread: float
    """Standard deviation over the seeds; not a number for fewer than two."""
    rows: tuple[TrialRow, ...]
    """By the number of the trial."""

    @property
    def elapsed_s(self) -> float:
        """Time of all its trials."""
        return math.fsum(row.elapsed_s for row in self.rows)

    @property
    def remark(self) -> str:
        """What a person should know of it, in a few words; "" for nothing."""
        words = {}
        for row in self.rows:
            if not row.trained:
                what = f"{row.stopped} at step {row.step}" if row.stopped == DIVERGED else row.stopped
                text = f"{what}: {row.reason}" if row.reason and row.stopped != DIVERGED else what
                words[row.stopped] = text
        marks = {row.mark for row in self.rows if row.mark}
        n = sum(not row.trained for row in self.rows)
        of = f"{n} of {len(self.rows)} " if n and len(self.rows) > 1 else ""
        return "; ".join([of + ", ".join(words.values())] * bool(words) + sorted(marks))


def ranked_points(plan: SweepPlan, rows: Iterable[TrialRow]) -> list[Point]:
    """The best first: whole ones, then those of which a seed fell out, then those without a figure."""
    groups: dict[int, list[TrialRow]] = {}
    for row in sorted(rows, key=lambda row: row.number):
        groups.setdefault(row.point, []).append(row)
    points = [_point(plan.metric, of_point) for of_point in groups.values()]
    sign = 1.0 if plan.metric.endswith("loss") else -1.0

    def place(point: Point) -> tuple[int, float, int]:
        known = math.isfinite(point.mean)
        fallen = 2 if not known else int(not all(row.trained for row in point.rows))
        return fallen, sign * point.mean if known else 0.0, point.number

    points.sort(key=place)
    return [Point(rank, one.number, one.texts, one.mean, one.spread, one.rows) for rank, one in enumerate(points, 1)]


def csv_of(plan: SweepPlan, rows: Iterable[TrialRow]) -> str:
    """The table, a trial a line, numbers in full."""
    points = ranked_points(plan, rows)
    paths, names = paths_of(plan), metric_names(points)
    head = ["rank", "trial", *paths, "seed", *names, f"{plan.metric}_mean", f"{plan.metric}_std"]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*head, "steps", "weights", "stopped", "reason", "digest", "data", "mark"])
    for point in points:
        for row in point.rows:
            writer.writerow(
                [
                    point.rank,
                    row.number,
                    *(row.texts[path] for path in paths),
                    row.seed,
                    *(_number(row.metrics.get(name, math.nan)) for name in names),
                    _number(point.mean),
                    _number(point.spread),
                    row.step,
                    row.weights,
                    row.stopped,
                    row.reason,
                    row.digest,
                    row.data,
                    row.mark,
                ]
            )
    return text.getvalue()


def json_of(sweep: str, plan: SweepPlan, rows: Iterable[TrialRow]) -> dict[str, object]:
    """The object that `--json` prints."""
    points = ranked_points(plan, rows)
    return {
        "sweep": sweep,
        "preset": plan.source,
        "metric": plan.metric,
        "sampler": plan.sampler,
        "trials": plan.n_trials,
        "seeds": plan.n_seeds,
        "rows": [_row(point, row) for point in points for row in point.rows],
        "points": [_summary(point) for point in points],
    }


def paths_of(plan: SweepPlan) -> list[str]:
    """The settings that differ."""
    return [axis.path for axis in plan.axes]


def metric_names(points: Sequence[Point]) -> list[str]:
    """The metrics there are, in the order of the alphabet."""
    return sorted({name for point in points for row in point.rows for name in row.metrics})


def best_of(plan: SweepPlan, rows: Iterable[TrialRow]) -> TrialRow | None:
    """The trial with the best figure; None while there is none."""
    known = [row for row in rows if math.isfinite(row.score(plan.metric))]
    return min(known, key=lambda row: (not row.trained, row.score(plan.metric), row.number), default=None)


def _point(metric: str, rows: Sequence[TrialRow]) -> Point:
    values = [row.metrics[metric] for row in rows if math.isfinite(row.score(metric))]
    mean = math.fsum(values) / len(values) if values else math.nan
    spread = math.nan
    if len(values) > 1:
        spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))
    return Point(0, rows[0].point, rows[0].texts, mean, spread, tuple(rows))


def _row(point: Point, row: TrialRow) -> dict[str, object]:
    return {
        "rank": point.rank,
        "trial": row.number,
        "settings": dict(row.texts),
        "seed": row.seed,
        "metrics": {name: _plain(value) for name, value in row.metrics.items()},
        "step": row.step,
        "epoch": row.epoch,
        "weights": row.weights,
        "stopped": row.stopped,
        "reason": row.reason,
        "mark": row.mark,
        "elapsed_s": round(row.elapsed_s, 6),
        "digest": row.digest or None,
    }


def _summary(point: Point) -> dict[str, object]:
    return {
        "rank": point.rank,
        "settings": dict(point.texts),
        "trials": [row.number for row in point.rows],
        "mean": _plain(point.mean),
        "std": _plain(point.spread),
        "elapsed_s": round(point.elapsed_s, 6),
    }


def _plain(value: float) -> float | None:
    """A number for JSON, which knows no NaN."""
    return value if math.isfinite(value) else None


def _number(value: float) -> str:
    return repr(value) if math.isfinite(value) else ""
