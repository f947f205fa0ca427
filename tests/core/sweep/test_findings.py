"""What a sweep tells: the setting that matters is found, and every choice is drawn at its place."""

from __future__ import annotations

import math
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from sweeps import plan_of, row

from dltui.core.pictures.svg import svg_of
from dltui.core.sweep.findings import findings, heights, importance, sheet
from dltui.core.sweep.plan import SweepPlan
from dltui.core.sweep.table import Point, ranked_points

PLAN = plan_of("optimizer.learning_rate=0.0001:1:log", "network.activation=tanh,relu,gelu", n_points=60)


def points(plan: SweepPlan = PLAN, sign: float = 1.0) -> list[Point]:
    """A sweep in which the rate decides and the activation adds noise."""
    rng = np.random.default_rng(4)
    rows = []
    for number in range(60):
        power = rng.uniform(-4.0, 0.0)
        texts = {
            "optimizer.learning_rate": f"{10**power:.6g}",
            "network.activation": ["tanh", "relu", "gelu"][number % 3],
        }
        rows.append(replace(row(number, (power + 2.0) ** 2 + 0.3 * rng.random()), texts=texts))
        if plan.metric != "val_loss":
            rows[-1] = replace(rows[-1], metrics={plan.metric: sign * rows[-1].metrics["val_loss"]})
    return ranked_points(plan, rows)


def test_the_setting_that_matters_is_found() -> None:
    rate, activation = findings(PLAN, points()).axes
    assert rate.importance > 0.7 and activation.importance < 0.2
    higher = findings(replace(PLAN, metric="val_accuracy"), points(replace(PLAN, metric="val_accuracy"), -1.0))
    assert higher.axes[0].importance == pytest.approx(rate.importance)


def test_importance_is_a_share() -> None:
    groups = np.repeat(np.arange(3), 5)
    assert importance(groups, np.repeat([1.0, 2.0, 3.0], 5)) == 1.0
    assert importance(groups, np.tile(np.arange(5.0), 3)) == 0.0
    assert importance(groups, np.full(15, 2.0)) == 0.0
    assert math.isnan(importance(np.zeros(15, np.int64), np.arange(15.0)))
    assert math.isnan(importance(np.arange(2), np.arange(2.0)))
    astray = np.repeat([1.0, 2.0, np.nan], 5)
    assert importance(groups, astray) == 1.0, "what fell out is the worst, and hides nothing"


def test_values_stand_at_their_places() -> None:
    found = findings(PLAN, points())
    rate, activation = found.axes
    assert 0.0 <= rate.places.min() < 0.1 and 0.9 < rate.places.max() <= 1.0
    assert [text for _, text in activation.ticks] == ["tanh", "relu", "gelu"]
    stands, ticks = heights(found)
    assert stands[0] == 1.0 and stands.min() == 0.0 and all(0.0 <= place <= 1.0 for place, _ in ticks)


def test_the_picture_holds_every_choice_and_every_name() -> None:
    root = ElementTree.fromstring(svg_of(sheet(PLAN, findings(PLAN, points()), "A sweep"), "A sweep"))
    kinds = [element.tag.rpartition("}")[2] for element in root.iter()]
    texts = [element.text for element in root.iter() if element.tag.endswith("text")]
    assert kinds.count("circle") == 120 and kinds.count("polyline") >= 60
    assert {"optimizer.learning_rate", "network.activation", "gelu"} <= set(texts)


def test_a_sweep_without_a_figure_is_drawn_too() -> None:
    plan = plan_of("optimizer.learning_rate=1,2")
    rows = [row(k, math.nan, stopped="diverged") for k in range(2)]
    found = findings(plan, ranked_points(plan, rows))
    assert math.isnan(found.axes[0].importance) and svg_of(sheet(plan, found, "x"))
