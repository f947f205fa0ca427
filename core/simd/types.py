"""The values kernels work on: their sizes, what they are called, and what a type checker knows of them.

Compiled code holds sixteen floats in one register. Python never sees such a value. `Vector` and `Mask` stand for them
in annotations, so that the arithmetic of a kernel is checked like any other; nothing ever makes one. A `Kind` names the
type of a value for the compiler, which is not loaded here: what only asks for a member's settings does without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeAlias, TypeVar

import numpy as np

if TYPE_CHECKING:
    import llvmlite.ir as ir

LANES = 16
"""Floats in a vector."""
FLOAT_BYTES = 4
"""Bytes of a float32."""
VECTOR_BYTES = LANES * FLOAT_BYTES
"""Bytes of a vector."""


@dataclass(frozen=True)
class Kind:
    """The type of a value in compiled code, by its name."""

    name: str
    """The compiler's own name, or that of a vector or a mask."""
    count: int = 0
    """For a tuple of such values: how many; 0 for a value alone."""


VOID, BOOLEAN, INT, UINT64 = Kind("void"), Kind("boolean"), Kind("int64"), Kind("uint64")
"""Nothing, a truth, a whole number or an address, and 64 bits."""
FLOAT32, FLOAT64 = Kind("float32"), Kind("float64")
"""Numbers."""
VECTOR, MASK = Kind("float32x16"), Kind("bool16")
"""Sixteen floats, and sixteen truths."""
VECTORS = Kind("float32x16", -1)
"""A tuple of vectors, of any length."""

Address: TypeAlias = int
"""Where something lies in memory, in bytes; 0 where there is nothing."""
Whole: TypeAlias = int | np.integer
"""A whole number in a kernel."""
Number: TypeAlias = float | np.floating
"""A number in a kernel; combined with a vector it stands in every lane."""


class Mask(Protocol):
    """Sixteen truths, one for each lane."""

    def __and__(self, other: Mask) -> Mask: ...
    def __or__(self, other: Mask) -> Mask: ...


class Vector(Protocol):
    """Sixteen floats, one in each lane."""

    def __add__(self, other: Vector | Number) -> Vector: ...
    def __radd__(self, other: Number) -> Vector: ...
    def __sub__(self, other: Vector | Number) -> Vector: ...
    def __rsub__(self, other: Number) -> Vector: ...
    def __mul__(self, other: Vector | Number) -> Vector: ...
    def __rmul__(self, other: Number) -> Vector: ...
    def __truediv__(self, other: Vector | Number) -> Vector: ...
    def __rtruediv__(self, other: Number) -> Vector: ...
    def __neg__(self) -> Vector: ...
    def __lt__(self, other: Vector | Number) -> Mask: ...
    def __gt__(self, other: Vector | Number) -> Mask: ...
    def __le__(self, other: Vector | Number) -> Mask: ...
    def __ge__(self, other: Vector | Number) -> Mask: ...
    def __eq__(self, other: Vector | Number) -> Mask: ...  # type: ignore[override]  # lane by lane, as NumPy's


P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)


class Operation(Protocol[P, R_co]):
    """A function of kernels that is emitted where it is called, as a few instructions. `operation` makes one."""

    build: Callable[..., ir.Value]
    """(builder, *values) -> value: what emits them."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Only ever called in a kernel."""
