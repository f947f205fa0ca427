"""No scaling: the network sees the data in its own units, which is what the other scalers are compared with."""

from __future__ import annotations

import numpy as np

from ..graph import unchanged_form
from ..registry import Settings
from .base import Fitted, Scaler


def fit(x: np.ndarray, settings: Settings) -> Fitted:
    """Nothing to learn."""
    return {}


def unchanged(x: np.ndarray, fitted: Fitted, settings: Settings) -> np.ndarray:
    """The rows as they are."""
    return x.copy()


NONE = Scaler(
    name="none",
    title="None",
    summary="Leaves the inputs as they are.",
    formula="x",
    paper="common practice",
    fit=fit,
    transform=unchanged,
    inverse=unchanged,
    graph=unchanged_form,
    graph_inverse=unchanged_form,
)
