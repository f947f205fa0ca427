"""Record what scikit-learn's metrics say of made-up answers: `python make_scores.py` writes scores.json beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).with_name("scores.json")
CLASSES = (2, 3, 7)
"""Numbers of classes."""
OUTPUTS = (1, 3)
"""Numbers of values."""


def class_answers(n_classes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Classes of 200 rows, probabilities that are right more often than not, and shares that favor the last class."""
    rng = np.random.default_rng(n_classes)
    y = rng.integers(0, n_classes, 200)
    outputs = rng.dirichlet(np.ones(n_classes), 200) + 0.6 * np.eye(n_classes)[y]
    shares = np.arange(1.0, n_classes + 1)
    return y, outputs / outputs.sum(axis=1, keepdims=True), shares / shares.sum()


def value_answers(n_outputs: int) -> tuple[np.ndarray, np.ndarray]:
    """Values of 100 rows, far from 0 and of very different spread, and answers near them."""
    rng = np.random.default_rng(n_outputs)
    y = rng.normal(size=(100, n_outputs)) * np.array([1.0, 100.0, 1e4])[:n_outputs] + 1e6
    return y, y + rng.normal(size=y.shape) * 0.3 * y.std(axis=0)


def record() -> dict[str, dict[str, Any]]:
    """Kind and size of a case -> what scikit-learn says of it."""
    from sklearn import metrics

    def of_classes(n_classes: int) -> dict[str, Any]:
        y, outputs, _ = class_answers(n_classes)
        guess, constant = outputs.argmax(axis=1), np.full(len(y), n_classes - 1)
        each = {
            "accuracy": metrics.accuracy_score,
            "balanced_accuracy": metrics.balanced_accuracy_score,
            "f1_macro": lambda truth, found: metrics.f1_score(truth, found, average="macro", zero_division=0),
        }
        per_class = metrics.precision_recall_fscore_support(y, guess, zero_division=0)[:3]
        return {
            "value": {name: float(score(y, guess)) for name, score in each.items()}
            | {"log_loss": float(metrics.log_loss(y, outputs))},
            "baseline": {name: float(score(y, constant)) for name, score in each.items()},
            "confusion": metrics.confusion_matrix(y, guess).tolist(),
            "per_class": [column.tolist() for column in per_class],
        }

    def of_values(n_outputs: int) -> dict[str, Any]:
        y, guess = value_answers(n_outputs)
        scores = {
            "r2": metrics.r2_score,
            "mean_absolute_error": metrics.mean_absolute_error,
            "root_mean_squared_error": metrics.root_mean_squared_error,
        }
        return {"value": {name: float(score(y, guess)) for name, score in scores.items()}}

    return {f"{n} classes": of_classes(n) for n in CLASSES} | {f"{n} values": of_values(n) for n in OUTPUTS}


if __name__ == "__main__":
    FILE.write_text(json.dumps(record()) + "\n", encoding="utf-8")
