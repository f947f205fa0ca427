"""Training a preset as its lesson proposes, and reading off what the lesson speaks of."""

from __future__ import annotations

import numpy as np

from dltui.core.config.presets import load_preset
from dltui.core.training.trainer import Trainer


def trained(name: str, n_steps: int, changes: dict | None = None) -> Trainer:
    trainer = Trainer(load_preset(name).with_changes(changes or {}))
    trainer.advance(n_steps)
    return trainer


def score(trainer: Trainer, part: str) -> float:
    found = trainer.evaluate(part)
    return found["accuracy"] if "accuracy" in found else found["r2"]


def epochs(name: str, n_epochs: int, changes: dict | None = None) -> Trainer:
    trainer = Trainer(load_preset(name).with_changes(changes or {}))
    while trainer.epoch < n_epochs:
        trainer.advance(1)
    return trainer


def train_loss(trainer: Trainer) -> float:
    return trainer.evaluate("train")["loss"]


def roughness(trainer: Trainer, n_steps: int = 500) -> float:
    """Spread of the loss from one batch to the next."""
    before = len(trainer.history["train_loss"][1])
    trainer.advance(n_steps)
    return float(np.abs(np.diff(trainer.history["train_loss"][1][before:])).mean())
