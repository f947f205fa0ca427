"""What Numba has to know of vectors and operations; imported when the first kernel is compiled.

A vector is a Numba type for `<16 x float>`, a mask one for `<16 x i1>`. Python's operators on them are one instruction
each.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Sequence
from typing import TypeAlias

import llvmlite.ir as ir
from numba import types
from numba.core.base import BaseContext
from numba.core.datamodel import DataModelManager
from numba.core.typing.context import BaseContext as TypingContext
from numba.core.typing.templates import (
    ConcreteTemplate,
    Signature,
    infer,
    infer_global,
    make_intrinsic_template,
    signature,
)
from numba.extending import lower_builtin, models, register_model

from .llvm import F32X16, I1X16, splat_value
from .types import MASK, VECTOR, VECTORS, VOID, Kind

Lowering: TypeAlias = tuple[Signature, Callable[[BaseContext, ir.IRBuilder, Signature, Sequence[ir.Value]], ir.Value]]
"""What an operation is to Numba: the types it takes and gives, and the function that emits its instructions."""


class _Vector(types.Type):
    def __init__(self) -> None:
        super().__init__(name=VECTOR.name)


class _Mask(types.Type):
    def __init__(self) -> None:
        super().__init__(name=MASK.name)


@register_model(_Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: DataModelManager, kind: types.Type) -> None:
        super().__init__(manager, kind, F32X16)


@register_model(_Mask)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, manager: DataModelManager, kind: types.Type) -> None:
        super().__init__(manager, kind, I1X16)


_VECTOR, _MASK = _Vector(), _Mask()
_OWN = {VECTOR.name: _VECTOR, MASK.name: _MASK}


def numba_type(kind: Kind) -> types.Type:
    """Numba's type of a kind of value."""
    alone = _OWN.get(kind.name) or getattr(types, kind.name)
    return types.UniTuple(alone, kind.count) if kind.count else alone


def function_type(result: Kind, arguments: tuple[Kind, ...], build: Callable[..., ir.Value]) -> types.Function:
    """Numba's type of an operation, with all that it needs to know to emit it.

    Args:
        result: Kind of the result.
        arguments: Kinds of the arguments.
        build: Emits it.
    """

    def typed(typing_context: TypingContext, *given: types.Type) -> Lowering:
        def generate(
            context: BaseContext, builder: ir.IRBuilder, signature: Signature, values: Sequence[ir.Value]
        ) -> ir.Value:
            made = build(builder, *values)
            return context.get_dummy_value() if result is VOID else made

        taken = [own if kind is VECTORS else numba_type(kind) for kind, own in zip(arguments, given, strict=True)]
        return numba_type(result)(*taken), generate

    # Numba reads the number of arguments from the function's own signature.
    names = ["typing_context", *(f"argument{k}" for k in range(len(arguments)))]
    parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]
    typed.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    template = make_intrinsic_template(typed, typed, "operation")
    infer(template)
    return types.Function(template)


_ARITHMETIC = {operator.add: "fadd", operator.sub: "fsub", operator.mul: "fmul", operator.truediv: "fdiv"}
_COMPARISONS = {operator.lt: "<", operator.gt: ">", operator.le: "<=", operator.ge: ">=", operator.eq: "=="}
_LOGIC = {operator.and_: "and_", operator.or_: "or_"}
_NUMBERS = (types.float64, types.float32, types.int64)
"""Numbers that combine with a vector: taken into all lanes."""


def _type_operator(op: Callable[..., object], result: types.Type, operands: list[tuple[types.Type, ...]]) -> None:
    """Tell the compiler which operands an operator takes; much cheaper than compiling a function for each pair."""
    cases = [signature(result, *kinds) for kinds in operands]
    infer_global(op)(type("_Operator", (ConcreteTemplate,), {"cases": cases}))


def _in_lanes(context: BaseContext, builder: ir.IRBuilder, value: ir.Value, kind: types.Type) -> ir.Value:
    return (
        value if kind in (_VECTOR, _MASK) else splat_value(builder, context.cast(builder, value, kind, types.float32))
    )


def _lower_operator(
    op: Callable[..., object], operands: tuple[types.Type, ...], build: Callable[..., ir.Value]
) -> None:
    """Tell the compiler which instruction an operator is."""

    def lower(context: BaseContext, builder: ir.IRBuilder, sig: Signature, args: Sequence[ir.Value]) -> ir.Value:
        return build(builder, *(_in_lanes(context, builder, v, k) for v, k in zip(args, sig.args, strict=True)))

    lower_builtin(op, *operands)(lower)


_PAIRS = [(_VECTOR, _VECTOR), *((_VECTOR, n) for n in _NUMBERS), *((n, _VECTOR) for n in _NUMBERS)]
for _op, _name in _ARITHMETIC.items():
    _type_operator(_op, _VECTOR, _PAIRS)
    for _pair in _PAIRS:
        _lower_operator(_op, _pair, lambda b, x, y, name=_name: getattr(b, name)(x, y))
for _op, _name in _COMPARISONS.items():
    _type_operator(_op, _MASK, _PAIRS)
    for _pair in _PAIRS:
        _lower_operator(_op, _pair, lambda b, x, y, sign=_name: b.fcmp_ordered(sign, x, y))
for _op, _name in _LOGIC.items():
    _type_operator(_op, _MASK, [(_MASK, _MASK)])
    _lower_operator(_op, (_MASK, _MASK), lambda b, x, y, name=_name: getattr(b, name)(x, y))
_type_operator(operator.neg, _VECTOR, [(_VECTOR,)])
_lower_operator(operator.neg, (_VECTOR,), lambda b, x: b.fneg(x))
