"""The rows of a run: which are for training, how they are scaled, and what is asked of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import scalers


@dataclass(frozen=True)
class Rows:
    """Inputs and targets in the units of the data, before they are scaled."""

    x_train: np.ndarray
    """(rows, columns) or (rows, channels, height, width)."""
    y_train: np.ndarray
    """Classes (rows,) or values (rows, outputs)."""
    x_val: np.ndarray
    y_val: np.ndarray

    @property
    def classes(self) -> bool:
        """Whether targets are classes."""
        return self.y_train.ndim == 1

    @property
    def n_targets(self) -> int:
        """Classes, or values a row."""
        return int(max(self.y_train.max(), self.y_val.max())) + 1 if self.classes else self.y_train.shape[1]

    def scaled(self, name: str, settings: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
        """(training, validation) inputs as the network takes them."""
        train, val = (scalers.scaled(name, settings, self.x_train, x) for x in (self.x_train, self.x_val))
        return train, val

    def targets(self, y: np.ndarray, n_outputs: int) -> np.ndarray:
        """One-hot classes, class 1 for a single output, or values as they are."""
        if not self.classes:
            return y.astype(np.float32).astype(np.float64)
        return y[:, None].astype(np.float64) if n_outputs == 1 else np.eye(n_outputs)[y]

    def balance(self) -> np.ndarray:
        """scikit-learn's "balanced" weights: rows / (classes · rows of the class)."""
        counts = np.bincount(self.y_train, minlength=self.n_targets)
        return np.where(counts > 0, len(self.y_train) / (self.n_targets * np.maximum(counts, 1)), 0.0)
