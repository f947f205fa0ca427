"""Operations across the lanes of vectors: sums, and writing a few lanes or vectors at once."""

from __future__ import annotations

import llvmlite.ir as ir
import numpy as np

from .llvm import F32, I32, pointer_to, shuffle, whole
from .operation import operation
from .types import FLOAT32, FLOAT_BYTES, INT, LANES, VECTOR, VOID, Address, Operation, Vector, Whole
from .vectors import store


def _total(builder: ir.IRBuilder, vector: ir.Value) -> ir.Value:
    width = LANES
    while width > 1:
        width //= 2
        lanes = [i + width if i < width else i for i in range(LANES)]
        vector = builder.fadd(vector, shuffle(builder, vector, vector, lanes))
    return builder.extract_element(vector, ir.Constant(I32, 0))


total: Operation[[Vector], np.float32] = operation(FLOAT32, (VECTOR,), _total)
"""total(v): sum of the lanes, always in the same order."""


def _total4(builder: ir.IRBuilder, a: ir.Value, b: ir.Value, c: ir.Value, d: ir.Value) -> ir.Value:
    def pair(p: ir.Value, q: ir.Value, distance: int) -> ir.Value:
        low = [k if not k & distance else LANES + (k & ~distance) for k in range(LANES)]
        high = [k | distance if not k & distance else LANES + k for k in range(LANES)]
        return builder.fadd(shuffle(builder, p, q, low), shuffle(builder, p, q, high))

    v = pair(pair(a, b, 1), pair(c, d, 1), 2)
    for distance in (4, 8):
        v = builder.fadd(v, shuffle(builder, v, v, [k ^ distance for k in range(LANES)]))
    return v


total4: Operation[[Vector, Vector, Vector, Vector], Vector] = operation(VECTOR, (VECTOR,) * 4, _total4)
"""total4(a, b, c, d): a vector whose lanes 0 to 3 are the four sums."""


def _store4_at(builder: ir.IRBuilder, base: ir.Value, k: ir.Value, vector: ir.Value) -> None:
    first4 = shuffle(builder, vector, vector, [0, 1, 2, 3])
    builder.store(first4, pointer_to(builder, base, k, ir.VectorType(F32, 4), FLOAT_BYTES), align=FLOAT_BYTES)


store4_at: Operation[[Address, Whole, Vector], None] = operation(VOID, (INT, INT, VECTOR), _store4_at)
"""store4_at(address, k, vector): write lanes 0 to 3 from float number k on."""


def _put4(builder: ir.IRBuilder, base: ir.Value, k: ir.Value, hop: ir.Value, vector: ir.Value) -> None:
    for lane in range(4):
        at = builder.add(k, builder.mul(hop, whole(lane)))
        value = builder.extract_element(vector, ir.Constant(I32, lane))
        builder.store(value, pointer_to(builder, base, at, F32, FLOAT_BYTES), align=FLOAT_BYTES)


put4: Operation[[Address, Whole, Whole, Vector], None] = operation(VOID, (INT, INT, INT, VECTOR), _put4)
"""put4(address, k, hop, vector): write lanes 0 to 3 to float numbers k, k + hop, k + 2 hop, k + 3 hop."""


def _store_four(builder: ir.IRBuilder, to: ir.Value, hop: ir.Value, *vectors: ir.Value) -> None:
    for k, vector in enumerate(vectors):
        store.build(builder, to, builder.mul(hop, whole(k)), vector)


store_four: Operation[[Address, Whole, Vector, Vector, Vector, Vector], None] = operation(
    VOID, (INT, INT, VECTOR, VECTOR, VECTOR, VECTOR), _store_four
)
"""store_four(address, hop, a, b, c, d): write four vectors, `hop` vectors apart."""
