"""Linear scaling to [-1, 1]: by smallest and largest value, or by the largest size, which keeps 0 at 0.

A column that does not vary goes to 0 (scikit-learn's MinMaxScaler puts it at -1).
"""

from __future__ import annotations

import numpy as np

from ..registry import Param, Settings
from .base import Fitted, Scaler, normalize, normalized_form, restore, restored_form, usable


def fit(x: np.ndarray, settings: Settings) -> Fitted:
    """Middle and half of the width of every column; the middle is 0 for `max_abs`."""
    if settings["scale_by"] == "max_abs":
        return {"center": np.zeros(x.shape[1]), "half_width": usable(np.abs(x).max(axis=0), x)}
    low, high = x.min(axis=0) * 0.5, x.max(axis=0) * 0.5
    return {"center": low + high, "half_width": usable(high - low, x)}


def transform(x: np.ndarray, fitted: Fitted, settings: Settings) -> np.ndarray:
    """(x - center) / half_width."""
    return normalize(x, fitted["center"], fitted["half_width"])


def inverse(x: np.ndarray, fitted: Fitted, settings: Settings) -> np.ndarray:
    """x half_width + center."""
    return restore(x, fitted["center"], fitted["half_width"])


LINEAR = Scaler(
    name="linear",
    title="Linear to [-1, 1]",
    summary="Moves and stretches every column to [-1, 1].",
    formula="2 (x - min) / (max - min) - 1, or x / max|x|",
    paper="common practice",
    params=(
        Param(
            name="scale_by",
            default="range",
            choices=("range", "max_abs"),
            summary="range: smallest becomes -1, largest 1; max_abs: divides by the largest size, so 0 stays 0.",
        ),
    ),
    fit=fit,
    transform=transform,
    inverse=inverse,
    graph=lambda x, at: normalized_form(x, at.fitted["center"], at.fitted["half_width"]),
    graph_inverse=lambda x, at: restored_form(x, at.fitted["center"], at.fitted["half_width"]),
)
