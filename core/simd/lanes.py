"""Operations across the lanes of vectors: sums, and writing a few lanes or vectors at once."""

from __future__ import annotations

from typing import Any

import llvmlite.ir as ir
from numba import types

from .vectors import _F32, _I32, _I64, LANES, VECTOR, _address, _shuffle, operation, store


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


def _store_four(builder: Any, to: Any, hop: Any, *vectors: Any) -> None:
    for k, vector in enumerate(vectors):
        store.build(builder, to, builder.mul(hop, ir.Constant(_I64, k)), vector)


store_four = operation(types.void, (types.int64, types.int64, VECTOR, VECTOR, VECTOR, VECTOR), _store_four)
"""store_four(address, hop, a, b, c, d): write four vectors, `hop` vectors apart."""
