"""Record what scikit-learn's scalers make of a few columns: `python make_scalers.py` writes scalers.json beside it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

CASES = [
    ("standardize", {}, lambda: StandardScaler()),
    ("minmax", {"feature_low": 0.0, "feature_high": 1.0, "clip": False}, lambda: MinMaxScaler()),
    (
        "minmax",
        {"feature_low": -0.5, "feature_high": 2.0, "clip": True},
        lambda: MinMaxScaler(feature_range=(-0.5, 2.0), clip=True),
    ),
    ("linear", {"scale_by": "range"}, lambda: MinMaxScaler(feature_range=(-1, 1))),
    ("linear", {"scale_by": "max_abs"}, lambda: MaxAbsScaler()),
    ("robust", {"middle_share": 0.5}, lambda: RobustScaler()),
    ("robust", {"middle_share": 0.8}, lambda: RobustScaler(quantile_range=(10.0, 90.0))),
    ("log", {"standardize": False}, lambda: FunctionTransformer(np.log1p)),
    ("log", {"standardize": True}, lambda: _chain(np.log1p)),
    (
        "clip",
        {"quantile_low": 0.05, "quantile_high": 0.9, "standardize": False},
        lambda: _Winsorized(0.05, 0.9),
    ),
]


class _Winsorized:
    """scikit-learn has no such scaler; NumPy's quantiles say where the limits are."""

    def __init__(self, low, high):
        self.shares = (low, high)

    def fit(self, x):
        self.limits = np.quantile(x, self.shares, axis=0)
        return self

    def transform(self, x):
        return np.clip(x, *self.limits)


def _chain(function):
    from sklearn.pipeline import make_pipeline

    return make_pipeline(FunctionTransformer(function), StandardScaler())


def inputs():
    """Training and later rows: ordinary, skewed, tiny, huge, and one column that hardly varies; none negative."""
    rng = np.random.default_rng(20)
    sizes = np.array([1.0, 1000.0, 1e-6, 1e12, 1.0])
    train = np.exp(rng.normal(size=(41, 5))) * sizes
    train[:, 4] = np.repeat([2.0, 3.0], [40, 1])
    later = np.exp(rng.normal(size=(17, 5)) * 1.5) * sizes
    return train, later


def record():
    """One entry a case: name, settings, and what comes out for both parts."""
    train, later = inputs()
    entries = []
    for name, settings, make in CASES:
        scaler = make().fit(train)
        entries.append(
            {
                "name": name,
                "settings": settings,
                "train": scaler.transform(train).tolist(),
                "later": scaler.transform(later).tolist(),
            }
        )
    return entries


if __name__ == "__main__":
    Path(__file__).with_name("scalers.json").write_text(json.dumps(record(), indent=None) + "\n", encoding="utf-8")
