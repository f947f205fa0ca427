"""Logarithm of the size, sign kept: tames columns that range over several powers of ten; `log1p` for x >= 0."""

from __future__ import annotations

import numpy as np

from ..registry import Param, Settings
from .base import Fitted, Scaler, bounded, mean_and_std, normalize, restore


def _signed_log(x: np.ndarray) -> np.ndarray:
    y: np.ndarray = np.copysign(np.log1p(np.abs(x)), x)
    return y


def fit(x: np.ndarray, settings: Settings) -> Fitted:
    """Mean and deviation of the logarithms, if asked for."""
    if not settings["standardize"]:
        return {}
    mean, std = mean_and_std(_signed_log(x))
    return {"mean": mean, "std": std}


def transform(x: np.ndarray, fitted: Fitted, settings: Settings) -> np.ndarray:
    """sign(x) log(1 + |x|), then standardized if asked for."""
    y = _signed_log(x)
    return normalize(y, fitted["mean"], fitted["std"]) if settings["standardize"] else y


def inverse(x: np.ndarray, fitted: Fitted, settings: Settings) -> np.ndarray:
    """sign(y) (exp(|y|) - 1)."""
    y = restore(x, fitted["mean"], fitted["std"]) if settings["standardize"] else x
    with np.errstate(over="ignore"):
        return bounded(np.copysign(np.expm1(np.abs(y)), y))


LOG = Scaler(
    name="log",
    title="Logarithm",
    summary="Takes the logarithm of the size and keeps the sign, for values that span many powers of ten.",
    formula="sign(x) log(1 + |x|)",
    paper="folklore",
    params=(Param(name="standardize", default=False, summary="Bring the result to mean 0 and standard deviation 1."),),
    fit=fit,
    transform=transform,
    inverse=inverse,
)
