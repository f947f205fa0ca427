"""Scalers: fitted on the training rows, then applied to all rows, column by column (for images channel by channel).

scikit-learn's StandardScaler, MinMaxScaler and RobustScaler; a column that does not vary is only moved. What varies is
judged by the column's own width: an outlier elsewhere in the column does not count.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

Array = np.ndarray


def _width(width: Array, otherwise: float = 1.0) -> Array:
    return np.where(width > 0, width, otherwise)


def _standard(train: Array, x: Array) -> Array:
    return (x - train.mean(axis=0)) / _width(train.std(axis=0))


def scaled_columns(name: str, s: Mapping[str, Any], train: Array, x: Array) -> Array:
    """Columns of x scaled as fitted on the columns of train."""
    match name:
        case "none":
            return x
        case "standardize":
            return _standard(train, x)
        case "minmax":
            low, high = train.min(axis=0), train.max(axis=0)
            y = s["feature_low"] + (x - low) / _width(high - low) * (s["feature_high"] - s["feature_low"])
            return np.clip(y, s["feature_low"], s["feature_high"]) if s["clip"] else y
        case "linear":
            if s["scale_by"] == "max_abs":
                return x / _width(np.abs(train).max(axis=0))
            low, high = train.min(axis=0), train.max(axis=0)
            return (x - (low + high) / 2) / _width((high - low) / 2)
        case "log":
            y, fitted = (np.sign(part) * np.log1p(np.abs(part)) for part in (x, train))
            return _standard(fitted, y) if s["standardize"] else y
        case "clip":
            low, high = np.quantile(train, [s["quantile_low"], s["quantile_high"]], axis=0)
            y, fitted = np.clip(x, low, high), np.clip(train, low, high)
            return _standard(fitted, y) if s["standardize"] else y
        case "robust":
            half = s["middle_share"] / 2
            low, middle, high = np.quantile(train, [0.5 - half, 0.5, 0.5 + half], axis=0)
            return (x - middle) / _width(high - low)
    raise NotImplementedError(f"the reference has no scaler {name}")


def scaled(name: str, s: Mapping[str, Any], train: Array, x: Array) -> Array:
    """Inputs (n, columns) or (n, channels, rows, columns) as the network takes them: in single precision."""

    def columns(rows: Array) -> Array:
        return np.moveaxis(rows, 1, -1).reshape(-1, rows.shape[1])

    y = scaled_columns(name, s, columns(train), columns(x))
    shape = (len(x), *x.shape[2:], x.shape[1])
    return np.moveaxis(y.reshape(shape), -1, 1).astype(np.float32).astype(np.float64)
