"""The one way to compile: a function of the address of its table row, called by address.

A member's array functions get a single int64, the address of their row in the program table, and read from its cells
where their inputs, outputs, weights and settings lie. Each is compiled alone as a C function when its address is first
asked for, and cached on disk (see `cache`); the engine calls whatever address it finds in a row. So choosing or
switching a member never recompiles anything else. Until then Numba is not imported.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, cast

from ..simd.types import Kind
from .cells import Row

if TYPE_CHECKING:
    from numba.core.ccallback import CFunc

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)


def _name(function: Callable[..., object]) -> str:
    """What tells a function apart from all others, in every process."""
    return f"{function.__module__}.{function.__qualname__}"


def bytecode_size(function: Callable[..., object]) -> int:
    """Bytes of Python's code in a function and the helpers it uses, once for each use: how long compiling will take."""
    code = function.__code__
    used = (getattr(function.__globals__.get(name), "py_func", None) for name in code.co_names)
    helpers = [helper for helper in used if helper is not None]
    return len(code.co_code) + sum(bytecode_size(helper) for helper in helpers)


class Kernel:
    """A function of a row's address, compiled when its `address` is first asked for."""

    def __init__(self, function: Callable[[Row], None]) -> None:
        self.function = function
        self.__doc__ = function.__doc__
        self._compiled: CFunc | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """What tells it apart from all others, in every process."""
        return _name(self.function)

    @property
    def address(self) -> int:
        """Where the machine code lies."""
        with self._lock:
            if self._compiled is None:
                from .jit import compile_kernel

                self._compiled = compile_kernel(self.function)
            address = self._compiled.address
        assert address is not None
        return int(address)

    @property
    def compiled(self) -> bool:
        """Whether the machine code is there already."""
        return self._compiled is not None


def kernel(function: Callable[[Row], None]) -> Kernel:
    """Make a kernel of a function `f(row)`."""
    return Kernel(function)


def kernels_of(member: object) -> list[Kernel]:
    """All compiled functions of a member's record."""
    found: list[Kernel] = []
    for value in vars(member).values():
        parts = value if isinstance(value, tuple) else (value,)
        found += [part for part in parts if isinstance(part, Kernel)]
    return found


class _Helper:
    """A function that kernels may call."""

    def __init__(self, function: Callable[..., object]) -> None:
        self.py_func = function
        self.__doc__ = function.__doc__

    @cached_property
    def _compiled(self) -> Any:
        from .jit import compile_helper

        return compile_helper(self.py_func)

    @property
    def _numba_type_(self) -> object:
        """What Numba asks of a value that it meets in a function."""
        return self._compiled._numba_type_


def helper(function: Callable[P, R_co]) -> Callable[P, R_co]:
    """Have a function compiled with the kernels of any file that call it; LLVM inlines it where that pays."""
    return cast(Callable[P, R_co], _Helper(function))


class Loop(Generic[R_co]):
    """A loop of the engine over whole numbers, compiled when it is first called.

    It runs without the interpreter's lock.
    """

    def __init__(self, function: Callable[..., R_co], result: Kind, n_arguments: int) -> None:
        self.function, self.result, self.n_arguments = function, result, n_arguments
        self.__doc__ = function.__doc__
        self._compiled: Callable[..., R_co] | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """What tells it apart from all others, in every process."""
        return _name(self.function)

    @property
    def compiled(self) -> bool:
        """Whether the machine code is there already."""
        return self._compiled is not None

    def prepare(self) -> Callable[..., R_co]:
        """Compile, or load from the cache, now."""
        with self._lock:
            if self._compiled is None:
                from .jit import compile_loop

                self._compiled = compile_loop(self.function, self.result, self.n_arguments)
        return self._compiled

    def __call__(self, *args: int) -> R_co:
        """Run it."""
        return (self._compiled or self.prepare())(*args)


def compiled(result: Kind, n_arguments: int) -> Callable[[Callable[..., R_co]], Loop[R_co]]:
    """Make a loop of a function of so many whole numbers."""
    return lambda function: Loop(function, result, n_arguments)
