"""Inputs of the parity tests of activations, losses and optimizers: the same when recorded and when compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).parent / "members.json"
UNITS = 5
STEPS = 1000
KEPT_STEPS = (1, 2, 5, 10, 100, 1000)
N_WEIGHTS = 37
RATES = {"sgd": 0.05, "adadelta": 1.0, "adagrad": 0.1}
"""Learning rates of the trajectories; others take 0.01."""
L2 = (0.0, 0.05)


def key(name: str, settings: Mapping[str, Any], *rest: Any) -> str:
    """Name of a recorded case."""
    return " ".join([name, *(f"{k}={v}" for k, v in sorted(settings.items())), *map(str, rest)])


def activation_inputs() -> np.ndarray:
    """(samples, units): a grid, and numbers of every size; float32 numbers as float64."""
    fine = np.linspace(-9.0, 9.0, 133) + 0.01
    sizes = [0.0, 1e-30, 1e-8, 1e-3, 5.49, 5.51, 12.0, 50.0, 79.0, 81.0, 88.0, 90.0, 1e3, 1e10, 1e30]
    z = np.concatenate([fine, sizes, [-size for size in sizes]])
    z = np.resize(z, (-(-z.size // UNITS), UNITS))
    return z.astype(np.float32).astype(np.float64)


def loss_inputs(task: str, n_rows: int, n_out: int) -> tuple[np.ndarray, np.ndarray]:
    """Outputs and targets (samples, outputs), float32 numbers as float64."""
    rng = np.random.default_rng(n_rows * 100 + n_out)
    x = rng.normal(size=(n_rows, n_out)) * 2.0
    if task == "values":
        t = rng.normal(size=(n_rows, n_out))
    elif n_out == 1:
        t = rng.integers(0, 2, (n_rows, 1)).astype(np.float64)
    else:
        t = np.eye(n_out)[rng.integers(0, n_out, n_rows)]
    return x.astype(np.float32).astype(np.float64), t.astype(np.float32).astype(np.float64)


CLASS_WEIGHTS = np.array([0.5, 1.0, 2.0, 0.25], np.float64)


def gradients(shape: tuple[int, ...] = (N_WEIGHTS,)) -> tuple[np.ndarray, np.ndarray]:
    """Start weights, and 1,000 gradients of very different sizes with drift and noise; float32 numbers as float64."""
    rng = np.random.default_rng(7)
    start = rng.normal(size=shape)
    size = 10.0 ** rng.uniform(-3.0, 1.0, shape)
    steps = np.arange(STEPS).reshape(-1, *[1] * len(shape))
    drift = np.cos(steps / rng.uniform(20.0, 400.0, shape))
    noise = rng.normal(size=(STEPS, *shape))
    both = size * (drift + noise)
    return start.astype(np.float32).astype(np.float64), both.astype(np.float32).astype(np.float64)


def recorded() -> dict[str, Any]:
    """What PyTorch answered when the file was made."""
    found: dict[str, Any] = json.loads(FILE.read_text())
    return found
