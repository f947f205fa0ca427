"""Losses, with the gradient of their mean by the outputs, as PyTorch documents them.

Targets are (n, outputs): one-hot for classes (shares after mixup or label smoothing), one column of class 1 for a
single output. With class weights cross-entropy is Σ w t (-log p) over the weight of the batch, which is that of the
classes *before* their labels are smoothed (PyTorch's `CrossEntropyLoss(weight=…, label_smoothing=…)`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

Array = np.ndarray


def _log_softmax(x: Array) -> Array:
    below = x - x.max(axis=1, keepdims=True)
    return below - np.log(np.exp(below).sum(axis=1, keepdims=True))


def _cross_entropy(x: Array, t: Array, hard: Array, weights: Array | None) -> tuple[float, Array, float]:
    w = np.ones(x.shape[1]) if weights is None else weights
    total = float((hard * w).sum())
    if total == 0.0:
        return 0.0, np.zeros_like(x), 0.0
    log_p = _log_softmax(x)
    wanted = t * w
    gradient = np.exp(log_p) * wanted.sum(axis=1, keepdims=True) - wanted
    return -float((wanted * log_p).sum()) / total, gradient / total, total


def _weighted_binary(x: Array, t: Array, hard: Array, weights: Array) -> tuple[float, Array, float]:
    """Cross-entropy of the two logits 0 and x; the slope of the second is the slope of x."""
    both, both_hard = (np.hstack([1.0 - share, share]) for share in (t, hard))
    loss, gradient, total = _cross_entropy(np.hstack([np.zeros_like(x), x]), both, both_hard, weights)
    return loss, gradient[:, 1:], total


def _hinge(x: Array, t: Array, margin: float) -> tuple[float, Array]:
    """Each class with a share is the true one in turn, with that share."""
    n, n_classes = x.shape
    loss, gradient = 0.0, np.zeros_like(x)
    for y in range(n_classes):
        missing = margin - x[:, y : y + 1] + x
        missing[:, y] = 0.0
        share = t[:, y : y + 1]
        loss += float((share * np.maximum(missing, 0)).sum())
        push = share * (missing > 0)
        push[:, y] = 0.0
        gradient += push
        gradient[:, y] -= push.sum(axis=1)
    return loss / (n * n_classes), gradient / (n * n_classes)


def loss_of(
    name: str, x: Array, t: Array, settings: Mapping[str, Any], hard: Array | None = None, weights: Array | None = None
) -> tuple[float, Array, float]:
    """(mean loss, its gradient by the outputs, weight of the batch).

    Args:
        name: A loss.
        x: Outputs (n, outputs).
        t: Targets.
        settings: Of the loss.
        hard: Targets before smoothing; None where they are not smoothed.
        weights: One a class; None for equal ones.
    """
    hard, n = t if hard is None else hard, len(x)
    d = x - t
    match name:
        case "cross_entropy":
            return _cross_entropy(x, t, hard, weights)
        case "binary_cross_entropy":
            softplus = np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
            p = 0.5 + 0.5 * np.tanh(x / 2)
            if weights is not None:
                return _weighted_binary(x, t, hard, weights)
            return float((softplus - t * x).mean()), (p - t) / x.size, n
        case "mse":
            return float((d**2).mean()), 2 * d / d.size, n
        case "mae":
            return float(np.abs(d).mean()), np.sign(d) / d.size, n
        case "huber":
            delta = settings["delta"]
            small = np.abs(d) <= delta
            cost = np.where(small, d**2 / 2, delta * (np.abs(d) - delta / 2))
            return float(cost.mean()), np.clip(d, -delta, delta) / d.size, n
        case "hinge":
            return *_hinge(x, t, settings["margin"]), n
    raise NotImplementedError(f"the reference has no loss {name}")


def predictions(name: str, x: Array) -> Array:
    """What is shown: probabilities of classes, values otherwise."""
    if name in ("cross_entropy", "hinge"):
        return np.exp(_log_softmax(x))
    return 0.5 + 0.5 * np.tanh(x / 2) if name == "binary_cross_entropy" else x
