"""The loop of `braille.spans`, compiled. Importing this file loads Numba: only `braille.warm` does."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit("UniTuple(float64[::1], 2)(float64[::1], float64[::1], int64)", cache=True, nogil=True)
def spans(x: np.ndarray, y: np.ndarray, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """See `braille.spans`."""
    low = np.full(columns, np.nan)
    high = np.full(columns, np.nan)
    for i in range(len(x)):
        if np.isnan(y[i]) or not np.isfinite(y[i]):
            continue
        if 0 <= x[i] < columns:
            c = int(x[i])
            low[c] = np.fmin(low[c], y[i])
            high[c] = np.fmax(high[c], y[i])
        if i + 1 == len(x) or not np.isfinite(y[i + 1]):
            continue
        first = max(int(np.ceil(x[i])), 0)
        last = min(int(np.floor(x[i + 1])), columns)
        for border in range(first, last + 1):
            run = x[i + 1] - x[i]
            at = y[i] if run <= 0 else y[i] + (y[i + 1] - y[i]) * (border - x[i]) / run
            for c in (border - 1, border):
                if 0 <= c < columns:
                    low[c] = np.fmin(low[c], at)
                    high[c] = np.fmax(high[c], at)
    return low, high
