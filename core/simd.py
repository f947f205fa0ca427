"""Sixteen floats as one value: a Numba type for `<16 x float>` with loads, stores, operators and functions.

Kernels are written with it, so that a formula reads as in a textbook, lives in registers, and does not depend on the
compiler's own vectorizer, which has no `exp` or `tanh` here. The processor splits a vector where its registers are
shorter. Comparisons give a mask; `where(mask, a, b)` chooses lane by lane. Everything lets NaN through.

The coefficients of `tanh` and `erf` come from tests/core/references/fit_simd.py; the others are Taylor series.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import llvmlite.ir as ir
import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model

from .kernel import helper

LANES = 16
"""Floats in a vector."""
_F32, _I32, _I64 = ir.FloatType(), ir.IntType(32), ir.IntType(64)
_VECTOR, _INTS, _BITS = (ir.VectorType(kind, LANES) for kind in (_F32, _I32, ir.IntType(1)))


class _Vector(types.Type):
    def __init__(self) -> None:
        super().__init__(name="float32x16")


class _Mask(types.Type):
    def __init__(self) -> None:
        super().__init__(name="bool16")


class _Ints(types.Type):
    def __init__(self) -> None:
        super().__init__(name="uint32x16")


VECTOR, MASK, INTS = _Vector(), _Mask(), _Ints()


@register_model(_Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _VECTOR)


@register_model(_Mask)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _BITS)


@register_model(_Ints)
class _IntsModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _INTS)


def _operation(result: Any, arguments: tuple[Any, ...], build: Callable[..., Any]) -> Any:
    """An intrinsic of one LLVM expression: `build(builder, *values) -> value`."""
    signature = result(*arguments)

    def typed(typing_context, *args):  # type: ignore[no-untyped-def]
        def generate(context, builder, signature, values):  # type: ignore[no-untyped-def]
            made = build(builder, *values)
            return context.get_dummy_value() if result is types.void else made

        return signature, generate

    # Numba reads the number of arguments from the function's own signature.
    wrappers = {
        1: lambda tc, a: typed(tc, a),
        2: lambda tc, a, b: typed(tc, a, b),
        3: lambda tc, a, b, c: typed(tc, a, b, c),
        4: lambda tc, a, b, c, d: typed(tc, a, b, c, d),
    }
    return intrinsic(wrappers[len(arguments)])


def _shuffle(builder: Any, a: Any, b: Any, lanes: list[int]) -> Any:
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(_I32, len(lanes)), lanes))


def _splat(builder: Any, scalar: Any, kind: Any = _VECTOR) -> Any:
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), scalar, ir.Constant(_I32, 0))
    return _shuffle(builder, first, ir.Constant(kind, ir.Undefined), [0] * LANES)


def _address(builder: Any, base: Any, offset: Any, kind: Any, shift: int) -> Any:
    byte = builder.add(base, builder.shl(offset, ir.Constant(_I64, shift)))
    return builder.inttoptr(byte, kind.as_pointer())


def _llvm(name: str, n_arguments: int) -> Callable[..., Any]:
    def build(builder: Any, *values: Any) -> Any:
        kind = ir.FunctionType(_VECTOR, [_VECTOR] * n_arguments)
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v16f32"), values)

    return build


load = _operation(
    VECTOR,
    (types.int64, types.int64),
    lambda b, base, k: b.load(_address(b, base, k, _VECTOR, 6), align=4),
)
"""load(address, k): vector number k."""
store = _operation(
    types.void,
    (types.int64, types.int64, VECTOR),
    lambda b, base, k, v: b.store(v, _address(b, base, k, _VECTOR, 6), align=4),
)
"""store(address, k, vector)."""
load_at = _operation(
    VECTOR,
    (types.int64, types.int64),
    lambda b, base, k: b.load(_address(b, base, k, _VECTOR, 2), align=4),
)
"""load_at(address, k): the 16 floats from float number k on."""
store_at = _operation(
    types.void,
    (types.int64, types.int64, VECTOR),
    lambda b, base, k, v: b.store(v, _address(b, base, k, _VECTOR, 2), align=4),
)
"""store_at(address, k, vector): write the 16 floats from float number k on."""
broadcast = _operation(
    VECTOR,
    (types.int64, types.int64),
    lambda b, base, k: _splat(b, b.load(_address(b, base, k, _F32, 2), align=4)),
)
"""broadcast(address, k): float number k in all lanes."""
splat = _operation(VECTOR, (types.float32,), lambda b, x: _splat(b, x))
"""splat(x): one number in all lanes."""
fma = _operation(VECTOR, (VECTOR, VECTOR, VECTOR), _llvm("fma", 3))
"""fma(a, b, c) = a * b + c, rounded once."""
sqrt = _operation(VECTOR, (VECTOR,), _llvm("sqrt", 1))
floor = _operation(VECTOR, (VECTOR,), _llvm("floor", 1))
absolute = _operation(VECTOR, (VECTOR,), _llvm("fabs", 1))
where = _operation(VECTOR, (MASK, VECTOR, VECTOR), lambda b, m, x, y: b.select(m, x, y))
"""where(mask, a, b): a in the lanes of the mask, b in the others."""
_compare: dict[Any, Any] = {
    op: _operation(MASK, (VECTOR, VECTOR), lambda b, x, y, sign=sign: b.fcmp_ordered(sign, x, y))
    for op, sign in (
        (operator.lt, "<"),
        (operator.gt, ">"),
        (operator.le, "<="),
        (operator.ge, ">="),
        (operator.eq, "=="),
    )
}
_arithmetic: dict[Any, Any] = {
    operator.add: _operation(VECTOR, (VECTOR, VECTOR), lambda b, x, y: b.fadd(x, y)),
    operator.sub: _operation(VECTOR, (VECTOR, VECTOR), lambda b, x, y: b.fsub(x, y)),
    operator.mul: _operation(VECTOR, (VECTOR, VECTOR), lambda b, x, y: b.fmul(x, y)),
    operator.truediv: _operation(VECTOR, (VECTOR, VECTOR), lambda b, x, y: b.fdiv(x, y)),
}
_negative = _operation(VECTOR, (VECTOR,), lambda b, x: b.fsub(_splat(b, ir.Constant(_F32, -0.0)), x))
_masks: dict[Any, Any] = {
    operator.and_: _operation(MASK, (MASK, MASK), lambda b, x, y: b.and_(x, y)),
    operator.or_: _operation(MASK, (MASK, MASK), lambda b, x, y: b.or_(x, y)),
}


def _overload(op: Any, kind: type, implementation: Any) -> None:
    @overload(op)
    def both(x, y):  # type: ignore[no-untyped-def]
        if isinstance(x, kind) and isinstance(y, kind):
            return lambda x, y: implementation(x, y)
        if kind is _Vector and isinstance(x, kind) and isinstance(y, types.Number):
            return lambda x, y: implementation(x, splat(np.float32(y)))
        if kind is _Vector and isinstance(x, types.Number) and isinstance(y, kind):
            return lambda x, y: implementation(splat(np.float32(x)), y)
        return None


for _op, _implementation in {**_compare, **_arithmetic}.items():
    _overload(_op, _Vector, _implementation)
for _op, _implementation in _masks.items():
    _overload(_op, _Mask, _implementation)


@overload(operator.neg)
def _neg(x):  # type: ignore[no-untyped-def]
    if isinstance(x, _Vector):
        return lambda x: _negative(x)
    return None


def _reduce(builder: Any, vector: Any) -> Any:
    width = LANES
    while width > 1:
        width //= 2
        lanes = [i + width if i < width else i for i in range(LANES)]
        vector = builder.fadd(vector, _shuffle(builder, vector, vector, lanes))
    return builder.extract_element(vector, ir.Constant(_I32, 0))


total = _operation(types.float32, (VECTOR,), _reduce)
"""total(v): sum of the lanes, always in the same order."""


def _reduce4(builder: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    def pair(p: Any, q: Any, distance: int) -> Any:
        low = [k if not k & distance else LANES + (k & ~distance) for k in range(LANES)]
        high = [k | distance if not k & distance else LANES + k for k in range(LANES)]
        return builder.fadd(_shuffle(builder, p, q, low), _shuffle(builder, p, q, high))

    v = pair(pair(a, b, 1), pair(c, d, 1), 2)
    for distance in (4, 8):
        v = builder.fadd(v, _shuffle(builder, v, v, [k ^ distance for k in range(LANES)]))
    return v


total4 = _operation(VECTOR, (VECTOR, VECTOR, VECTOR, VECTOR), _reduce4)
"""total4(a, b, c, d): a vector whose lanes 0 to 3 are the four sums."""
store4_at = _operation(
    types.void,
    (types.int64, types.int64, VECTOR),
    lambda b, base, k, v: b.store(
        _shuffle(b, v, v, [0, 1, 2, 3]), _address(b, base, k, ir.VectorType(_F32, 4), 2), align=4
    ),
)
"""store4_at(address, k, vector): write lanes 0 to 3 from float number k on."""

_RAMP = ir.Constant(_INTS, list(range(LANES)))
lanes_below = _operation(
    MASK,
    (types.int64,),
    lambda b, n: b.icmp_signed("<", _RAMP, _splat(b, b.trunc(n, _I32), _INTS)),
)
"""lanes_below(n): the mask of the first n lanes."""
any_lane = _operation(
    types.boolean,
    (MASK,),
    lambda b, m: b.icmp_unsigned("!=", b.bitcast(m, ir.IntType(LANES)), ir.Constant(ir.IntType(LANES), 0)),
)
"""any_lane(mask): whether a lane is set."""


@helper
def minimum(a, b):  # type: ignore[no-untyped-def]
    """Smaller lane of two; NaN in `a` stays."""
    return where(b < a, b, a)


@helper
def maximum(a, b):  # type: ignore[no-untyped-def]
    """Larger lane of two; NaN in `a` stays."""
    return where(b > a, b, a)


_two_to_the = _operation(
    VECTOR,
    (VECTOR,),
    lambda b, n: b.bitcast(
        b.shl(b.add(b.fptosi(n, _INTS), ir.Constant(_INTS, [127] * LANES)), ir.Constant(_INTS, [23] * LANES)), _VECTOR
    ),
)
_exponent = _operation(
    VECTOR,
    (VECTOR,),
    lambda b, x: b.sitofp(
        b.sub(b.lshr(b.bitcast(x, _INTS), ir.Constant(_INTS, [23] * LANES)), ir.Constant(_INTS, [127] * LANES)), _VECTOR
    ),
)
_mantissa = _operation(
    VECTOR,
    (VECTOR,),
    lambda b, x: b.bitcast(
        b.or_(
            b.and_(b.bitcast(x, _INTS), ir.Constant(_INTS, [0x7FFFFF] * LANES)),
            ir.Constant(_INTS, [0x3F800000] * LANES),
        ),
        _VECTOR,
    ),
)


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
    return p * _two_to_the(n)


@helper
def log(x):  # type: ignore[no-untyped-def]
    """Natural logarithm; -inf at 0, NaN below."""
    n, m = _exponent(x), _mantissa(x)
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
