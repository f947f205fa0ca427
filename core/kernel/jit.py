"""Numba itself, imported when the first function is compiled: what only reads a member's record never waits for it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar

from numba import cfunc, njit, types
from numba.core import caching
from numba.core.ccallback import CFunc

from ..simd.compiler import numba_type
from ..simd.types import Kind
from .cache import use_cache
from .cells import Row
from .pipeline import HelperCompiler, KernelCompiler

use_cache()

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)

ROW = types.void(types.int64)
"""Numba's signature of a kernel."""

_LOOP_OPTIONS: dict[str, object] = {
    "cache": True,
    # Python's ZeroDivisionError would cost Adam's loop its vectors; NaN checks must survive, so no nnan and no ninf.
    "error_model": "numpy",
    "fastmath": {"contract", "arcp", "nsz"},
    "pipeline_class": KernelCompiler,
}
OPTIONS: dict[str, object] = {"nopython": True, **_LOOP_OPTIONS}
"""What kernels are compiled with."""


def compile_kernel(function: Callable[[Row], None], **options: object) -> CFunc:
    """A C function of a row's address.

    Args:
        function: A kernel as it is written.
        options: In place of those in `OPTIONS`.
    """
    made: CFunc = cfunc(ROW, **OPTIONS | options)(function)
    return made


def compile_loop(function: Callable[..., R_co], result: Kind, n_arguments: int) -> Callable[..., R_co]:
    """A function of whole numbers, called from Python without the interpreter's lock."""
    signature = numba_type(result)(*[types.int64] * n_arguments)
    made: Callable[..., R_co] = njit([signature], nogil=True, no_cfunc_wrapper=True, **_LOOP_OPTIONS)(function)
    return made


def compile_helper(function: Callable[..., object]) -> Any:
    """A function that kernels may call, compiled with the first that does."""
    return njit(
        error_model="numpy",
        fastmath=OPTIONS["fastmath"],
        # Nothing but compiled code calls it.
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
        pipeline_class=HelperCompiler,
    )(function)


def is_cached(function: Callable[..., object]) -> bool:
    """Whether a function lies in the cache as its source is now; asking is much cheaper than loading it."""
    with suppress(OSError, RuntimeError):
        return bool(caching.FunctionCache(function)._cache_file._load_index())
    return False
