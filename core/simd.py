"""Sixteen floats as one value, with the functions kernels are written in.

A formula reads as in a textbook, lives in registers, and does not depend on the compiler's own vectorizer, which has no
`exp` or `tanh` here. Everything lets NaN through.

The coefficients of `tanh` and `erf` come from tests/core/references/fit_simd.py; the others are Taylor series.
"""

from __future__ import annotations

import numpy as np

from .kernel import helper
from .vectors import (
    LANES,
    VECTOR,
    absolute,
    any_lane,
    broadcast,
    exponent,
    floor,
    fma,
    lanes_below,
    load,
    load_at,
    mantissa,
    splat,
    sqrt,
    store,
    store4_at,
    store_at,
    total,
    total4,
    two_to_the,
    where,
)

__all__ = [
    "LANES",
    "VECTOR",
    "absolute",
    "any_lane",
    "broadcast",
    "erf",
    "exp",
    "floor",
    "fma",
    "lanes_below",
    "load",
    "load_at",
    "log",
    "log1p_exp",
    "maximum",
    "minimum",
    "sigmoid",
    "splat",
    "sqrt",
    "store",
    "store4_at",
    "store_at",
    "tanh",
    "total",
    "total4",
    "where",
]


@helper
def minimum(a, b):  # type: ignore[no-untyped-def]
    """Smaller lane of two; NaN in `a` stays."""
    return where(b < a, b, a)


@helper
def maximum(a, b):  # type: ignore[no-untyped-def]
    """Larger lane of two; NaN in `a` stays."""
    return where(b > a, b, a)


@helper
def exp(x):  # type: ignore[no-untyped-def]
    """Exponential function, e to the x: 2 to the n times a Taylor polynomial on [-ln 2 / 2, ln 2 / 2]."""
    x = where(x > 89.0, splat(np.float32(89.0)), where(x < -88.0, splat(np.float32(-88.0)), x))
    n = floor(x * 1.44269504 + 0.5)
    # ln 2 in two parts, so that the difference keeps its digits.
    r = fma(n, splat(np.float32(-0.693359375)), x)
    r = fma(n, splat(np.float32(2.12194440e-4)), r)
    p = splat(np.float32(1 / 5040))
    p = fma(p, r, splat(np.float32(1 / 720)))
    p = fma(p, r, splat(np.float32(1 / 120)))
    p = fma(p, r, splat(np.float32(1 / 24)))
    p = fma(p, r, splat(np.float32(1 / 6)))
    p = fma(p, r, splat(np.float32(0.5)))
    p = fma(p, r, splat(np.float32(1.0)))
    p = fma(p, r, splat(np.float32(1.0)))
    return p * two_to_the(n)


@helper
def log(x):  # type: ignore[no-untyped-def]
    """Natural logarithm; -inf at 0, NaN below."""
    n, m = exponent(x), mantissa(x)
    high = m > 1.41421356
    m = where(high, m * 0.5, m)
    n = where(high, n + 1.0, n)
    s = (m - 1.0) / (m + 1.0)
    y = s * s
    p = splat(np.float32(2 / 9))
    p = fma(p, y, splat(np.float32(2 / 7)))
    p = fma(p, y, splat(np.float32(2 / 5)))
    p = fma(p, y, splat(np.float32(2 / 3)))
    p = fma(p, y, splat(np.float32(2.0)))
    result = fma(n, splat(np.float32(0.693359375)), fma(n, splat(np.float32(-2.12194440e-4)), s * p))
    result = where(x == np.inf, x, result)
    result = where(x == 0.0, splat(np.float32(-np.inf)), result)
    return where(x >= 0.0, result, splat(np.float32(np.nan)))


@helper
def tanh(x):  # type: ignore[no-untyped-def]
    """Hyperbolic tangent: an odd rational function on [-9.01, 9.01], constant beyond."""
    x = where(x > 9.01, splat(np.float32(9.01)), where(x < -9.01, splat(np.float32(-9.01)), x))
    y = x * x
    p = splat(np.float32(-8.462311116e-14))
    p = fma(p, y, splat(np.float32(5.267845432e-11)))
    p = fma(p, y, splat(np.float32(-2.020457223e-08)))
    p = fma(p, y, splat(np.float32(1.114927849e-05)))
    p = fma(p, y, splat(np.float32(3.103478560e-03)))
    p = fma(p, y, splat(np.float32(1.308358333e-01)))
    p = fma(p, y, splat(np.float32(9.999999933e-01)))
    q = splat(np.float32(2.545447801e-04))
    q = fma(q, y, splat(np.float32(2.449327895e-02)))
    q = fma(q, y, splat(np.float32(4.641691036e-01)))
    q = fma(q, y, splat(np.float32(1.0)))
    return x * p / q


@helper
def erf(x):  # type: ignore[no-untyped-def]
    """Error function: an odd rational function on [-3.92, 3.92], constant beyond."""
    x = where(x > 3.92, splat(np.float32(3.92)), where(x < -3.92, splat(np.float32(-3.92)), x))
    y = x * x
    p = splat(np.float32(-1.279990888e-08))
    p = fma(p, y, splat(np.float32(4.609255089e-06)))
    p = fma(p, y, splat(np.float32(3.767597811e-04)))
    p = fma(p, y, splat(np.float32(3.838626244e-03)))
    p = fma(p, y, splat(np.float32(5.424400681e-02)))
    p = fma(p, y, splat(np.float32(1.851353216e-01)))
    p = fma(p, y, splat(np.float32(1.128379169e00)))
    q = splat(np.float32(6.239937673e-05))
    q = fma(q, y, splat(np.float32(1.301526726e-03)))
    q = fma(q, y, splat(np.float32(1.543005823e-02)))
    q = fma(q, y, splat(np.float32(1.138737906e-01)))
    q = fma(q, y, splat(np.float32(4.974053131e-01)))
    q = fma(q, y, splat(np.float32(1.0)))
    return x * p / q


@helper
def sigmoid(x):  # type: ignore[no-untyped-def]
    """Logistic function 1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + exp(-x))


@helper
def log1p_exp(x):  # type: ignore[no-untyped-def]
    """log(1 + exp(x)) without overflow."""
    rest = exp(-absolute(x))
    # log(1 + e) would lose the digits of a small e: 2 artanh(e / (2 + e)) keeps them.
    s = rest / (2.0 + rest)
    y = s * s
    p = splat(np.float32(2 / 17))
    p = fma(p, y, splat(np.float32(2 / 15)))
    p = fma(p, y, splat(np.float32(2 / 13)))
    p = fma(p, y, splat(np.float32(2 / 11)))
    p = fma(p, y, splat(np.float32(2 / 9)))
    p = fma(p, y, splat(np.float32(2 / 7)))
    p = fma(p, y, splat(np.float32(2 / 5)))
    p = fma(p, y, splat(np.float32(2 / 3)))
    p = fma(p, y, splat(np.float32(2.0)))
    return maximum(x, splat(np.float32(0.0))) + s * p
