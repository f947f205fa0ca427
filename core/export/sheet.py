"""The picture of a run: its curves one above the other with the marks, and beside them what its network answers.

What a network answers over a plane or a line is drawn where the data is at hand; otherwise the curves stand alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import ConfigError
from ..observe.probes import decision_map, fit_curve
from ..pictures.answers import fit_shapes, map_shapes
from ..pictures.chart import ChartBox, PlottedCurve, chart_shapes
from ..pictures.shapes import Lettering, Picture, Shape
from ..snapshot import Event
from ..training.bookmark import Bookmark, without_jump
from ..training.history import COUNT, FIRST, HIGH, LOW, SUM, BoundedSeries
from ..training.trainer import Trainer
from .base import ExportedRun

CHART = (760.0, 220.0)
"""Width and height of a chart."""
SIDE = 420.0
"""Width and height of the answers."""
_COLORS = {"train": "#2f7cd6", "val": "#d55e00"}
_OTHERS = ("#009e73", "#cc79a7", "#882255", "#44aa99")
_TITLE, _LINE, _MOST_MARKS = 40.0, 17.0, 14


def trainer_of(run: ExportedRun) -> Trainer:
    """A trainer at the state of a run, with its data.

    Raises:
        ConfigError: The data cannot be read, or has changed since.
    """
    bookmark = run.bookmark
    state = bookmark.state.copy()
    trainer = Trainer(without_jump(run.config))
    if trainer.data.digest != state.data.digest:
        raise ConfigError("was made with data that have since changed", field="the run")
    state.data = trainer.data
    trainer.return_to(Bookmark(state, bookmark.history, bookmark.events))
    return trainer


def run_sheet(run: ExportedRun) -> Picture:
    """The whole picture."""
    try:
        answers = answer_shapes(trainer_of(run), CHART[0] + 70.0, _TITLE + 26.0)
    except ConfigError:  # the data is not at hand: the curves are
        answers = []
    groups = _groups(run)
    marks = [event for event in run.events if event.kind not in ("start", "note")]
    lines = mark_lines(marks)
    height = _TITLE + CHART[1] * len(groups) + _LINE * len(lines) + 20.0
    picture = Picture(CHART[0] + (SIDE + 90.0 if answers else 0.0), max(height, SIDE + 110.0 if answers else 0.0))
    picture.add(Lettering(16.0, 28.0, f"{run.title}, step {run.bookmark.state.step:,}", "#111111", 17.0, bold=True))
    steps = [step for _, curves in groups for curve in curves for step in curve.steps.tolist()]
    first, last = (min(steps), max(max(steps), run.bookmark.state.step)) if steps else (0, 1)
    for place, (title, curves) in enumerate(groups):
        box = ChartBox(0.0, _TITLE + CHART[1] * place, *CHART, first, last)
        picture.add(*chart_shapes(box, title, curves, [event.step for event in marks]))
    for place, line in enumerate(lines):
        picture.add(Lettering(62.0, _TITLE + CHART[1] * len(groups) + 14.0 + _LINE * place, line, "#444444", 12.0))
    picture.add(*answers)
    return picture


def answer_shapes(trainer: Trainer, x: float, y: float) -> list[Shape]:
    """What the network answers over its plane or line; nothing where its inputs are neither."""
    found = decision_map(trainer)
    if found is not None:
        return map_shapes(found, x, y, SIDE)
    fit = fit_curve(trainer)
    return [] if fit is None else fit_shapes(fit, x, y, SIDE, SIDE * 0.75)


def mark_lines(marks: Sequence[Event]) -> list[str]:
    """The marks as lines of text."""
    lines = [f"step {event.step:,}: {event.text}" for event in marks[:_MOST_MARKS]]
    left = len(marks) - len(lines)
    return [*lines, f"and {left} more"] if left else lines


def _groups(run: ExportedRun) -> list[tuple[str, list[PlottedCurve]]]:
    """(quantity, its curves), the loss first."""
    groups: dict[str, list[PlottedCurve]] = {}
    for name, series in run.history.series.items():
        part, _, quantity = name.partition("_")
        if part in _COLORS and quantity:
            groups.setdefault(quantity, []).append(_plotted(part, series, _COLORS[part]))
        else:
            color = _OTHERS[len(groups) % len(_OTHERS)]
            groups.setdefault(name, []).append(_plotted(name, series, color))
    ordered = sorted(groups, key=lambda quantity: (quantity != "loss", "rate" in quantity, quantity))
    return [(quantity.replace("_", " "), sorted(groups[quantity], key=lambda one: one.name)) for quantity in ordered]


def _plotted(name: str, series: BoundedSeries, color: str) -> PlottedCurve:
    used = series.used
    mean = used[:, SUM] / np.maximum(used[:, COUNT], 1.0)
    return PlottedCurve(name, used[:, FIRST].astype(np.int64), mean, used[:, LOW], used[:, HIGH], color)
