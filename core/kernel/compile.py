"""The one way to compile: a function of the address of its table row, called by address.

A member's array functions get a single int64, the address of their row in the program table, and read from its cells
where their inputs, outputs, weights and settings lie. Each is compiled alone as a C function when its address is first
asked for, and cached on disk (see `cache`); the engine calls whatever address it finds in a row. So choosing or
switching a member never recompiles anything else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

from numba import cfunc, njit, types
from numba.core.ccallback import CFunc
from numba.core.typing.templates import Signature

from .cache import use_cache
from .cells import Row
from .pipeline import HelperCompiler, KernelCompiler

use_cache()

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)

ROW = types.void(types.int64)
"""Numba's signature of a kernel."""


OPTIONS: dict[str, object] = {
    "nopython": True,
    "cache": True,
    # Python's ZeroDivisionError would cost Adam's loop its vectors; NaN checks must survive, so no nnan and no ninf.
    "error_model": "numpy",
    "fastmath": {"contract", "arcp", "nsz"},
    "pipeline_class": KernelCompiler,
}
"""What kernels are compiled with."""

_LOOP_OPTIONS = {name: value for name, value in OPTIONS.items() if name != "nopython"}


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
                self._compiled = cfunc(ROW, **OPTIONS)(self.function)
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


def helper(function: Callable[P, R_co]) -> Callable[P, R_co]:
    """Compile a function that kernels of any file may call; LLVM inlines it where that pays."""
    made: Callable[P, R_co] = njit(
        error_model="numpy",
        fastmath=OPTIONS["fastmath"],
        # Nothing but compiled code calls it.
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
        pipeline_class=HelperCompiler,
    )(function)
    return made


class Loop(Generic[R_co]):
    """A loop of the engine over whole numbers, compiled for one signature when it is first called.

    It runs without the interpreter's lock.
    """

    def __init__(self, function: Callable[..., R_co], signature: Signature) -> None:
        self.function, self.signature = function, signature
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
                compiler = njit([self.signature], nogil=True, no_cfunc_wrapper=True, **_LOOP_OPTIONS)
                self._compiled = compiler(self.function)
        return self._compiled

    def __call__(self, *args: int) -> R_co:
        """Run it."""
        return (self._compiled or self.prepare())(*args)


def compiled(signature: Signature) -> Callable[[Callable[..., R_co]], Loop[R_co]]:
    """Make a loop of a function, for one signature."""
    return lambda function: Loop(function, signature)
