"""Scores are scikit-learn's, beside those of a constant answer, with intervals that hold what they say."""

import math

import numpy as np
import pytest

from dltui.core import Config, Trainer
from dltui.core.training.scores import VALUE_SCORES, class_scores, confusion, per_class, value_scores

RNG = np.random.default_rng(0)


def answers(n: int, n_classes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    y = RNG.integers(0, n_classes, n)
    outputs = RNG.dirichlet(np.ones(n_classes), n) + 0.6 * np.eye(n_classes)[y]
    shares = np.arange(1.0, n_classes + 1)
    return y, outputs / outputs.sum(axis=1, keepdims=True), shares / shares.sum()


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


@pytest.mark.parametrize("n_classes", [2, 3, 7])
def test_classes_equal_scikit_learn(n_classes: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    y, outputs, shares = answers(200, n_classes)
    guess, constant = outputs.argmax(axis=1), np.full(200, n_classes - 1)
    scores = {score.name: score for score in class_scores(y, outputs, shares)}
    for name, function in (
        ("accuracy", metrics.accuracy_score),
        ("balanced_accuracy", metrics.balanced_accuracy_score),
        ("f1_macro", lambda truth, found: metrics.f1_score(truth, found, average="macro", zero_division=0)),
    ):
        assert scores[name].value == pytest.approx(function(y, guess))
        assert scores[name].baseline == pytest.approx(function(y, constant))
    assert scores["log_loss"].value == pytest.approx(metrics.log_loss(y, outputs))
    table = confusion(y, guess, n_classes)
    np.testing.assert_array_equal(table, metrics.confusion_matrix(y, guess))
    expected = metrics.precision_recall_fscore_support(y, guess, zero_division=0)
    for ours, theirs in zip(per_class(table), expected[:3], strict=True):
        np.testing.assert_allclose(ours, theirs)


@pytest.mark.parametrize("n_outputs", [1, 3])
def test_values_equal_scikit_learn(n_outputs: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    y = RNG.normal(size=(100, n_outputs)) * np.array([1.0, 100.0, 1e4])[:n_outputs] + 1e6
    guess = y + RNG.normal(size=y.shape) * 0.3 * y.std(axis=0)
    scores = {score.name: score for score in value_scores(y, guess, y.mean(axis=0))}
    assert scores["r2"].value == pytest.approx(metrics.r2_score(y, guess))
    assert scores["mean_absolute_error"].value == pytest.approx(metrics.mean_absolute_error(y, guess))
    assert scores["root_mean_squared_error"].value == pytest.approx(metrics.root_mean_squared_error(y, guess))


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
