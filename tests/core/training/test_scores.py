"""Scores are scikit-learn's, beside those of a constant answer, with intervals that hold what they say."""

import json
import math
from importlib.util import find_spec

import numpy as np
import pytest
from references.make_scores import CLASSES, FILE, OUTPUTS, class_answers, record, value_answers

from dltui.core import Config, Trainer
from dltui.core.training.scores import VALUE_SCORES, class_scores, confusion, per_class, value_scores

RNG = np.random.default_rng(0)
SCIKIT_LEARN = json.loads(FILE.read_text())
"""What it says, as recorded by `make_scores.py`; derived anew where it is installed."""


def test_by_hand() -> None:
    y = np.array([0, 0, 0, 1])
    outputs = np.array([[0.9, 0.1], [0.8, 0.2], [0.4, 0.6], [0.3, 0.7]])
    scores = {score.name: score for score in class_scores(y, outputs, np.array([0.75, 0.25]))}
    assert scores["accuracy"].value == 0.75
    assert scores["accuracy"].baseline == 0.75
    assert scores["balanced_accuracy"].value == pytest.approx((2 / 3 + 1) / 2)
    assert scores["balanced_accuracy"].baseline == 0.5
    assert scores["f1_macro"].value == pytest.approx((0.8 + 2 / 3) / 2)
    assert scores["log_loss"].value == pytest.approx(-np.log([0.9, 0.8, 0.4, 0.7]).mean())
    assert scores["log_loss"].baseline == pytest.approx(-(3 * math.log(0.75) + math.log(0.25)) / 4)
    values = {s.name: s for s in value_scores(np.array([[1.0], [3.0]]), np.array([[2.0], [3.0]]), np.array([2.0]))}
    assert [values[name].value for name in VALUE_SCORES] == pytest.approx([0.5, 0.5, 0.5**0.5])
    assert [values[name].baseline for name in VALUE_SCORES] == [0.0, 1.0, 1.0]
    assert [score.lower_is_better for score in values.values()] == [False, True, True]


@pytest.mark.parametrize("n_classes", CLASSES)
def test_classes_equal_scikit_learn(n_classes: int) -> None:
    theirs = SCIKIT_LEARN[f"{n_classes} classes"]
    y, outputs, shares = class_answers(n_classes)
    scores = {score.name: score for score in class_scores(y, outputs, shares)}
    assert {name: scores[name].value for name in theirs["value"]} == pytest.approx(theirs["value"])
    assert {name: scores[name].baseline for name in theirs["baseline"]} == pytest.approx(theirs["baseline"])
    table = confusion(y, outputs.argmax(axis=1), n_classes)
    np.testing.assert_array_equal(table, theirs["confusion"])
    for ours, column in zip(per_class(table), theirs["per_class"], strict=True):
        np.testing.assert_allclose(ours, column)


@pytest.mark.parametrize("n_outputs", OUTPUTS)
def test_values_equal_scikit_learn(n_outputs: int) -> None:
    theirs = SCIKIT_LEARN[f"{n_outputs} values"]["value"]
    y, guess = value_answers(n_outputs)
    scores = {score.name: score.value for score in value_scores(y, guess, y.mean(axis=0))}
    assert {name: scores[name] for name in theirs} == pytest.approx(theirs)


def test_the_record_is_what_scikit_learn_says_today() -> None:
    assert set(SCIKIT_LEARN) == {f"{n} classes" for n in CLASSES} | {f"{n} values" for n in OUTPUTS}
    if find_spec("sklearn") is None:
        return
    for case, today in record().items():
        for what, figures in today.items():
            recorded = SCIKIT_LEARN[case][what]
            if isinstance(figures, dict):
                assert figures == pytest.approx(recorded)
            else:
                np.testing.assert_allclose(figures, recorded)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    hits = 0
    for trial in range(60):
        rng = np.random.default_rng(trial)
        y = rng.integers(0, 2, 80)
        right = rng.random(80) < 0.7
        outputs = np.eye(2)[np.where(right, y, 1 - y)] * 0.8 + 0.1
        score = class_scores(y, outputs, np.array([0.5, 0.5]), intervals=True)[0]
        assert score.low <= score.value <= score.high
        hits += score.low <= 0.7 <= score.high
    assert hits >= 52
    truth = RNG.normal(size=(50, 1))
    for score in value_scores(truth, truth + 0.5 * RNG.normal(size=truth.shape), np.zeros(1), intervals=True):
        assert score.low < score.value < score.high


def test_a_run_has_scores_in_the_unit_of_its_data() -> None:
    trainer = Trainer(
        Config.from_dict({"data": {"name": "iris"}, "optimizer": {"name": "adam", "learning_rate": 0.05}})
    )
    trainer.advance(300)
    scores = {score.name: score.value for score in trainer.scores("val")}
    assert scores["accuracy"] == pytest.approx(trainer.evaluate("val")["accuracy"])
    assert scores["log_loss"] == pytest.approx(trainer.evaluate("val")["loss"], rel=1e-4)
    both = {"data": {"name": "diabetes", "target_scaler": "standardize"}, "optimizer": {"name": "adam"}}
    trainer = Trainer(Config.from_dict(both))
    trainer.advance(300)
    values = {score.name: score for score in trainer.scores("val")}
    assert values["r2"].value == pytest.approx(trainer.evaluate("val")["r2"], rel=1e-4)
    y, data = trainer.data.in_unit(trainer.data.y_val), trainer.data
    assert values["mean_absolute_error"].baseline == pytest.approx(
        np.abs(y - data.in_unit(data.y_train).mean(axis=0)).mean(), rel=1e-5
    )
    assert values["root_mean_squared_error"].value < values["root_mean_squared_error"].baseline * 1.5
    assert Trainer(Config.from_dict({"data": {"name": "iris", "val_fraction": 0.0}})).scores("val") == ()
