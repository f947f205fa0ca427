"""Random numbers as a function of (seed, purpose, step, index): there is no hidden state to save or to disturb.

The hash is SplitMix64's finalizer (Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195), applied once for each of the
four numbers. Kernels draw sixteen numbers at once from a 32-bit finalizer keyed by the same hash.
"""

from __future__ import annotations

import llvmlite.ir as ir
import numpy as np

from ..simd import LANES, Vector, Whole, emit, log
from ..simd.emit import Lanes
from ..simd.llvm import F32X16, I32, I32X16, in_all_lanes, splat_value, whole
from ..simd.operation import operation
from ..simd.types import FLOAT64, INT, UINT64, VECTOR, Operation

INITIAL, ORDER, DROPOUT, NOISE, MIXUP, DATA, PERTURB, SAMPLE, SHIFT, ROTATION, FLIP = range(1, 12)
"""Purposes: numbers drawn for one never meet those drawn for another."""

_GOLDEN, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_BLOCK = 1 << 18
"""Numbers drawn at a time, so that drawing many takes little more memory than they do."""


def _mix(state: np.ndarray, number: np.ndarray) -> np.ndarray:
    """One round: absorb a number, scramble. The same in NumPy as `_mix_value` in a kernel."""
    z = (state ^ number) + np.uint64(_GOLDEN)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(_FIRST)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(_SECOND)
    mixed: np.ndarray = z ^ (z >> np.uint64(31))
    return mixed


def _mix_value(builder: ir.IRBuilder, state: ir.Value, number: ir.Value) -> ir.Value:
    def shifted(z: ir.Value, n: int) -> ir.Value:
        return builder.xor(z, builder.lshr(z, whole(n)))

    z = builder.add(builder.xor(state, number), whole(_GOLDEN))
    z = builder.mul(shifted(z, 30), whole(_FIRST))
    z = builder.mul(shifted(z, 27), whole(_SECOND))
    return shifted(z, 31)


def _hash_value(builder: ir.IRBuilder, *numbers: ir.Value) -> ir.Value:
    z = whole(0)
    for number in numbers:
        z = _mix_value(builder, z, number)
    return z


mix: Operation[[np.uint64, np.uint64], np.uint64] = operation(UINT64, (UINT64, UINT64), _mix_value)
"""mix(state, number): absorb one more number, inside kernels."""
hash64: Operation[[Whole, Whole, Whole, Whole], np.uint64] = operation(UINT64, (INT,) * 4, _hash_value)
"""hash64(seed, purpose, step, index): 64 random bits from four whole numbers, inside kernels."""


def bits(seed: int, purpose: int, step: int, n: int, start: int = 0) -> np.ndarray:
    """The 64 random bits of the n indices from `start` on, uint64 (n,): the numbers of `hash64`."""
    z = np.zeros(1, np.uint64)
    for number in (seed, purpose, step):
        z = _mix(z, np.array([number & 0xFFFFFFFFFFFFFFFF], np.uint64))
    result: np.ndarray = _mix(z, np.arange(start, start + n, dtype=np.uint64))
    return result


def uniform(seed: int, purpose: int, step: int, n: int, start: int = 0) -> np.ndarray:
    """float64 (n,) in (0, 1), never 0 or 1."""
    result = np.empty(n)
    for first in range(0, n, _BLOCK):
        part = result[first : first + _BLOCK]
        part[:] = bits(seed, purpose, step, len(part), start + first) >> np.uint64(11)
    result += 0.5
    result *= 2.0**-53
    return result


def normal(seed: int, purpose: int, step: int, n: int) -> np.ndarray:
    """Standard normal float64 (n,), by Box and Muller."""
    result = np.empty(n)
    for first in range(0, n, _BLOCK):
        part = result[first : first + _BLOCK]
        u, v = (uniform(seed, purpose, step, len(part), start) for start in (first, n + first))
        part[:] = np.sqrt(-2.0 * np.log(u)) * np.cos(2.0 * np.pi * v)
    return result


def _scramble(builder: ir.IRBuilder, low: ir.Value, high: ir.Value, counter: ir.Value) -> ir.Value:
    """16 random 32-bit numbers: a two-round multiply-xorshift hash of the lane counters, keyed before each round."""
    ramp = ir.Constant(I32X16, list(range(LANES)))
    counters = splat_value(builder, builder.trunc(counter, I32), I32X16)
    x = builder.add(builder.shl(counters, in_all_lanes(4)), ramp)

    def shifted(value: ir.Value, n: int) -> ir.Value:
        return builder.xor(value, builder.lshr(value, in_all_lanes(n)))

    for key in (low, high):
        x = builder.xor(x, splat_value(builder, builder.trunc(key, I32), I32X16))
        for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
            x = builder.mul(shifted(x, shift), in_all_lanes(factor))
        x = shifted(x, 16)
    return x


def _unit(builder: ir.IRBuilder, x: ir.Value) -> ir.Value:
    """32 random bits to (0, 1): 23 bits and a half."""
    bits = builder.uitofp(builder.lshr(x, in_all_lanes(9)), F32X16)
    half = ir.Constant(F32X16, [0.5] * LANES)
    return builder.fmul(builder.fadd(bits, half), ir.Constant(F32X16, [2.0**-23] * LANES))


def _uniform(builder: ir.IRBuilder, key: ir.Value, k: ir.Value) -> ir.Value:
    return _unit(builder, _scramble(builder, key, builder.lshr(key, whole(32)), k))


def _cos_turn(u: Lanes) -> Lanes:
    """cos(2 pi u) for u in (0, 1): a Taylor polynomial on a quarter of the circle, reflected."""
    half = emit.where(u > 0.5, 1.0 - u, u)
    flip = half > 0.25
    t = emit.where(flip, 0.5 - half, half) * 6.28318531
    p = emit.polynomial(t * t, -1 / 3628800, 1 / 40320, -1 / 720, 1 / 24, -0.5, 1.0)
    return emit.where(flip, -p, p)


def _normal(builder: ir.IRBuilder, key: ir.Value, k: ir.Value) -> ir.Value:
    """Box and Muller, from the two vectors of uniform numbers 2k and 2k + 1."""
    even = builder.shl(k, whole(1))
    u = Lanes(builder, _uniform(builder, key, even))
    v = Lanes(builder, _uniform(builder, key, builder.add(even, whole(1))))
    return (emit.sqrt(-2.0 * log.formula(u)) * _cos_turn(v)).value


unit_number: Operation[[np.uint64], float] = operation(
    FLOAT64,
    (UINT64,),
    lambda b, bits: b.fmul(
        b.fadd(b.uitofp(b.lshr(bits, whole(11)), ir.DoubleType()), ir.Constant(ir.DoubleType(), 0.5)),
        ir.Constant(ir.DoubleType(), 2.0**-53),
    ),
)
"""unit_number(bits): 64 random bits as a number in (0, 1), the same as `uniform`'s."""
uniform16: Operation[[np.uint64, Whole], Vector] = operation(VECTOR, (UINT64, INT), _uniform)
"""uniform16(key, k): sixteen numbers in (0, 1), vector k under a key made by `hash64`."""
normal16: Operation[[np.uint64, Whole], Vector] = operation(VECTOR, (UINT64, INT), _normal)
"""normal16(key, k): sixteen standard normal numbers, vector k under a key made by `hash64`."""
