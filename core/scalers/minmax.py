"""Scaling to a chosen range, by default [0, 1]; clipping holds later rows inside it (scikit-learn's MinMaxScaler).

A column that does not vary goes to the low end of the range.
"""

from __future__ import annotations

import numpy as np

from ..errors import ConfigError
from ..graph import GraphPlace, Value
from ..registry import Param, Settings
from .base import Fitted, Scaler, bounded, normalize, normalized_form, usable


def fit(x: np.ndarray, settings: Settings) -> Fitted:
    """Smallest value and half of the width of every column.

    Raises:
        ConfigError: The ends of the range are the wrong way around.
    """
    if settings["feature_low"] >= settings["feature_high"]:
        raise ConfigError(
            "must lie below feature_high", field="data.feature_low", value=settings["feature_low"],
            allowed=f"a number below {settings['feature_high']:g}",
        )  # fmt: skip
    low, high = x.min(axis=0), x.max(axis=0)
    # Half of the width, because the width of a column can exceed the largest float.
    return {"low": low, "half_width": usable(high * 0.5 - low * 0.5, x, otherwise=0.5)}


def transform(x: np.ndarray, fitted: Fitted, settings: Settings) -> np.ndarray:
    """low + (high - low) (x - min) / (max - min)."""
    low, high = float(settings["feature_low"]), float(settings["feature_high"])
    share = normalize(x, fitted["low"], fitted["half_width"]) * 0.5
    with np.errstate(over="ignore"):
        y = bounded(low + share * (high - low))
    return np.clip(y, low, high) if settings["clip"] else y


def inverse(x: np.ndarray, fitted: Fitted, settings: Settings) -> np.ndarray:
    """The value whose place in the range this is."""
    share = (x - settings["feature_low"]) / (settings["feature_high"] - settings["feature_low"])
    with np.errstate(over="ignore"):
        x = fitted["low"] + 2.0 * (share * fitted["half_width"])
    return bounded(x)


def graph(x: Value, at: GraphPlace) -> Value:
    """`transform` in operations."""
    low, high = float(at.settings["feature_low"]), float(at.settings["feature_high"])
    y = normalized_form(x, at.fitted["low"], at.fitted["half_width"]) * 0.5 * (high - low) + low
    return y.clip(low, high) if at.settings["clip"] else y


def graph_inverse(x: Value, at: GraphPlace) -> Value:
    """`inverse` in operations."""
    low, high = float(at.settings["feature_low"]), float(at.settings["feature_high"])
    return (x - low) / (high - low) * (2.0 * at.fitted["half_width"]) + at.fitted["low"]


MINMAX = Scaler(
    name="minmax",
    title="Min-max",
    summary="Brings every column into one range, [0, 1] by default.",
    formula="low + (high - low) (x - min) / (max - min)",
    paper="common practice",
    params=(
        Param(name="feature_low", default=0.0, low=-1e6, high=1e6, summary="Where the smallest value goes."),
        Param(name="feature_high", default=1.0, low=-1e6, high=1e6, summary="Where the largest value goes."),
        Param(name="clip", default=False, summary="Clip values outside the training range to its ends."),
    ),
    fit=fit,
    transform=transform,
    inverse=inverse,
    graph=graph,
    graph_inverse=graph_inverse,
)
