"""The functions kernels are written in.

A formula reads as in a textbook, lives in registers, and does not depend on the compiler's own vectorizer, which has no
`exp` or `tanh` here. Everything lets NaN through.

The coefficients of `tanh` and `erf` come from tests/support/references/fit_simd.py; the others are Taylor series.
"""

from __future__ import annotations

import math

from . import emit
from .emit import Lanes, emitted


@emitted
def minimum(a: Lanes, b: Lanes) -> Lanes:
    """Smaller lane of two; NaN in `a` stays."""
    return emit.where(b < a, b, a)


@emitted
def maximum(a: Lanes, b: Lanes) -> Lanes:
    """Larger lane of two; NaN in `a` stays."""
    return emit.where(b > a, b, a)


def _clamped(x: Lanes, low: float, high: float) -> Lanes:
    return emit.where(x > high, high, emit.where(x < low, low, x))


def _exp(x: Lanes) -> Lanes:
    """Exponential function, e to the x: 2 to the n times a Taylor polynomial on [-ln 2 / 2, ln 2 / 2]."""
    x = _clamped(x, -88.0, 89.0)
    n = emit.floor(x * 1.44269504 + 0.5)
    # ln 2 in two parts, so that the difference keeps its digits.
    r = emit.fma(n, 2.12194440e-4, emit.fma(n, -0.693359375, x))
    return emit.polynomial(r, 1 / 5040, 1 / 720, 1 / 120, 1 / 24, 1 / 6, 0.5, 1.0, 1.0) * emit.two_to_the(n)


def _log(x: Lanes) -> Lanes:
    """Natural logarithm; -inf at 0, NaN below."""
    n, m = emit.exponent(x), emit.mantissa(x)
    high = m > 1.41421356
    m, n = emit.where(high, m * 0.5, m), emit.where(high, n + 1.0, n)
    s = (m - 1.0) / (m + 1.0)
    series = s * emit.polynomial(s * s, 2 / 9, 2 / 7, 2 / 5, 2 / 3, 2.0)
    result = emit.fma(n, 0.693359375, emit.fma(n, -2.12194440e-4, series))
    result = emit.where(x.equals(math.inf), x, result)
    result = emit.where(x.equals(0.0), -math.inf, result)
    return emit.where(x >= 0.0, result, math.nan)


@emitted
def tanh(x: Lanes) -> Lanes:
    """Hyperbolic tangent: an odd rational function on [-9.01, 9.01], constant beyond."""
    x = _clamped(x, -9.01, 9.01)
    y = x * x
    p = emit.polynomial(
        y,
        -8.462311116e-14,
        5.267845432e-11,
        -2.020457223e-08,
        1.114927849e-05,
        3.103478560e-03,
        1.308358333e-01,
        9.999999933e-01,
    )
    q = emit.polynomial(y, 2.545447801e-04, 2.449327895e-02, 4.641691036e-01, 1.0)
    return x * p / q


@emitted
def erf(x: Lanes) -> Lanes:
    """Error function: an odd rational function on [-3.92, 3.92], constant beyond."""
    x = _clamped(x, -3.92, 3.92)
    y = x * x
    p = emit.polynomial(
        y,
        -1.279990888e-08,
        4.609255089e-06,
        3.767597811e-04,
        3.838626244e-03,
        5.424400681e-02,
        1.851353216e-01,
        1.128379169,
    )
    q = emit.polynomial(y, 6.239937673e-05, 1.301526726e-03, 1.543005823e-02, 1.138737906e-01, 4.974053131e-01, 1.0)
    return x * p / q


@emitted
def sigmoid(x: Lanes) -> Lanes:
    """Logistic function 1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + _exp(-x))


@emitted
def log1p_exp(x: Lanes) -> Lanes:
    """log(1 + exp(x)) without overflow."""
    rest = _exp(-emit.absolute(x))
    # log(1 + e) would lose the digits of a small e: 2 artanh(e / (2 + e)) keeps them.
    s = rest / (2.0 + rest)
    series = emit.polynomial(s * s, 2 / 17, 2 / 15, 2 / 13, 2 / 11, 2 / 9, 2 / 7, 2 / 5, 2 / 3, 2.0)
    return emit.where(x < 0.0, 0.0, x) + s * series


exp = emitted(_exp)
log = emitted(_log)
