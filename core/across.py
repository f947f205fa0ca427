"""Operations across the lanes of vectors: sums, transposition, and writing only some lanes."""

from __future__ import annotations

from typing import Any

import llvmlite.ir as ir
from numba import types
from numba.core import cgutils

from .vectors import _BITS, _F32, _I32, _I64, _VECTOR, LANES, VECTOR, _address, _shuffle, lanes_below, operation


def _reduce(builder: Any, vector: Any) -> Any:
    width = LANES
    while width > 1:
        width //= 2
        lanes = [i + width if i < width else i for i in range(LANES)]
        vector = builder.fadd(vector, _shuffle(builder, vector, vector, lanes))
    return builder.extract_element(vector, ir.Constant(_I32, 0))


total = operation(types.float32, (VECTOR,), _reduce)
"""total(v): sum of the lanes, always in the same order."""


def _reduce4(builder: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    def pair(p: Any, q: Any, distance: int) -> Any:
        low = [k if not k & distance else LANES + (k & ~distance) for k in range(LANES)]
        high = [k | distance if not k & distance else LANES + k for k in range(LANES)]
        return builder.fadd(_shuffle(builder, p, q, low), _shuffle(builder, p, q, high))

    v = pair(pair(a, b, 1), pair(c, d, 1), 2)
    for distance in (4, 8):
        v = builder.fadd(v, _shuffle(builder, v, v, [k ^ distance for k in range(LANES)]))
    return v


total4 = operation(VECTOR, (VECTOR, VECTOR, VECTOR, VECTOR), _reduce4)
"""total4(a, b, c, d): a vector whose lanes 0 to 3 are the four sums."""
store4_at = operation(
    types.void,
    (types.int64, types.int64, VECTOR),
    lambda b, base, k, v: b.store(
        _shuffle(b, v, v, [0, 1, 2, 3]), _address(b, base, k, ir.VectorType(_F32, 4), 2), align=4
    ),
)
"""store4_at(address, k, vector): write lanes 0 to 3 from float number k on."""


def _put4(builder: Any, base: Any, offset: Any, hop: Any, vector: Any) -> None:
    for lane in range(4):
        at = builder.add(offset, builder.mul(hop, ir.Constant(_I64, lane)))
        value = builder.extract_element(vector, ir.Constant(_I32, lane))
        builder.store(value, _address(builder, base, at, _F32, 2), align=4)


put4 = operation(types.void, (types.int64, types.int64, types.int64, VECTOR), _put4)
"""put4(address, k, hop, vector): write lanes 0 to 3 to float numbers k, k + hop, k + 2 hop, k + 3 hop."""


def _turn8(builder: Any, to: Any, step: Any, source: Any, hop: Any, n: Any) -> None:
    last = builder.sub(n, ir.Constant(_I64, 1))
    rows = []
    for k in range(8):
        number = ir.Constant(_I64, k)
        number = builder.select(builder.icmp_signed("<", number, last), number, last)
        rows.append(builder.load(_address(builder, source, builder.mul(number, hop), _VECTOR, 6), align=4))
    # Pairs of rows are interleaved, then pairs of pairs: after three rounds every lane's eight values lie together.
    low = [lane // 2 + LANES * (lane % 2) for lane in range(LANES)]
    high = [lane + LANES // 2 for lane in low]
    for _ in range(3):
        half = len(rows) // 2
        rows = [_shuffle(builder, rows[k], rows[k + half], lanes) for k in range(half) for lanes in (low, high)]
    for lane in range(LANES):
        eight = _shuffle(builder, rows[lane // 2], rows[lane // 2], [8 * (lane % 2) + k for k in range(8)])
        at = builder.mul(step, ir.Constant(_I64, lane))
        builder.store(eight, _address(builder, to, at, ir.VectorType(_F32, 8), 2), align=4)


turn8 = operation(types.void, (types.int64,) * 5, _turn8)
"""turn8(to, step, source, hop, n): of n ≤ 8 vectors, `hop` vectors apart, write the values of lane k side by side from
float number k * step on; behind the n-th comes the n-th again."""


def _store_some(builder: Any, base: Any, offset: Any, vector: Any, n: Any) -> None:
    name = f"llvm.masked.store.v{LANES}f32.p0"
    kind = ir.FunctionType(ir.VoidType(), [_VECTOR, _VECTOR.as_pointer(), _I32, _BITS])
    store = cgutils.get_or_insert_function(builder.module, kind, name)
    mask = lanes_below.build(builder, n)
    builder.call(store, [vector, _address(builder, base, offset, _VECTOR, 2), ir.Constant(_I32, 4), mask])


store_some_at = operation(types.void, (types.int64, types.int64, VECTOR, types.int64), _store_some)
"""store_some_at(address, k, vector, n): write the first n lanes from float number k on."""


def _store_four(builder: Any, to: Any, hop: Any, *vectors: Any) -> None:
    for k, vector in enumerate(vectors):
        at = builder.mul(hop, ir.Constant(_I64, k))
        builder.store(vector, _address(builder, to, at, _VECTOR, 6), align=4)


store_four = operation(types.void, (types.int64, types.int64, VECTOR, VECTOR, VECTOR, VECTOR), _store_four)
"""store_four(address, hop, a, b, c, d): write four vectors, `hop` vectors apart."""
