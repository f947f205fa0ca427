"""Lion and Muon written down once more from their papers, in NumPy and float64."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def lion_step(
    settings: Mapping[str, Any], rate: float, w: np.ndarray, m: np.ndarray, g: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """New weights, new average and the direction whose sign was taken: Chen et al. 2023, algorithm 2."""
    beta1, beta2, decay = settings.get("beta1", 0.9), settings.get("beta2", 0.99), settings.get("weight_decay", 0.0)
    direction = beta1 * m + (1 - beta1) * g
    return w - rate * (np.sign(direction) + decay * w), beta2 * m + (1 - beta2) * g, direction


def newton_schulz(matrix: np.ndarray, steps: int = 5) -> np.ndarray:
    """Jordan's quintic iteration: singular values into about [0.7, 1.2]."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix / max(np.linalg.norm(matrix), 1e-7)
    turned = x.shape[0] > x.shape[1]
    x = x.T if turned else x
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if turned else x


def muon(settings: Mapping[str, Any], rate: float, start: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    """Weights (outputs, inputs) after every step; a vector gets AdamW's step."""
    mu, decay = settings.get("momentum", 0.95), settings.get("weight_decay", 0.1)
    beta2, eps = settings.get("beta2", 0.999), settings.get("eps", 1e-8)
    w, m, v = start.astype(np.float64), np.zeros(start.shape), np.zeros(start.shape)
    path = np.empty(gradients.shape)
    for t, g in enumerate(gradients, start=1):
        m, v = mu * m + (1 - mu) * g, beta2 * v + (1 - beta2) * g * g
        w = w * (1 - rate * decay)
        if w.ndim == 1:
            w = w - rate * (m / (1 - mu**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
        else:
            scale = max(1.0, w.shape[0] / w.shape[1]) ** 0.5
            if settings.get("adjust_lr_fn") == "match_rms_adamw":
                scale = 0.2 * max(w.shape) ** 0.5
            w = w - rate * scale * newton_schulz((1 - mu) * g + mu * m)
        path[t - 1] = w
    return path
