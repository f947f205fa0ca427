"""Clipping of outliers: values outside two quantiles of the training rows are moved to those limits (winsorizing).

Information is lost, so there is no inverse.
"""

from __future__ import annotations

import numpy as np

from ..graph import GraphPlace, Value
from ..registry import Param, Settings
from .base import Fitted, Scaler, mean_and_std, normalize, normalized_form, quantiles


def fit(x: np.ndarray, settings: Settings) -> Fitted:
    """The limits, and mean and deviation of what lies within them if asked for."""
    low, high = quantiles(x, settings["quantile_low"], settings["quantile_high"])
    if not settings["standardize"]:
        return {"low": low, "high": high}
    mean, std = mean_and_std(np.clip(x, low, high))
    return {"low": low, "high": high, "mean": mean, "std": std}


def transform(x: np.ndarray, fitted: Fitted, settings: Settings) -> np.ndarray:
    """Values held within the limits, then standardized if asked for."""
    y = np.clip(x, fitted["low"], fitted["high"])
    return normalize(y, fitted["mean"], fitted["std"]) if settings["standardize"] else y


def graph(x: Value, at: GraphPlace) -> Value:
    """`transform` in operations."""
    y = x.clip(at.fitted["low"], at.fitted["high"])
    return normalized_form(y, at.fitted["mean"], at.fitted["std"]) if at.settings["standardize"] else y


CLIP = Scaler(
    name="clip",
    title="Clip outliers",
    summary="Moves the most extreme values of a column to the limits of the rest.",
    formula="min(max(x, q_low), q_high)",
    paper="Hastings et al. 1947 (winsorized means)",
    params=(
        Param(name="quantile_low", default=0.02, low=0.0, high=0.49, summary="Share of the smallest values moved up."),
        Param(
            name="quantile_high",
            default=0.98,
            low=0.51,
            high=1.0,
            summary="1 minus the share of the largest values moved down.",
        ),
        Param(name="standardize", default=False, summary="Bring the result to mean 0 and standard deviation 1."),
    ),
    fit=fit,
    transform=transform,
    graph=graph,
)
