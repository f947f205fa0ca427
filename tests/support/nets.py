"""Small networks for tests of the trainer: quick to make, with something of every kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dltui.core import Config, Trainer

CLASSES: dict[str, Any] = {
    "data": {"name": "moons", "n_samples": 60, "noise": 0.1, "val_fraction": 0.4},
    "network": {"hidden": [5, 4], "activation": "tanh"},
    "optimizer": {"name": "adam", "learning_rate": 0.01},
    "training": {"batch_size": 7, "seed": 3, "evaluate_every": 11},
}
VALUES: dict[str, Any] = {**CLASSES, "data": {"name": "sine", "n_samples": 60, "noise": 0.1, "val_fraction": 0.4}}
IMAGES: dict[str, Any] = {
    **CLASSES,
    "data": {"name": "bars_and_stripes", "n_samples": 40, "val_fraction": 0.4},
    "network": {
        "layers": [
            {"kind": "reshape", "channels": 1, "height": 4, "width": 4},
            {"kind": "conv2d", "filters": 3},
            {"kind": "dense", "units": 5},
        ],
        "activation": "relu",
    },
}


def config(base: Mapping[str, Any] = CLASSES, **changes: Any) -> Config:
    """A small Config; changes as `optimizer__name="sgd"`."""
    return Config.from_dict(base).with_changes({key.replace("__", "."): value for key, value in changes.items()})


def trainer(base: Mapping[str, Any] = CLASSES, steps: int = 0, **changes: Any) -> Trainer:
    """A trainer of a small network after so many steps."""
    made = Trainer(config(base, **changes))
    made.advance(steps)
    return made


def same_weights(a: Trainer, b: Trainer) -> bool:
    """Whether two trainers hold the same weights, bit for bit."""
    one, other = a.parameters, b.parameters
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)
