"""What a prediction is worth: the figures a user asks for, each beside what a constant answer gets.

The definitions are scikit-learn's. The constant answer is the largest class (for the log loss: the shares of the
classes) or the mean, both of the training rows. An interval is where the figure would fall in 95 of 100 draws of as
many rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..snapshot import Score

N_DRAWS = 1000
_FEWER_DRAWS, _MANY_ROWS = 200, 20_000
_SMALLEST = 1e-15
"""Probabilities are kept so far from 0, so that the log loss stays finite."""

CLASS_SCORES = ("accuracy", "balanced_accuracy", "f1_macro", "log_loss")
VALUE_SCORES = ("r2", "mean_absolute_error", "root_mean_squared_error")


def class_scores(
    y: np.ndarray, probabilities: np.ndarray, shares: np.ndarray, intervals: bool = False
) -> tuple[Score, ...]:
    """The figures of probabilities of classes.

    Args:
        y: True classes, int64 (n,).
        probabilities: (n, n_classes).
        shares: Share of each class among the training rows, (n_classes,).
        intervals: Whether to draw rows for the intervals.
    """
    n_classes = probabilities.shape[1]
    counts = confusion(y, probabilities.argmax(axis=1), n_classes)
    constant = confusion(y, np.full(len(y), int(np.argmax(shares))), n_classes)
    losses = _surprise(y, probabilities)
    values = (*_of_confusion(counts[None])[:, 0].tolist(), float(losses.mean()))
    base = (
        *_of_confusion(constant[None])[:, 0].tolist(),
        float(_surprise(y, shares[None, :].repeat(len(y), 0)).mean()),
    )
    if not intervals:
        return tuple(map(Score, CLASS_SCORES, values, base))
    rng, n_draws = np.random.default_rng(0), _n_draws(len(y))
    drawn = _of_confusion(_drawn_confusions(counts, n_draws, rng))
    sums = np.stack([weights @ losses for weights in _weights(len(y), n_draws, rng)]) / len(y)
    ranges = np.quantile(np.vstack((drawn, sums)), (0.025, 0.975), axis=1)
    return tuple(map(Score, CLASS_SCORES, values, base, *ranges.tolist()))


def value_scores(y: np.ndarray, predicted: np.ndarray, mean: np.ndarray, intervals: bool = False) -> tuple[Score, ...]:
    """The figures of predicted values, the plain mean over the outputs.

    Args:
        y: True values in their unit, (n, n_outputs).
        predicted: Like `y`.
        mean: Of each output over the training rows, (n_outputs,).
        intervals: Whether to draw rows for the intervals.
    """
    y, errors = y.astype(np.float64), predicted.astype(np.float64) - y
    even = np.full((1, len(y)), 1.0)
    values = _of_errors(y, errors, even)[:, 0].tolist()
    base = _of_errors(y, mean[None, :] - y, even)[:, 0].tolist()
    if not intervals:
        return tuple(map(Score, VALUE_SCORES, values, base))
    n_draws = _n_draws(len(y))
    weights = _weights(len(y), n_draws, np.random.default_rng(0))
    drawn = np.concatenate([_of_errors(y, errors, one[None]) for one in weights], axis=1)
    ranges = np.nanquantile(drawn, (0.025, 0.975), axis=1)
    return tuple(map(Score, VALUE_SCORES, values, base, *ranges.tolist()))


def confusion(y: np.ndarray, predicted: np.ndarray, n_classes: int) -> np.ndarray:
    """Rows of each true class (down) that were predicted as each class (across): int64 (n_classes, n_classes)."""
    flat = np.bincount(y * n_classes + predicted, minlength=n_classes * n_classes)
    return flat.reshape(n_classes, n_classes).astype(np.int64)


def per_class(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision, recall and F1 of each class, 0 where a class is never predicted or never there.

    Args:
        counts: Confusions, (..., n_classes, n_classes).
    """
    right = np.diagonal(counts, axis1=-2, axis2=-1).astype(np.float64)
    precision = _share(right, counts.sum(axis=-2))
    recall = _share(right, counts.sum(axis=-1))
    return precision, recall, _share(2.0 * right, counts.sum(axis=-2) + counts.sum(axis=-1))


def _of_confusion(counts: np.ndarray) -> np.ndarray:
    """Accuracy, balanced accuracy and macro F1 of confusions (draws, n, n): (3, draws)."""
    _, recall, f1 = per_class(counts)
    right = np.diagonal(counts, axis1=1, axis2=2).sum(axis=1)
    there = counts.sum(axis=2) > 0
    known = there | (counts.sum(axis=1) > 0)
    return np.stack(
        (
            right / counts.sum(axis=(1, 2)),
            (recall * there).sum(axis=1) / there.sum(axis=1),
            (f1 * known).sum(axis=1) / known.sum(axis=1),
        )
    )


def _of_errors(y: np.ndarray, errors: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """R², MAE and RMSE under weights of the rows (draws, n): (3, draws)."""
    total = weights.sum(axis=1)[:, None]
    squares, sizes = weights @ errors**2 / total, weights @ np.abs(errors) / total
    middle = weights @ y / total
    spread = np.stack([one @ (y - center) ** 2 for one, center in zip(weights, middle, strict=True)]) / total
    varies = spread > 0.0
    r2 = np.where(varies, 1.0 - squares / np.where(varies, spread, 1.0), (squares == 0.0).astype(np.float64))
    r2 = r2.mean(axis=1) if len(y) > 1 else np.full(len(weights), np.nan)
    return np.stack((r2, sizes.mean(axis=1), np.sqrt(squares).mean(axis=1)))


def _surprise(y: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Minus the logarithm of the probability of each true class."""
    exact = np.clip(probabilities.astype(np.float64), _SMALLEST, 1.0)
    exact /= exact.sum(axis=1, keepdims=True)
    result: np.ndarray = -np.log(exact[np.arange(len(y)), y])
    return result


def _drawn_confusions(counts: np.ndarray, n_draws: int, rng: np.random.Generator) -> np.ndarray:
    """Confusions of as many rows drawn again: rows of one cell are alike, so cells are drawn."""
    places = np.flatnonzero(counts)
    drawn = np.zeros((n_draws, counts.size), np.int64)
    drawn[:, places] = rng.multinomial(counts.sum(), counts.ravel()[places] / counts.sum(), n_draws)
    return drawn.reshape(n_draws, *counts.shape)


def _weights(n: int, n_draws: int, rng: np.random.Generator) -> Sequence[np.ndarray]:
    """How often each row is drawn, one array a draw."""
    return [np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64) for _ in range(n_draws)]


def _n_draws(n: int) -> int:
    return N_DRAWS if n <= _MANY_ROWS else _FEWER_DRAWS


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    share: np.ndarray = part / np.maximum(whole, 1)
    return share
