"""Functions of sixteen floats, written as formulas and emitted straight into the kernel that calls them.

Compiling a function of its own costs a fifth of a second in every process. An emitted function is run once for each
call while the kernel is compiled: its operators append instructions instead of computing. So `exp` may be used in fifty
kernels and costs nothing in any.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, cast

import llvmlite.ir as ir

from . import vectors
from .llvm import F32, splat_value
from .operation import operation
from .types import VECTOR, Operation, Vector


class Lanes:
    """Sixteen floats, or sixteen truths, of a function being emitted."""

    def __init__(self, builder: ir.IRBuilder, value: ir.Value) -> None:
        self.builder, self.value = builder, value

    def _with(
        self,
        other: Lanes | float,
        build: Callable[[ir.IRBuilder, ir.Value, ir.Value], ir.Value],
        *,
        swapped: bool = False,
    ) -> Lanes:
        value = _value(self.builder, other)
        left, right = (value, self.value) if swapped else (self.value, value)
        return Lanes(self.builder, build(self.builder, left, right))

    def __add__(self, other: Lanes | float) -> Lanes:
        return self._with(other, lambda b, x, y: b.fadd(x, y))

    def __radd__(self, other: float) -> Lanes:
        return self._with(other, lambda b, x, y: b.fadd(x, y), swapped=True)

    def __sub__(self, other: Lanes | float) -> Lanes:
        return self._with(other, lambda b, x, y: b.fsub(x, y))

    def __rsub__(self, other: float) -> Lanes:
        return self._with(other, lambda b, x, y: b.fsub(x, y), swapped=True)

    def __mul__(self, other: Lanes | float) -> Lanes:
        return self._with(other, lambda b, x, y: b.fmul(x, y))

    def __rmul__(self, other: float) -> Lanes:
        return self._with(other, lambda b, x, y: b.fmul(x, y), swapped=True)

    def __truediv__(self, other: Lanes | float) -> Lanes:
        return self._with(other, lambda b, x, y: b.fdiv(x, y))

    def __rtruediv__(self, other: float) -> Lanes:
        return self._with(other, lambda b, x, y: b.fdiv(x, y), swapped=True)

    def __neg__(self) -> Lanes:
        return Lanes(self.builder, self.builder.fneg(self.value))

    def __lt__(self, other: Lanes | float) -> Lanes:
        return self._with(other, lambda b, x, y: b.fcmp_ordered("<", x, y))

    def __gt__(self, other: Lanes | float) -> Lanes:
        return self._with(other, lambda b, x, y: b.fcmp_ordered(">", x, y))

    def __ge__(self, other: Lanes | float) -> Lanes:
        return self._with(other, lambda b, x, y: b.fcmp_ordered(">=", x, y))

    def equals(self, other: Lanes | float) -> Lanes:
        """The lanes in which two values are the same number."""
        return self._with(other, lambda b, x, y: b.fcmp_ordered("==", x, y))


def _value(builder: ir.IRBuilder, operand: Lanes | float) -> ir.Value:
    return operand.value if isinstance(operand, Lanes) else splat_value(builder, ir.Constant(F32, float(operand)))


def _over_lanes(op: Operation[..., Vector]) -> Callable[..., Lanes]:
    """An operation of `vectors`, over `Lanes` and numbers."""

    def apply(*operands: Lanes | float) -> Lanes:
        builder = next(operand.builder for operand in operands if isinstance(operand, Lanes))
        return Lanes(builder, op.build(builder, *(_value(builder, operand) for operand in operands)))

    return apply


absolute, floor, fma = _over_lanes(vectors.absolute), _over_lanes(vectors.floor), _over_lanes(vectors.fma)
sqrt, where = _over_lanes(vectors.sqrt), _over_lanes(vectors.where)
exponent, mantissa = _over_lanes(vectors.exponent), _over_lanes(vectors.mantissa)
two_to_the = _over_lanes(vectors.two_to_the)


def polynomial(x: Lanes, *coefficients: float) -> Lanes:
    """c0 + c1 x + c2 x² …, by Horner's rule, rounded once per step; coefficients from the highest power down."""
    result = fma(coefficients[0], x, coefficients[1])
    for coefficient in coefficients[2:]:
        result = fma(result, x, coefficient)
    return result


class Emitted(Protocol):
    """A formula that kernels may call."""

    formula: Callable[..., Lanes]
    """The formula itself, for use in other formulas."""
    build: Callable[..., ir.Value]
    """(builder, *values) -> value: what emits it."""

    def __call__(self, *vectors: Vector) -> Vector:
        """Only ever called in a kernel."""


def emitted(function: Callable[..., Lanes]) -> Emitted:
    """Make a formula over `Lanes` callable in kernels; the formula stays at `.formula` for others to use."""
    n = function.__code__.co_argcount

    def build(builder: ir.IRBuilder, *values: ir.Value) -> ir.Value:
        return function(*(Lanes(builder, value) for value in values)).value

    made = cast(Emitted, operation(VECTOR, (VECTOR,) * n, build))
    made.formula = function
    made.__doc__ = function.__doc__
    return made
