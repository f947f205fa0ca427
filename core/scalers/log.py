"""Logarithm of the size, sign kept: tames columns that range over several powers of ten; `log1p` for x >= 0."""

from __future__ import annotations

import numpy as np

from ..graph import GraphPlace, Value
from ..registry import Param, Settings
from .base import Fitted, Scaler, bounded, mean_and_std, normalize, normalized_form, restore, restored_form


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


def graph(x: Value, at: GraphPlace) -> Value:
    """`transform` in operations."""
    y = x.op("Sign") * (x.op("Abs") + 1.0).op("Log")
    return normalized_form(y, at.fitted["mean"], at.fitted["std"]) if at.settings["standardize"] else y


def graph_inverse(x: Value, at: GraphPlace) -> Value:
    """`inverse` in operations."""
    y = restored_form(x, at.fitted["mean"], at.fitted["std"]) if at.settings["standardize"] else x
    return y.op("Sign") * (y.op("Abs").op("Exp") - 1.0)


LOG = Scaler(
    name="log",
    title="Logarithm",
    summary="Takes the logarithm of the size and keeps the sign, for values that span many powers of ten.",
    formula="sign(x) log(1 + |x|)",
    paper="common practice",
    params=(Param(name="standardize", default=False, summary="Bring the result to mean 0 and standard deviation 1."),),
    fit=fit,
    transform=transform,
    inverse=inverse,
    graph=graph,
    graph_inverse=graph_inverse,
)
