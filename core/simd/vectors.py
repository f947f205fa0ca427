"""Sixteen floats as one value: loads, stores and the operations on them.

Each operation is one LLVM expression; the processor splits a vector where its registers are shorter. Comparisons give a
mask; `where(mask, a, b)` chooses lane by lane. What the operators of Python do with a vector stands in `compiler`.
"""

from __future__ import annotations

import llvmlite.ir as ir

from .llvm import (
    F32,
    F32X16,
    I32X16,
    in_all_lanes,
    mask_below,
    of_library,
    pointer_to,
    pointer_to_vector,
    splat_value,
)
from .operation import operation
from .types import (
    BOOLEAN,
    FLOAT32,
    FLOAT_BYTES,
    INT,
    LANES,
    MASK,
    VECTOR,
    VOID,
    Address,
    Mask,
    Number,
    Operation,
    Vector,
    Whole,
)

load: Operation[[Address, Whole], Vector] = operation(
    VECTOR, (INT, INT), lambda b, base, k: b.load(pointer_to_vector(b, base, k), align=FLOAT_BYTES)
)
"""load(address, k): vector number k."""
store: Operation[[Address, Whole, Vector], None] = operation(
    VOID, (INT, INT, VECTOR), lambda b, base, k, v: b.store(v, pointer_to_vector(b, base, k), align=FLOAT_BYTES)
)
"""store(address, k, vector): write vector number k."""
load_at: Operation[[Address, Whole], Vector] = operation(
    VECTOR,
    (INT, INT),
    lambda b, base, k: b.load(pointer_to(b, base, k, F32X16, FLOAT_BYTES), align=FLOAT_BYTES),
)
"""load_at(address, k): the 16 floats from float number k on."""
store_at: Operation[[Address, Whole, Vector], None] = operation(
    VOID,
    (INT, INT, VECTOR),
    lambda b, base, k, v: b.store(v, pointer_to(b, base, k, F32X16, FLOAT_BYTES), align=FLOAT_BYTES),
)
"""store_at(address, k, vector): write the 16 floats from float number k on."""
broadcast: Operation[[Address, Whole], Vector] = operation(
    VECTOR,
    (INT, INT),
    lambda b, base, k: splat_value(b, b.load(pointer_to(b, base, k, F32, FLOAT_BYTES), align=FLOAT_BYTES)),
)
"""broadcast(address, k): float number k in all lanes."""
splat: Operation[[Number], Vector] = operation(VECTOR, (FLOAT32,), lambda b, x: splat_value(b, x))
"""splat(x): one number in all lanes."""
fma: Operation[[Vector, Vector, Vector], Vector] = operation(VECTOR, (VECTOR, VECTOR, VECTOR), of_library("fma", 3))
"""fma(a, b, c) = a * b + c, rounded once."""
sqrt: Operation[[Vector], Vector] = operation(VECTOR, (VECTOR,), of_library("sqrt", 1))
floor: Operation[[Vector], Vector] = operation(VECTOR, (VECTOR,), of_library("floor", 1))
absolute: Operation[[Vector], Vector] = operation(VECTOR, (VECTOR,), of_library("fabs", 1))
where: Operation[[Mask, Vector, Vector], Vector] = operation(
    VECTOR, (MASK, VECTOR, VECTOR), lambda b, m, x, y: b.select(m, x, y)
)
"""where(mask, a, b): a in the lanes of the mask, b in the others."""
lanes_below: Operation[[Whole], Mask] = operation(MASK, (INT,), lambda b, n: mask_below(b, n, LANES))
"""lanes_below(n): the mask of the first n lanes."""
any_lane: Operation[[Mask], bool] = operation(
    BOOLEAN,
    (MASK,),
    lambda b, m: b.icmp_unsigned("!=", b.bitcast(m, ir.IntType(LANES)), ir.Constant(ir.IntType(LANES), 0)),
)
"""any_lane(mask): whether a lane is set."""

# The parts of a float32: its sign, 8 bits of exponent, which is 127 too large, and the 23 bits after the binary point.
two_to_the: Operation[[Vector], Vector] = operation(
    VECTOR,
    (VECTOR,),
    lambda b, n: b.bitcast(b.shl(b.add(b.fptosi(n, I32X16), in_all_lanes(127)), in_all_lanes(23)), F32X16),
)
"""two_to_the(n): 2 to the n, for whole n from -126 to 127."""
exponent: Operation[[Vector], Vector] = operation(
    VECTOR,
    (VECTOR,),
    lambda b, x: b.sitofp(b.sub(b.lshr(b.bitcast(x, I32X16), in_all_lanes(23)), in_all_lanes(127)), F32X16),
)
"""exponent(x): the whole number n for which x / 2 to the n lies in [1, 2), for x > 0."""
mantissa: Operation[[Vector], Vector] = operation(
    VECTOR,
    (VECTOR,),
    lambda b, x: b.bitcast(
        b.or_(b.and_(b.bitcast(x, I32X16), in_all_lanes(0x7FFFFF)), in_all_lanes(0x3F800000)), F32X16
    ),
)
"""mantissa(x): that number in [1, 2)."""


def _choice(sign: str) -> Operation[[Whole, Whole], int]:
    return operation(INT, (INT, INT), lambda builder, a, b: builder.select(builder.icmp_signed(sign, a, b), a, b))


least, most = _choice("<"), _choice(">")
"""least(a, b), most(a, b): smaller and larger of two whole numbers. Python's own cost a compilation each."""
