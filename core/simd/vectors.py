"""Sixteen floats as one value: a Numba type for `<16 x float>` with loads, stores and operators.

Kernels see it through `simd.py`, which adds the functions. Each operation is one LLVM expression; the processor splits
a vector where its registers are shorter. Comparisons give a mask; `where(mask, a, b)` chooses lane by lane.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import llvmlite.ir as ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

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


def operation(result: Any, arguments: tuple[Any, ...], build: Callable[..., Any]) -> Any:
    """An intrinsic of one LLVM expression: `build(builder, *values) -> value`, kept at `.build`."""
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
        5: lambda tc, a, b, c, d, e: typed(tc, a, b, c, d, e),
        6: lambda tc, a, b, c, d, e, f: typed(tc, a, b, c, d, e, f),
    }
    made = intrinsic(wrappers[len(arguments)])
    made.build = build
    return made


@cache
def _choice(lanes: tuple[int, ...]) -> Any:
    return ir.Constant(ir.VectorType(_I32, len(lanes)), lanes)


def _shuffle(builder: Any, a: Any, b: Any, lanes: Sequence[int]) -> Any:
    return builder.shuffle_vector(a, b, _choice(tuple(lanes)))


def splat_value(builder: Any, scalar: Any, kind: Any = _VECTOR) -> Any:
    """Put a scalar into all lanes."""
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), scalar, ir.Constant(_I32, 0))
    return _shuffle(builder, first, ir.Constant(kind, ir.Undefined), [0] * kind.count)


def _address(builder: Any, base: Any, offset: Any, kind: Any, shift: int) -> Any:
    byte = builder.add(base, builder.shl(offset, ir.Constant(_I64, shift)))
    return builder.inttoptr(byte, kind.as_pointer())


def _llvm(name: str, n_arguments: int) -> Callable[..., Any]:
    def build(builder: Any, *values: Any) -> Any:
        kind = ir.FunctionType(_VECTOR, [_VECTOR] * n_arguments)
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v16f32"), values)

    return build


load = operation(
    VECTOR,
    (types.int64, types.int64),
    lambda b, base, k: b.load(_address(b, base, k, _VECTOR, 6), align=4),
)
"""load(address, k): vector number k."""
store = operation(
    types.void,
    (types.int64, types.int64, VECTOR),
    lambda b, base, k, v: b.store(v, _address(b, base, k, _VECTOR, 6), align=4),
)
"""store(address, k, vector)."""
load_at = operation(
    VECTOR,
    (types.int64, types.int64),
    lambda b, base, k: b.load(_address(b, base, k, _VECTOR, 2), align=4),
)
"""load_at(address, k): the 16 floats from float number k on."""
store_at = operation(
    types.void,
    (types.int64, types.int64, VECTOR),
    lambda b, base, k, v: b.store(v, _address(b, base, k, _VECTOR, 2), align=4),
)
"""store_at(address, k, vector): write the 16 floats from float number k on."""
broadcast = operation(
    VECTOR,
    (types.int64, types.int64),
    lambda b, base, k: splat_value(b, b.load(_address(b, base, k, _F32, 2), align=4)),
)
"""broadcast(address, k): float number k in all lanes."""
splat = operation(VECTOR, (types.float32,), lambda b, x: splat_value(b, x))
"""splat(x): one number in all lanes."""
fma = operation(VECTOR, (VECTOR, VECTOR, VECTOR), _llvm("fma", 3))
"""fma(a, b, c) = a * b + c, rounded once."""
sqrt = operation(VECTOR, (VECTOR,), _llvm("sqrt", 1))
floor = operation(VECTOR, (VECTOR,), _llvm("floor", 1))
absolute = operation(VECTOR, (VECTOR,), _llvm("fabs", 1))
where = operation(VECTOR, (MASK, VECTOR, VECTOR), lambda b, m, x, y: b.select(m, x, y))
"""where(mask, a, b): a in the lanes of the mask, b in the others."""
_ARITHMETIC = {operator.add: "fadd", operator.sub: "fsub", operator.mul: "fmul", operator.truediv: "fdiv"}
_COMPARISONS = {operator.lt: "<", operator.gt: ">", operator.le: "<=", operator.ge: ">=", operator.eq: "=="}
_LOGIC = {operator.and_: "and_", operator.or_: "or_"}
_NUMBERS = (types.float64, types.float32, types.int64)
"""Numbers that combine with a vector: taken into all lanes."""


def _type_operator(op: Any, result: Any, pairs: list[tuple[Any, ...]]) -> None:
    """Tell the compiler which operands an operator takes; much cheaper than compiling a function for each pair."""
    cases = [signature(result, *pair) for pair in pairs]
    infer_global(op)(type("_Operator", (ConcreteTemplate,), {"cases": cases}))


def _as_vector(context: Any, builder: Any, value: Any, kind: Any) -> Any:
    return value if kind is VECTOR else splat_value(builder, context.cast(builder, value, kind, types.float32))


def _lower_operator(op: Any, pair: tuple[Any, ...], build: Callable[..., Any]) -> None:
    @lower_builtin(op, *pair)
    def lower(context, builder, sig, args):  # type: ignore[no-untyped-def]
        return build(builder, *(_as_vector(context, builder, v, k) for v, k in zip(args, sig.args, strict=True)))


_PAIRS = [(VECTOR, VECTOR), *((VECTOR, n) for n in _NUMBERS), *((n, VECTOR) for n in _NUMBERS)]
for _op, _name in _ARITHMETIC.items():
    _type_operator(_op, VECTOR, _PAIRS)
    for _pair in _PAIRS:
        _lower_operator(_op, _pair, lambda b, x, y, name=_name: getattr(b, name)(x, y))
for _op, _name in _COMPARISONS.items():
    _type_operator(_op, MASK, _PAIRS)
    for _pair in _PAIRS:
        _lower_operator(_op, _pair, lambda b, x, y, sign=_name: b.fcmp_ordered(sign, x, y))
for _op, _name in _LOGIC.items():
    _type_operator(_op, MASK, [(MASK, MASK)])

    @lower_builtin(_op, MASK, MASK)
    def _lower_logic(context, builder, sig, args, name=_name):  # type: ignore[no-untyped-def]
        return getattr(builder, name)(*args)


_type_operator(operator.neg, VECTOR, [(VECTOR,)])
_lower_operator(operator.neg, (VECTOR,), lambda b, x: b.fneg(x))


def mask_below(builder: Any, n: Any, width: int) -> Any:
    """The mask of the first n of `width` lanes."""
    ints = ir.VectorType(_I32, width)
    return builder.icmp_signed(
        "<", ir.Constant(ints, list(range(width))), splat_value(builder, builder.trunc(n, _I32), ints)
    )


lanes_below = operation(MASK, (types.int64,), lambda b, n: mask_below(b, n, LANES))
"""lanes_below(n): the mask of the first n lanes."""
any_lane = operation(
    types.boolean,
    (MASK,),
    lambda b, m: b.icmp_unsigned("!=", b.bitcast(m, ir.IntType(LANES)), ir.Constant(ir.IntType(LANES), 0)),
)
"""any_lane(mask): whether a lane is set."""


two_to_the = operation(
    VECTOR,
    (VECTOR,),
    lambda b, n: b.bitcast(
        b.shl(b.add(b.fptosi(n, _INTS), ir.Constant(_INTS, [127] * LANES)), ir.Constant(_INTS, [23] * LANES)), _VECTOR
    ),
)
exponent = operation(
    VECTOR,
    (VECTOR,),
    lambda b, x: b.sitofp(
        b.sub(b.lshr(b.bitcast(x, _INTS), ir.Constant(_INTS, [23] * LANES)), ir.Constant(_INTS, [127] * LANES)), _VECTOR
    ),
)
mantissa = operation(
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


def _chooser(sign: str) -> Any:
    return operation(
        types.int64,
        (types.int64, types.int64),
        lambda builder, a, b: builder.select(builder.icmp_signed(sign, a, b), a, b),
    )


least, most = _chooser("<"), _chooser(">")
"""least(a, b), most(a, b): smaller and larger of two whole numbers. Python's own cost a compilation each."""
