"""Robust scaling: median and interquartile range instead of mean and deviation, so that outliers do not set the scale.

scikit-learn's RobustScaler with its default quantiles, 25 % and 75 %.
"""

from __future__ import annotations

import numpy as np

from ..registry import Param, Settings
from .base import Fitted, Scaler, normalize, normalized_form, quantiles, restore, restored_form, usable


def fit(x: np.ndarray, settings: Settings) -> Fitted:
    """Median and half of the width of the middle share of every column."""
    width = settings["middle_share"] * 0.5
    low, high = quantiles(x, 0.5 - width, 0.5 + width)
    median, _ = quantiles(x, 0.5, 0.5)
    # Half of the width, because the width of a column can exceed the largest float. It is the rounding of the two
    # quantiles that could be mistaken for a width, however far an outlier lies.
    return {"median": median, "half_width": usable(high * 0.5 - low * 0.5, np.stack((low, high)), otherwise=0.5)}


def transform(x: np.ndarray, fitted: Fitted, settings: Settings) -> np.ndarray:
    """(x - median) / width."""
    return normalize(x, fitted["median"], fitted["half_width"]) * 0.5


def inverse(x: np.ndarray, fitted: Fitted, settings: Settings) -> np.ndarray:
    """x width + median."""
    return restore(x * 2.0, fitted["median"], fitted["half_width"])


ROBUST = Scaler(
    name="robust",
    title="Robust",
    summary="Centers on the median and divides by the width of the middle half.",
    formula="(x - median) / (q75 - q25)",
    paper="Tukey 1977, Exploratory Data Analysis",
    params=(
        Param(
            name="middle_share",
            default=0.5,
            low=0.05,
            high=1.0,
            summary="Share of the rows around the median whose width becomes the unit.",
        ),
    ),
    fit=fit,
    transform=transform,
    inverse=inverse,
    graph=lambda x, at: normalized_form(x, at.fitted["median"], at.fitted["half_width"]) * 0.5,
    graph_inverse=lambda x, at: restored_form(x * 2.0, at.fitted["median"], at.fitted["half_width"]),
)
