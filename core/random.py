"""Random numbers as a function of (seed, purpose, step, index): there is no hidden state to save or to disturb.

The hash is SplitMix64's finalizer (Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195), applied once for each of the
four numbers. Kernels draw sixteen numbers at once from a 32-bit finalizer keyed by the same hash.
"""

from __future__ import annotations

import llvmlite.ir as ir
import numpy as np
from numba import types

from .kernel import helper
from .simd import fma, log, splat, sqrt, where
from .vectors import _I32, _INTS, _VECTOR, LANES, VECTOR, operation, splat_value

INITIAL, ORDER, DROPOUT, NOISE, MIXUP, DATA, PERTURB = range(1, 8)
"""Purposes: numbers drawn for one never meet those drawn for another."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_30, _27, _31 = np.uint64(30), np.uint64(27), np.uint64(31)


def _mix(state, number):  # type: ignore[no-untyped-def]
    """One round: absorb a number, scramble."""
    z = (state ^ number) + _GOLDEN
    z = (z ^ (z >> _30)) * _FIRST
    z = (z ^ (z >> _27)) * _SECOND
    return z ^ (z >> _31)


mix = helper(_mix)


@helper
def hash64(seed, purpose, step, index):  # type: ignore[no-untyped-def]
    """64 random bits from four whole numbers, inside kernels."""
    z = mix(np.uint64(0), np.uint64(seed))
    z = mix(z, np.uint64(purpose))
    z = mix(z, np.uint64(step))
    return mix(z, np.uint64(index))


def bits(seed: int, purpose: int, step: int, n: int) -> np.ndarray:
    """The 64 random bits of indices 0 … n-1, uint64 (n,): the numbers of `hash64`."""
    z = np.zeros(1, np.uint64)
    for number in (seed, purpose, step):
        z = _mix(z, np.array([number & 0xFFFFFFFFFFFFFFFF], np.uint64))
    result: np.ndarray = _mix(z, np.arange(n, dtype=np.uint64))
    return result


def uniform(seed: int, purpose: int, step: int, n: int) -> np.ndarray:
    """Float64 (n,) in (0, 1), never 0 or 1."""
    return ((bits(seed, purpose, step, n) >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def normal(seed: int, purpose: int, step: int, n: int) -> np.ndarray:
    """Standard normal float64 (n,), by Box and Muller."""
    u = uniform(seed, purpose, step, 2 * n)
    result: np.ndarray = np.sqrt(-2.0 * np.log(u[:n])) * np.cos(2.0 * np.pi * u[n:])
    return result


def _scramble(builder, low, high, counter):  # type: ignore[no-untyped-def]
    """16 random 32-bit numbers: a two-round multiply-xorshift hash of the lane counters, keyed before each round."""
    ramp = ir.Constant(_INTS, list(range(LANES)))
    x = builder.add(
        builder.shl(splat_value(builder, builder.trunc(counter, _I32), _INTS), ir.Constant(_INTS, [4] * LANES)), ramp
    )

    def shifted(value, n):  # type: ignore[no-untyped-def]
        return builder.xor(value, builder.lshr(value, ir.Constant(_INTS, [n] * LANES)))

    for key in (low, high):
        x = builder.xor(x, splat_value(builder, builder.trunc(key, _I32), _INTS))
        for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
            x = builder.mul(shifted(x, shift), ir.Constant(_INTS, [factor] * LANES))
        x = shifted(x, 16)
    return x


def _unit(builder, x):  # type: ignore[no-untyped-def]
    """32 random bits to (0, 1): 23 bits and a half."""
    whole = builder.uitofp(builder.lshr(x, ir.Constant(_INTS, [9] * LANES)), _VECTOR)
    half = ir.Constant(_VECTOR, [0.5] * LANES)
    return builder.fmul(builder.fadd(whole, half), ir.Constant(_VECTOR, [2.0**-23] * LANES))


uniform_lanes = operation(
    VECTOR,
    (types.uint64, types.uint64, types.int64),
    lambda b, low, high, counter: _unit(b, _scramble(b, low, high, counter)),
)
"""uniform_lanes(key, key >> 32, k): sixteen numbers in (0, 1) for vector number k of a key."""


@helper
def uniform16(key, k):  # type: ignore[no-untyped-def]
    """Sixteen uniform numbers in (0, 1): vector k under a key made by `hash64`."""
    return uniform_lanes(key, key >> np.uint64(32), k)


@helper
def _cos_turn(u):  # type: ignore[no-untyped-def]
    """cos(2 pi u) for u in (0, 1): a Taylor polynomial on a quarter of the circle, reflected."""
    half = where(u > 0.5, 1.0 - u, u)
    flip = half > 0.25
    t = where(flip, 0.5 - half, half) * 6.28318531
    y = t * t
    p = fma(y, splat(-1 / 3628800), splat(1 / 40320))
    p = fma(p, y, splat(-1 / 720))
    p = fma(p, y, splat(1 / 24))
    p = fma(p, y, splat(-0.5))
    p = fma(p, y, splat(1.0))
    return where(flip, -p, p)


@helper
def normal16(key, k):  # type: ignore[no-untyped-def]
    """Sixteen standard normal numbers: vector k under a key made by `hash64`."""
    radius = sqrt(-2.0 * log(uniform16(key, 2 * k)))
    return radius * _cos_turn(uniform16(key, 2 * k + 1))
