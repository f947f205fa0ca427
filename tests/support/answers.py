"""The answers of a network before and after a change of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from dltui.core import Trainer

SAME = 1e-5
STRAIGHT = (
    "relu",
    "leaky_relu",
    "celu",
    "elu",
    "selu",
    "gelu",
    "swish",
    "softplus",
    "mish",
    "hardswish",
    "prelu",
    "identity",
)
"""Activations with a straight part: a layer can be added exactly."""
BENT = ("tanh", "sigmoid")


def answers(made: Trainer) -> np.ndarray:
    return np.concatenate([made.predict(made.data.x_train), made.predict(made.data.x_val)])


def difference(made: Trainer, changes: dict[str, Any]) -> float:
    """Largest change of an answer at a switch, after which the run must go on."""
    before = answers(made)
    made.apply(changes)
    found = float(np.abs(answers(made) - before).max())
    assert made.advance(30).n_steps == 30
    assert np.isfinite(answers(made)).all()
    return found
