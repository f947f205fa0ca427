"""How a kernel reads and writes memory, and calls another: by address.

Each is an operation of one or two instructions, so a kernel costs what its loads and stores cost.
"""

from __future__ import annotations

import platform

import llvmlite.ir as ir
import numpy as np

from ..simd import llvm
from ..simd.llvm import F32, I32, I64, declared, pointer_to, whole
from ..simd.operation import operation
from ..simd.types import FLOAT32, FLOAT64, FLOAT_BYTES, INT, VOID, Address, Number, Operation, Whole
from .cells import Row

F64, F64_BYTES, CELL_BYTES = ir.DoubleType(), 8, 8

cell: Operation[[Row, Whole], int] = operation(
    INT, (INT, INT), lambda b, row, k: b.load(pointer_to(b, row, k, I64, CELL_BYTES))
)
"""cell(row, X): one cell of a row, or one entry of the control block."""
set_cell: Operation[[Row, Whole, Whole], None] = operation(
    VOID, (INT, INT, INT), lambda b, row, k, value: b.store(value, pointer_to(b, row, k, I64, CELL_BYTES))
)
"""set_cell(row, X, value): write one cell."""
get: Operation[[Address, Whole], np.float32] = operation(
    FLOAT32, (INT, INT), lambda b, base, k: b.load(pointer_to(b, base, k, F32, FLOAT_BYTES))
)
"""get(address, k): float32 number k."""
put: Operation[[Address, Whole, Number], None] = operation(
    VOID,
    (INT, INT, FLOAT32),
    lambda b, base, k, value: b.store(value, pointer_to(b, base, k, F32, FLOAT_BYTES)),
)
"""put(address, k, value): write float32 number k."""
get64: Operation[[Address, Whole], float] = operation(
    FLOAT64, (INT, INT), lambda b, base, k: b.load(pointer_to(b, base, k, F64, F64_BYTES))
)
"""get64(address, k): float64 number k."""
put64: Operation[[Address, Whole, Number], None] = operation(
    VOID,
    (INT, INT, FLOAT64),
    lambda b, base, k, value: b.store(value, pointer_to(b, base, k, F64, F64_BYTES)),
)
"""put64(address, k, value): write float64 number k."""


def _call(builder: ir.IRBuilder, function: ir.Value, row: ir.Value) -> None:
    kind = ir.FunctionType(ir.VoidType(), [I64])
    builder.call(builder.inttoptr(function, kind.as_pointer()), [row])


call: Operation[[Address, Row], None] = operation(VOID, (INT, INT), _call)
"""call(function, row): run the compiled function at an address, on a row."""


def on_stack(n_vectors: int) -> Operation[[], Address]:
    """A function for kernels that gives the address of so many vectors, theirs until they return.

    Few, as threads may have half a megabyte of stack; in a loop it is the same place every time.
    """
    return operation(INT, (), lambda b: llvm.on_stack(b, n_vectors))


def _flush_denormals(builder: ir.IRBuilder, state: ir.Value) -> ir.Value:
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return state
    from numba.core import cgutils

    place = cgutils.alloca_once(builder, I32)
    kind = ir.FunctionType(ir.VoidType(), [I32.as_pointer()])
    save = declared(builder, kind, "llvm.x86.sse.stmxcsr")
    restore = declared(builder, kind, "llvm.x86.sse.ldmxcsr")
    builder.call(save, [place])
    old = builder.load(place)
    flushing = builder.or_(old, ir.Constant(I32, 0x8040))
    asked = builder.icmp_signed("<", state, whole(0))
    builder.store(builder.select(asked, flushing, builder.trunc(state, I32)), place)
    builder.call(restore, [place])
    return builder.zext(old, I64)


flush_denormals: Operation[[Whole], int] = operation(INT, (INT,), _flush_denormals)
"""flush_denormals(-1): treat denormal numbers as 0, and return the old state; flush_denormals(old): restore it.

Adam's moments of a dead unit decay into denormals, which are 20 times slower. Only x86 has this switch here.
"""
