"""What an evaluation says is so: scores, confusions, classes, certainty, and the rows that are worst."""

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dltui.core import ConfigError, Trainer, load_preset
from dltui.core.predict import Predictor
from dltui.core.predict.evaluation import evaluate_part, evaluate_table
from dltui.core.tables.reading.read import read_table


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    rows = [f"{a:.3f},{b:.3f},{'pos' if a + b + rng.normal() > 0 else 'neg'}" for a, b in rng.normal(size=(150, 2))]
    path = tmp_path / "table.csv"
    path.write_text("a,b|c,sign\n" + "\n".join([*rows, "1.0,2.0,"]) + "\n", encoding="utf-8")
    return path


def predictor_of(path: Path, **data: str) -> Predictor:
    trainer = Trainer(load_preset(path).with_changes({f"data.{key}": value for key, value in data.items()}))
    trainer.advance(300)
    return Predictor.of(trainer)


def test_classes(table: Path) -> None:
    predictor = predictor_of(table)
    rows = read_table(table)
    found = evaluate_table(predictor, rows)
    guess = predictor.predict(table)
    truth = np.array([0 if rows.columns[2].text_at(i) == "neg" else 1 for i in range(150)])
    right = guess.classes[:150] == truth
    assert found.n == 150
    assert found.scores[0].value == pytest.approx(right.mean())
    assert found.scores[0].low < right.mean() < found.scores[0].high
    assert np.array(found.confusion).sum() == 150
    assert np.trace(found.confusion) == right.sum()
    assert [one.name for one in found.classes] == ["neg", "pos"]
    assert sum(one.n for one in found.calibration) == 150
    for one in found.calibration:
        assert one.low <= one.confidence <= one.high + 1e-9
    worst = found.worst[0]
    row = worst.line - 2
    assert worst.badness == pytest.approx(guess.outputs[np.arange(150), truth].min())
    assert worst.cells["a"] == rows.columns[0].text_at(row)
    assert (worst.truth, worst.predicted) == (("neg", "pos")[truth[row]], guess.labels[row])
    assert [one.badness for one in found.worst] == sorted(one.badness for one in found.worst)


def test_values(table: Path) -> None:
    predictor = predictor_of(table, target="b|c", drop="sign")
    found = evaluate_table(predictor, read_table(table))
    assert (found.task, found.n, found.confusion, found.calibration) == ("values", 151, (), ())
    assert [one.badness for one in found.worst] == sorted((one.badness for one in found.worst), reverse=True)
    assert json.loads(json.dumps(found.to_plain()))["scores"][0]["name"] == "r2"


def test_the_validation_rows(table: Path) -> None:
    trainer = Trainer(load_preset(table))
    trainer.advance(300)
    data = trainer.data
    found = evaluate_part(Predictor.of(trainer), data.x_val, data.y_val, "the validation rows")
    assert found.n == data.n_val
    assert found.scores[0].value == pytest.approx(trainer.evaluate("val")["accuracy"])


def test_a_file_without_answers_is_refused(table: Path, tmp_path: Path) -> None:
    predictor = predictor_of(table)
    later = tmp_path / "later.csv"
    later.write_text("a,b|c,sign\n" + "1.5,2.5,\n" * 5, encoding="utf-8")
    with pytest.raises(ConfigError, match="no row with a target"):
        evaluate_table(predictor, read_table(later))
    later.write_text("a,b|c\n" + "1.5,2.5\n" * 5, encoding="utf-8")
    with pytest.raises(ConfigError, match="'sign' is a column"):
        evaluate_table(predictor, read_table(later))


def scores_of_values(truth: np.ndarray, answers: np.ndarray) -> dict[str, float]:
    """By their definitions."""
    off = answers - truth
    return {
        "r2": float(1.0 - (off**2).sum() / ((truth - truth.mean()) ** 2).sum()),
        "mean_absolute_error": float(np.abs(off).mean()),
        "root_mean_squared_error": float((off**2).mean() ** 0.5),
    }


def scores_of_classes(names: np.ndarray, labels: np.ndarray, shares: np.ndarray) -> dict[str, float]:
    """By their definitions; the shares are those of the classes in the order of their names."""
    classes = sorted(set(names))
    recall = [float((labels[names == one] == one).mean()) for one in classes]
    f1 = [
        2.0 * ((names == one) & (labels == one)).sum() / ((names == one).sum() + (labels == one).sum())
        for one in classes
    ]
    own = shares[np.arange(len(names)), [classes.index(one) for one in names]] / shares.sum(axis=1)
    return {
        "accuracy": float((names == labels).mean()),
        "balanced_accuracy": float(np.mean(recall)),
        "f1_macro": float(np.mean(f1)),
        "log_loss": float(-np.log(own).mean()),
    }


def sklearn_of_values(truth: np.ndarray, answers: np.ndarray) -> dict[str, float]:
    """By scikit-learn."""
    from sklearn import metrics

    return {
        "r2": metrics.r2_score(truth, answers),
        "mean_absolute_error": metrics.mean_absolute_error(truth, answers),
        "root_mean_squared_error": metrics.mean_squared_error(truth, answers) ** 0.5,
    }


def sklearn_of_classes(names: np.ndarray, labels: np.ndarray, shares: np.ndarray) -> dict[str, float]:
    """By scikit-learn."""
    from sklearn import metrics

    return {
        "accuracy": metrics.accuracy_score(names, labels),
        "balanced_accuracy": metrics.balanced_accuracy_score(names, labels),
        "f1_macro": metrics.f1_score(names, labels, average="macro"),
        "log_loss": metrics.log_loss(names, shares / shares.sum(axis=1, keepdims=True)),
    }


REFERENCES = {"definitions": (scores_of_values, scores_of_classes)} | (
    {"scikit-learn": (sklearn_of_values, sklearn_of_classes)} if find_spec("sklearn") is not None else {}
)


@pytest.mark.parametrize(("of_values", "of_classes"), REFERENCES.values(), ids=REFERENCES)
@pytest.mark.parametrize("data", [{}, {"target": "b|c", "drop": "sign"}], ids=["classes", "values"])
def test_an_evaluation_of_a_file_equals_scikit_learn(
    table: Path, data: dict[str, str], of_values: Callable[..., Any], of_classes: Callable[..., Any]
) -> None:
    predictor, rows = predictor_of(table, **data), read_table(table)
    found, guess = evaluate_table(predictor, rows), predictor.predict(table)
    scores = {score.name: score.value for score in found.scores}
    if found.task == "values":
        truth = np.array([float(rows.columns[1].text_at(i)) for i in range(found.n)])
        theirs = of_values(truth, guess.outputs[:, 0].astype(np.float64))
    else:
        names = np.array([rows.columns[2].text_at(i) for i in range(found.n)])
        labels, answers = np.array(guess.labels[: found.n]), guess.outputs[: found.n].astype(np.float64)
        theirs = of_classes(names, labels, answers)
        classes = sorted(set(names))
        pairs = [[((names == one) & (labels == other)).sum() for other in classes] for one in classes]
        np.testing.assert_array_equal(found.confusion, pairs)
        if find_spec("sklearn") is not None:
            from sklearn import metrics

            np.testing.assert_array_equal(found.confusion, metrics.confusion_matrix(names, labels))
    assert scores == pytest.approx(theirs, rel=1e-5)
