"""Functions of sixteen floats, written as formulas and emitted straight into the kernel that calls them.

Compiling a function of its own costs a fifth of a second in every process. An emitted function is run once for each
call while the kernel is compiled: its operators append instructions instead of computing. So `exp` may be used in fifty
kernels and costs nothing in any.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import llvmlite.ir as ir

from . import vectors
from .vectors import VECTOR, operation, splat_value

_F32 = ir.FloatType()


class Lanes:
    """Sixteen floats, or sixteen truths, of a function being emitted."""

    def __init__(self, builder: Any, value: Any) -> None:
        self.builder, self.value = builder, value

    def _with(self, other: Lanes | float, build: Callable[[Any, Any, Any], Any], *, swapped: bool = False) -> Lanes:
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


def _value(builder: Any, operand: Lanes | float) -> Any:
    return operand.value if isinstance(operand, Lanes) else splat_value(builder, ir.Constant(_F32, float(operand)))


def _lifted(op: Any) -> Callable[..., Lanes]:
    """An operation of `vectors`, over `Lanes` and numbers."""

    def apply(*operands: Lanes | float) -> Lanes:
        builder = next(operand.builder for operand in operands if isinstance(operand, Lanes))
        return Lanes(builder, op.build(builder, *(_value(builder, operand) for operand in operands)))

    return apply


absolute, floor, fma, sqrt, where = map(
    _lifted, (vectors.absolute, vectors.floor, vectors.fma, vectors.sqrt, vectors.where)
)
exponent, mantissa, two_to_the = map(_lifted, (vectors.exponent, vectors.mantissa, vectors.two_to_the))


def polynomial(x: Lanes, *coefficients: float) -> Lanes:
    """c0 + c1 x + c2 x² …, by Horner's rule with one rounding a step; coefficients from the highest power down."""
    result = fma(coefficients[0], x, coefficients[1])
    for coefficient in coefficients[2:]:
        result = fma(result, x, coefficient)
    return result


def emitted(function: Callable[..., Lanes]) -> Any:
    """Make a formula over `Lanes` callable in kernels; the formula stays at `.formula` for others to use."""
    n = function.__code__.co_argcount
    made = operation(VECTOR, (VECTOR,) * n, lambda b, *values: function(*(Lanes(b, value) for value in values)).value)
    made.formula = function
    made.__doc__ = function.__doc__
    return made
