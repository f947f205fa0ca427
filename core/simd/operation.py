"""Functions for kernels of one LLVM expression each.

An operation knows what it takes, gives and emits. Numba is told when the first kernel that uses it is compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .types import Kind, Operation

if TYPE_CHECKING:
    import llvmlite.ir as ir
    from numba import types


class _Operation:
    """The one form of all operations."""

    def __init__(self, result: Kind, arguments: tuple[Kind, ...], build: Callable[..., ir.Value]) -> None:
        self.result, self.arguments, self.build = result, arguments, build

    @cached_property
    def _numba_type_(self) -> types.Function:
        """What Numba asks of a value that it meets in a function."""
        from .compiler import function_type

        return function_type(self.result, self.arguments, self.build)

    def __call__(self, *_: object) -> None:
        raise NotImplementedError("only kernels can call an operation")


def operation(result: Kind, arguments: tuple[Kind, ...], build: Callable[..., ir.Value]) -> Operation[..., Any]:
    """A function for kernels of one LLVM expression: `build(builder, *values) -> value`, kept at `.build`.

    Args:
        result: Kind of the result; `VOID` for what only acts.
        arguments: Kinds of the arguments.
        build: Emits it.

    Returns:
        The function. What it takes and returns for a type checker is declared where it gets its name.
    """
    return _Operation(result, arguments, build)
