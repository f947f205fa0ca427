"""The one way to compile: a function of the address of its table row, called by address.

A member's array functions get a single int64, the address of their row in the program table, and read from its cells
where their inputs, outputs, weights and settings lie. Each is compiled alone as a C function when its address is first
asked for, and cached on disk (`kernel_cache`); the engine calls whatever address it finds in a row. So choosing or
switching a member never recompiles anything else.
"""

from __future__ import annotations

import platform
import threading
from collections.abc import Callable
from typing import Any

import llvmlite.ir as ir
from numba import cfunc, njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from ..simd.vectors import _I64, _address, operation
from .cache import use_cache
from .pipeline import HelperCompiler, KernelCompiler

use_cache()

# Cells of a row, each an int64. Addresses are in bytes; 0 means "none".
FORWARD, BACKWARD = 0, 1
"""Addresses of the two compiled functions."""
CONTROL = 2
"""Address of the control block shared by all rows."""
X, Y, DX, DY = 3, 4, 5, 6
"""Inputs, outputs, and the gradient of the loss by each."""
W, GW, B, GB = 7, 8, 9, 10
"""Weights and bias with their gradients."""
N_IN, N_OUT = 11, 12
"""Units in and out."""
N = 13
"""Vectors of 16 floats in an elementwise row."""
PARAMS = 14
"""Address of float64 settings."""
STATE = 15
"""Address of float32 arrays that are kept but not learned."""
SCRATCH = 16
"""Address of working memory."""
TARGET = 17
"""Targets of the batch."""
RESULT = 18
"""Address of float64 results of a loss."""
HYPER = 19
"""Address of float64 [learning rate, t, settings ...]."""
ROWS, COLUMNS = 20, 21
"""Shape of the matrix of a per-tensor row."""
ROW_INDEX = 22
"""Number of the row in its table: tells apart rows that draw random numbers."""
EXTRA = 24
"""First of the layer's own whole numbers, or of the optimizer's slots."""
SLOTS = EXTRA
PARTS = 36
"""First address of the compiled functions a layer's own two call."""
ROW_CELLS = 40
"""Cells of a row."""

# Entries of the control block, each an int64.
N_ROWS = 0
"""Samples in this batch."""
N_VECTORS = 1
"""Vectors of 16 samples in this batch."""
STRIDE = 2
"""Vectors from one unit to the next."""
TRAIN = 3
"""1 while training, 0 while evaluating."""
STEP = 4
SEED = 5
EPOCH = 6
POSITION = 7
"""Rows of the epoch already used."""
BATCH = 8
"""Largest number of samples in a batch."""
CONTROL_CELLS = 16

ROW = types.void(types.int64)
OPTIONS: dict[str, Any] = {
    "nopython": True,
    "cache": True,
    # Python's ZeroDivisionError would cost Adam's loop its vectors; NaN checks must survive, so no nnan and no ninf.
    "error_model": "numpy",
    "fastmath": {"contract", "arcp", "nsz"},
    "pipeline_class": KernelCompiler,
}


def _name(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def bytecode_size(function: Callable[..., Any]) -> int:
    """Bytes of Python's code in a function and the helpers it uses, once for each use: how long compiling will take."""
    code = function.__code__
    used = (getattr(function.__globals__.get(name), "py_func", None) for name in code.co_names)
    helpers = [helper for helper in used if helper is not None]
    return len(code.co_code) + sum(bytecode_size(helper) for helper in helpers)


class Kernel:
    """A function of a row's address, compiled when its `address` is first asked for."""

    def __init__(self, function: Callable[[int], None]) -> None:
        self.function = function
        self.__doc__ = function.__doc__
        self._compiled: Any = None
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
        return int(self._compiled.address)

    @property
    def compiled(self) -> bool:
        """Whether the machine code is there already."""
        return self._compiled is not None


def kernel(function: Callable[[int], None]) -> Kernel:
    """Make a kernel of a function `f(row)`."""
    return Kernel(function)


def kernels_of(member: Any) -> list[Kernel]:
    """All compiled functions of a member's record."""
    found: list[Kernel] = []
    for value in vars(member).values():
        parts = value if isinstance(value, tuple) else (value,)
        found += [part for part in parts if isinstance(part, Kernel)]
    return found


def helper(function: Callable[..., Any]) -> Any:
    """Compile a function that kernels of any file may call; LLVM inlines it where that pays."""
    return njit(
        error_model="numpy",
        fastmath=OPTIONS["fastmath"],
        # Nothing but compiled code calls it.
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
        pipeline_class=HelperCompiler,
    )(function)


class Loop:
    """A loop of the engine, compiled for one signature when it is first called; runs without the interpreter's lock."""

    def __init__(self, function: Callable[..., Any], signature: Any) -> None:
        self.function, self.signature = function, signature
        self.__doc__ = function.__doc__
        self._compiled: Any = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """What tells it apart from all others, in every process."""
        return _name(self.function)

    @property
    def compiled(self) -> bool:
        """Whether the machine code is there already."""
        return self._compiled is not None

    def prepare(self) -> Any:
        """Compile, or load from the cache, now."""
        with self._lock:
            if self._compiled is None:
                self._compiled = njit([self.signature], nogil=True, no_cfunc_wrapper=True, **_LOOP_OPTIONS)(
                    self.function
                )
        return self._compiled

    def __call__(self, *args: Any) -> Any:
        """Run it."""
        return (self._compiled or self.prepare())(*args)


_LOOP_OPTIONS = {name: value for name, value in OPTIONS.items() if name != "nopython"}


def compiled(signature: Any) -> Callable[[Callable[..., Any]], Loop]:
    """Make a loop of a function, for one signature."""
    return lambda function: Loop(function, signature)


def _reader(kind: Any, numba_type: Any, shift: int) -> Any:
    return operation(
        numba_type,
        (types.int64, types.int64),
        lambda builder, address, k: builder.load(_address(builder, address, k, kind, shift)),
    )


def _writer(kind: Any, numba_type: Any, shift: int) -> Any:
    return operation(
        types.void,
        (types.int64, types.int64, numba_type),
        lambda builder, address, k, value: builder.store(value, _address(builder, address, k, kind, shift)),
    )


cell = _reader(_I64, types.int64, 3)
"""cell(row, X): one cell of a row, or one entry of the control block."""
set_cell = _writer(_I64, types.int64, 3)
get = _reader(ir.FloatType(), types.float32, 2)
"""get(address, k): float32 number k."""
put = _writer(ir.FloatType(), types.float32, 2)
"""put(address, k, value): write float32 number k."""
get64 = _reader(ir.DoubleType(), types.float64, 3)
"""get64(address, k): float64 number k."""
put64 = _writer(ir.DoubleType(), types.float64, 3)


@intrinsic
def call(typing_context, function, row):  # type: ignore[no-untyped-def]
    """Run the compiled function at an address, on a row."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        kind = ir.FunctionType(ir.VoidType(), [_I64])
        builder.call(builder.inttoptr(args[0], kind.as_pointer()), [args[1]])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), generate


@intrinsic
def flush_denormals(typing_context, state):  # type: ignore[no-untyped-def]
    """Treat denormal numbers as 0 and return the old state (-1), or restore an old state.

    Adam's moments of a dead unit decay into denormals, which are 20 times slower. Only x86 has this switch here.
    """
    x86 = platform.machine().lower() in ("x86_64", "amd64")

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        if not x86:
            return args[0]
        i32 = ir.IntType(32)
        slot = cgutils.alloca_once(builder, i32)
        kind = ir.FunctionType(ir.VoidType(), [i32.as_pointer()])
        save = cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.sse.stmxcsr")
        load = cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.sse.ldmxcsr")
        builder.call(save, [slot])
        old = builder.load(slot)
        flushing = builder.or_(old, ir.Constant(i32, 0x8040))
        asked = builder.icmp_signed("<", args[0], ir.Constant(_I64, 0))
        builder.store(builder.select(asked, flushing, builder.trunc(args[0], i32)), slot)
        builder.call(load, [slot])
        return builder.zext(old, _I64)

    return types.int64(types.int64), generate
