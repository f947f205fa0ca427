"""Fits the rational functions behind `tanh` and `erf` of core/simd/functions.py, and prints their coefficients.

Both are odd, so f(x) ≈ x·P(x²)/Q(x²) on [0, limit], and constant beyond. The fit minimizes the largest *relative* error
by weighted least squares whose weights grow where the error is large (Lawson), with the denominator of the last round
as a weight (Sanathanan and Koerner). Run: python tests/support/references/fit_simd.py
"""

from math import erf, pi
from typing import Any

import numpy as np


def fit(function, limit, degree_p, degree_q, rounds=400):
    x = limit * (0.5 - 0.5 * np.cos(np.linspace(0, pi, 4001)[1:]))
    y = (x / limit) ** 2
    f = np.array([function(v) for v in x]) / x
    powers_p = y[:, None] ** np.arange(degree_p + 1)
    powers_q = y[:, None] ** np.arange(1, degree_q + 1)
    lawson, q = np.ones_like(x), np.ones_like(x)
    best: tuple[Any, Any, Any] = (np.inf, None, None)
    for _ in range(rounds):
        weight = np.sqrt(lawson) / (np.abs(q) * f)
        matrix = np.hstack([powers_p, -f[:, None] * powers_q]) * weight[:, None]
        solution = np.linalg.lstsq(matrix, f * weight, rcond=None)[0]
        p_c, q_c = solution[: degree_p + 1], np.concatenate([[1.0], solution[degree_p + 1 :]])
        q = 1 + powers_q @ q_c[1:]
        error = np.abs(powers_p @ p_c / q / f - 1)
        if error.max() < best[0]:
            best = (error.max(), p_c, q_c)
        lawson *= error / error.mean() + 1e-3
        lawson /= lawson.mean()
    scale = limit**2
    _, p_c, q_c = best
    return best[0], p_c / scale ** np.arange(degree_p + 1), q_c / scale ** np.arange(degree_q + 1)


if __name__ == "__main__":
    for name, function, limit, p, q in (("tanh", np.tanh, 9.01, 6, 3), ("erf", erf, 3.92, 6, 5)):
        error, p_c, q_c = fit(function, limit, p, q)
        print(f"{name} on [0, {limit}], degrees {p}/{q}: largest relative error {error:.1e}")
        print("  P", ", ".join(f"{c:.9e}" for c in p_c))
        print("  Q", ", ".join(f"{c:.9e}" for c in q_c))
