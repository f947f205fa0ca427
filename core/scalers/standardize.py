"""Standardization: every column gets mean 0 and standard deviation 1 on the training rows (scikit-learn's form)."""

from __future__ import annotations

import numpy as np

from ..registry import Settings
from .base import Fitted, Scaler, mean_and_std, normalize, normalized_form, restore, restored_form


def fit(x: np.ndarray, settings: Settings) -> Fitted:
    """Mean and standard deviation of every column."""
    mean, std = mean_and_std(x)
    return {"mean": mean, "std": std}


def transform(x: np.ndarray, fitted: Fitted, settings: Settings) -> np.ndarray:
    """(x - mean) / std."""
    return normalize(x, fitted["mean"], fitted["std"])


def inverse(x: np.ndarray, fitted: Fitted, settings: Settings) -> np.ndarray:
    """x std + mean."""
    return restore(x, fitted["mean"], fitted["std"])


STANDARDIZE = Scaler(
    name="standardize",
    title="Standardize",
    summary="Mean 0 and standard deviation 1 in every column; the usual choice.",
    formula="(x - mean) / std",
    paper="LeCun, Bottou, Orr, Müller 1998, Efficient BackProp",
    fit=fit,
    transform=transform,
    inverse=inverse,
    graph=lambda x, at: normalized_form(x, at.fitted["mean"], at.fitted["std"]),
    graph_inverse=lambda x, at: restored_form(x, at.fitted["mean"], at.fitted["std"]),
)
