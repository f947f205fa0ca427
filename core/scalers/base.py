"""Contract of a scaler: fitted on the training rows only, then applied to every row, column by column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..registry import Param

Fitted = Mapping[str, np.ndarray]
"""What a fit found, by name; each float64 (n_columns,). Stored with the run."""


@dataclass(frozen=True, kw_only=True)
class Scaler:
    """One way to bring inputs to a common size."""

    name: str
    title: str
    summary: str
    formula: str
    paper: str
    params: tuple[Param, ...] = ()
    fit: Callable[[np.ndarray, Mapping[str, Any]], Fitted]
    """(x float64 (n, n_columns), settings) -> fitted."""
    transform: Callable[[np.ndarray, Fitted, Mapping[str, Any]], np.ndarray]
    """(x, fitted, settings) -> float64 of the same shape."""
    inverse: Callable[[np.ndarray, Fitted, Mapping[str, Any]], np.ndarray] | None = None
    """Back to the units of the data; None where information is lost."""
