"""What is said of a sweep: what it is about, how far it is, and its table for a person."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from dltui.core.text import safe_text

from .streams import say

if TYPE_CHECKING:
    from dltui.core.sweep.driver import Driver
    from dltui.core.sweep.folder import SweepFolder
    from dltui.core.sweep.plan import SweepPlan
    from dltui.core.sweep.table import Point
    from dltui.core.sweep.trial import TrialRow

    from ..draw.look import Look
    from ..draw.sweep_page import SweptPage

MOST_LINES = 100
"""Settings that are listed for a person."""


def say_plan(folder: SweepFolder) -> None:
    """Say what is going to be trained."""
    plan = folder.plan
    of = f"{plan.n_points} settings × {plan.n_seeds} seeds" if plan.n_seeds > 1 else f"{plan.n_points} settings"
    done = f", {len(folder.rows)} of {plan.n_trials} trials are there" if folder.rows else ""
    pruned = f", {plan.prune} gives up what falls behind" if plan.prune else ""
    say(f"{folder.id}: {of} ({plan.sampler}), ranked by {plan.metric}{pruned}{done}")


def bar_text(driver: Driver, n_new: int, elapsed_s: float) -> str:
    """What stands beside the bar."""
    from dltui.core.sweep.table import best_of

    plan, rows = driver.folder.plan, driver.folder.rows
    best = best_of(plan, rows.values())
    text = f"{len(rows)} of {plan.n_trials}"
    if best is not None:
        text += f"  best {plan.metric} {best.metrics[plan.metric]:.4g} (#{best.number})"
    left = plan.n_trials - len(rows)
    if n_new and left:
        text += f"  {duration(left * elapsed_s / n_new)} left"
    return text


def table_lines(plan: SweepPlan, rows: Iterable[TrialRow]) -> list[str]:
    """The ranking for a person, one line each."""
    from dltui.core.sweep.table import metric_names, paths_of, ranked_points

    points = ranked_points(plan, rows)
    paths = paths_of(plan)
    others = [name for name in metric_names(points) if name not in (plan.metric, "train_accuracy", "train_r2")]
    spread = ["±"] if plan.n_seeds > 1 else []
    head = ["", "trial", *(path.rpartition(".")[2] for path in paths), plan.metric, *spread, *others, "steps", "time"]
    lines = [[*head, ""]]
    lines += [_cells(plan, point, paths, others) for point in points[:MOST_LINES]]
    widths = [max(len(line[k]) for line in lines) for k in range(len(lines[0]))]
    text = ["  ".join(cell.ljust(wide) for cell, wide in zip(line, widths, strict=True)).rstrip() for line in lines]
    left = len(points) - MOST_LINES
    return [*text, f"and {left} more (-o table.csv has them all)"] if left > 0 else text


def chart_lines(plan: SweepPlan, rows: Iterable[TrialRow], columns: int, look: Look) -> list[str]:
    """What the sweep tells about its settings, as charts of text."""
    from ..draw.cells import plain
    from ..draw.sweep_page import sweep_page

    return plain(sweep_page(swept_page(plan, rows), columns, look)).splitlines()


def swept_page(plan: SweepPlan, rows: Iterable[TrialRow]) -> SweptPage:
    """What the sweep tells about its settings, to be drawn."""
    from dltui.core.sweep.findings import findings, heights
    from dltui.core.sweep.table import ranked_points

    from ..draw.sweep_page import SweptAxis, SweptPage

    found = findings(plan, ranked_points(plan, rows))
    axes = [
        SweptAxis(axis.path, axis.importance, axis.places, [(at, safe_text(text, 24)) for at, text in axis.ticks])
        for axis in found.axes
    ]
    return SweptPage(axes, SweptAxis(plan.metric, math.nan, *heights(found)))


def _cells(plan: SweepPlan, point: Point, paths: list[str], others: list[str]) -> list[str]:
    numbers = f"#{point.rows[0].number}" + (f"–{point.rows[-1].number}" if len(point.rows) > 1 else "")
    cells = [str(point.rank), numbers, *(safe_text(point.texts[path], 30) for path in paths), _figure(point.mean)]
    if plan.n_seeds > 1:
        cells.append(_figure(point.spread))
    for name in others:
        values = [row.metrics[name] for row in point.rows if math.isfinite(row.metrics.get(name, math.nan))]
        cells.append(_figure(math.fsum(values) / len(values)) if values else "-")
    steps = sum(row.step for row in point.rows)
    return [*cells, str(steps), duration(point.elapsed_s), safe_text(point.remark, 80)]


def _figure(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) else "-"


def duration(seconds: float) -> str:
    """A time for a person."""
    if seconds < 1.0:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 120.0:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200.0 else f"{seconds / 3600:.1f} h"
