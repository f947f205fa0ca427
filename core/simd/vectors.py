"""Sixteen floats as one value: a Numba type for `<16 x float>` with loads, stores and operators.

Each operation is one LLVM expression; the processor splits a vector where its registers are shorter. Comparisons give a
mask; `where(mask, a, b)` chooses lane by lane.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import llvmlite.ir as ir
from numba import types
from numba.core.base import BaseContext
from numba.core.datamodel import DataModelManager
from numba.core.typing.context import BaseContext as TypingContext
from numba.core.typing.templates import ConcreteTemplate, Signature, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

from .llvm import (
    F32,
    F32X16,
    I1X16,
    I32X16,
    in_all_lanes,
    mask_below,
    of_library,
    pointer_to,
    pointer_to_vector,
    splat_value,
)
from .types import FLOAT_BYTES, LANES, Address, Mask, Number, Operation, Vector, Whole

Lowering: TypeAlias = tuple[Signature, Callable[[BaseContext, ir.IRBuilder, Signature, Sequence[ir.Value]], ir.Value]]
"""What an operation is to Numba: the types it takes and gives, and the function that emits its instructions."""


class _Vector(types.Type):
    def __init__(self) -> None:
        super().__init__(name="float32x16")


class _Mask(types.Type):
    def __init__(self) -> None:
        super().__init__(name="bool16")


VECTOR, MASK = _Vector(), _Mask()
"""Numba's types of a vector and a mask."""


@register_model(_Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: DataModelManager, kind: types.Type) -> None:
        super().__init__(manager, kind, F32X16)


@register_model(_Mask)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, manager: DataModelManager, kind: types.Type) -> None:
        super().__init__(manager, kind, I1X16)


def operation(
    result: types.Type, arguments: tuple[types.Type, ...], build: Callable[..., ir.Value]
) -> Operation[..., Any]:
    """A function for kernels of one LLVM expression: `build(builder, *values) -> value`, kept at `.build`.

    Args:
        result: Numba's type of the result; `types.void` for what only acts.
        arguments: Numba's types of the arguments.
        build: Emits it.

    Returns:
        The function. What it takes and returns for a type checker is declared where it gets its name.
    """
    made_of = result(*arguments)

    def typed(typing_context: TypingContext, *arguments: types.Type) -> Lowering:
        def generate(
            context: BaseContext, builder: ir.IRBuilder, signature: Signature, values: Sequence[ir.Value]
        ) -> ir.Value:
            made = build(builder, *values)
            return context.get_dummy_value() if result is types.void else made

        return made_of, generate

    # Numba reads the number of arguments from the function's own signature.
    names = ["typing_context", *(f"argument{k}" for k in range(len(arguments)))]
    parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]
    typed.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    made: Operation[..., Any] = intrinsic(typed)
    made.build = build
    return made


INT = types.int64
"""Numba's type of whole numbers and addresses."""

load: Operation[[Address, Whole], Vector] = operation(
    VECTOR, (INT, INT), lambda b, base, k: b.load(pointer_to_vector(b, base, k), align=FLOAT_BYTES)
)
"""load(address, k): vector number k."""
store: Operation[[Address, Whole, Vector], None] = operation(
    types.void, (INT, INT, VECTOR), lambda b, base, k, v: b.store(v, pointer_to_vector(b, base, k), align=FLOAT_BYTES)
)
"""store(address, k, vector): write vector number k."""
load_at: Operation[[Address, Whole], Vector] = operation(
    VECTOR,
    (INT, INT),
    lambda b, base, k: b.load(pointer_to(b, base, k, F32X16, FLOAT_BYTES), align=FLOAT_BYTES),
)
"""load_at(address, k): the 16 floats from float number k on."""
store_at: Operation[[Address, Whole, Vector], None] = operation(
    types.void,
    (INT, INT, VECTOR),
    lambda b, base, k, v: b.store(v, pointer_to(b, base, k, F32X16, FLOAT_BYTES), align=FLOAT_BYTES),
)
"""store_at(address, k, vector): write the 16 floats from float number k on."""
broadcast: Operation[[Address, Whole], Vector] = operation(
    VECTOR,
    (INT, INT),
    lambda b, base, k: splat_value(b, b.load(pointer_to(b, base, k, F32, FLOAT_BYTES), align=FLOAT_BYTES)),
)
"""broadcast(address, k): float number k in all lanes."""
splat: Operation[[Number], Vector] = operation(VECTOR, (types.float32,), lambda b, x: splat_value(b, x))
"""splat(x): one number in all lanes."""
fma: Operation[[Vector, Vector, Vector], Vector] = operation(VECTOR, (VECTOR, VECTOR, VECTOR), of_library("fma", 3))
"""fma(a, b, c) = a * b + c, rounded once."""
sqrt: Operation[[Vector], Vector] = operation(VECTOR, (VECTOR,), of_library("sqrt", 1))
floor: Operation[[Vector], Vector] = operation(VECTOR, (VECTOR,), of_library("floor", 1))
absolute: Operation[[Vector], Vector] = operation(VECTOR, (VECTOR,), of_library("fabs", 1))
where: Operation[[Mask, Vector, Vector], Vector] = operation(
    VECTOR, (MASK, VECTOR, VECTOR), lambda b, m, x, y: b.select(m, x, y)
)
"""where(mask, a, b): a in the lanes of the mask, b in the others."""
lanes_below: Operation[[Whole], Mask] = operation(MASK, (INT,), lambda b, n: mask_below(b, n, LANES))
"""lanes_below(n): the mask of the first n lanes."""
any_lane: Operation[[Mask], bool] = operation(
    types.boolean,
    (MASK,),
    lambda b, m: b.icmp_unsigned("!=", b.bitcast(m, ir.IntType(LANES)), ir.Constant(ir.IntType(LANES), 0)),
)
"""any_lane(mask): whether a lane is set."""

# The parts of a float32: its sign, 8 bits of exponent, which is 127 too large, and the 23 bits after the binary point.
two_to_the: Operation[[Vector], Vector] = operation(
    VECTOR,
    (VECTOR,),
    lambda b, n: b.bitcast(b.shl(b.add(b.fptosi(n, I32X16), in_all_lanes(127)), in_all_lanes(23)), F32X16),
)
"""two_to_the(n): 2 to the n, for whole n from -126 to 127."""
exponent: Operation[[Vector], Vector] = operation(
    VECTOR,
    (VECTOR,),
    lambda b, x: b.sitofp(b.sub(b.lshr(b.bitcast(x, I32X16), in_all_lanes(23)), in_all_lanes(127)), F32X16),
)
"""exponent(x): the whole number n for which x / 2 to the n lies in [1, 2), for x > 0."""
mantissa: Operation[[Vector], Vector] = operation(
    VECTOR,
    (VECTOR,),
    lambda b, x: b.bitcast(
        b.or_(b.and_(b.bitcast(x, I32X16), in_all_lanes(0x7FFFFF)), in_all_lanes(0x3F800000)), F32X16
    ),
)
"""mantissa(x): that number in [1, 2)."""


def _choice(sign: str) -> Operation[[Whole, Whole], int]:
    return operation(INT, (INT, INT), lambda builder, a, b: builder.select(builder.icmp_signed(sign, a, b), a, b))


least, most = _choice("<"), _choice(">")
"""least(a, b), most(a, b): smaller and larger of two whole numbers. Python's own cost a compilation each."""

_ARITHMETIC = {operator.add: "fadd", operator.sub: "fsub", operator.mul: "fmul", operator.truediv: "fdiv"}
_COMPARISONS = {operator.lt: "<", operator.gt: ">", operator.le: "<=", operator.ge: ">=", operator.eq: "=="}
_LOGIC = {operator.and_: "and_", operator.or_: "or_"}
_NUMBERS = (types.float64, types.float32, types.int64)
"""Numbers that combine with a vector: taken into all lanes."""


def _type_operator(op: Callable[..., object], result: types.Type, operands: list[tuple[types.Type, ...]]) -> None:
    """Tell the compiler which operands an operator takes; much cheaper than compiling a function for each pair."""
    cases = [signature(result, *types_of) for types_of in operands]
    infer_global(op)(type("_Operator", (ConcreteTemplate,), {"cases": cases}))


def _in_lanes(context: BaseContext, builder: ir.IRBuilder, value: ir.Value, kind: types.Type) -> ir.Value:
    return value if kind in (VECTOR, MASK) else splat_value(builder, context.cast(builder, value, kind, types.float32))


def _lower_operator(
    op: Callable[..., object], operands: tuple[types.Type, ...], build: Callable[..., ir.Value]
) -> None:
    """Tell the compiler which instruction an operator is."""

    def lower(context: BaseContext, builder: ir.IRBuilder, sig: Signature, args: Sequence[ir.Value]) -> ir.Value:
        return build(builder, *(_in_lanes(context, builder, v, k) for v, k in zip(args, sig.args, strict=True)))

    lower_builtin(op, *operands)(lower)


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
    _lower_operator(_op, (MASK, MASK), lambda b, x, y, name=_name: getattr(b, name)(x, y))
_type_operator(operator.neg, VECTOR, [(VECTOR,)])
_lower_operator(operator.neg, (VECTOR,), lambda b, x: b.fneg(x))
