"""Products of matrices, whole loops of them emitted as one operation each.

As operations they compile in a tenth of the time of the same loops written out, and are written only here. There are
two kinds, because sixteen lanes hold sixteen samples of one unit.

A sum over units stays in its lane. `weighted4` and `products4` make four such sums at once: they share each vector that
is loaded and keep the processor's multipliers busy.

A sum over samples adds up the lanes of a vector, which costs more than the products it adds up. So 8 or 16 units are
transposed first, until their values of one sample lie side by side:

        lane   0    1   …   15                        0    1   …   15
    unit 0    a0   a1   …  a15         vector  0     a0   b0   …   p0      sample 0 of all sixteen units
    unit 1    b0   b1   …  b15    →    vector  1     a1   b1   …   p1      sample 1
      …                                  …
    unit 15   p0   p1   …  p15         vector 15    a15  b15   …  p15

Then a sum over samples is a sum of vectors, and gives the results of sixteen units at once. Of eight units, a vector
holds two samples: a0 … h0 a1 … h1. All of it happens in registers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import llvmlite.ir as ir

from .llvm import F32X16, I64, address_of, masked_store, pointer_to, repeated, shuffle, whole
from .operation import operation
from .types import (
    FLOAT_BYTES,
    INT,
    LANES,
    VECTOR,
    VECTOR_BYTES,
    VECTORS,
    VOID,
    Address,
    Kind,
    Operation,
    Vector,
    Whole,
)
from .vectors import broadcast, fma, least, load, load_at, store

FourVectors: TypeAlias = tuple[Vector, Vector, Vector, Vector]
Factors: TypeAlias = Iterator[tuple[ir.Value, ir.Value]]

_FOUR = Kind(VECTOR.name, 4)


def _tuple(builder: ir.IRBuilder, vectors: Sequence[ir.Value]) -> ir.Value:
    """Vectors as one value."""
    made: ir.Value = ir.Constant(ir.ArrayType(F32X16, len(vectors)), ir.Undefined)
    for place, vector in enumerate(vectors):
        made = builder.insert_value(made, vector, place)
    return made


def _vectors(builder: ir.IRBuilder, made: ir.Value) -> list[ir.Value]:
    """The vectors of such a value."""
    return [builder.extract_value(made, place) for place in range(made.type.count)]


def _add_products(
    builder: ir.IRBuilder, sums: Sequence[ir.Value], n: ir.Value, factors: Callable[[ir.Value], Factors]
) -> ir.Value:
    """The four sums after n rounds; round k adds to each the product of its two `factors(k)`."""

    def added(k: ir.Value, running: list[ir.Value]) -> list[ir.Value]:
        return [fma.build(builder, x, y, old) for old, (x, y) in zip(running, factors(k), strict=True)]

    return _tuple(builder, repeated(builder, n, sums, added))


def _weighted4(builder: ir.IRBuilder, *values: ir.Value) -> ir.Value:
    *sums, weights, next_sum, next_term, source, hop, n = values
    of_sums = [builder.mul(next_sum, whole(r)) for r in range(4)]

    def factors(k: ir.Value) -> Factors:
        vector = load.build(builder, source, builder.mul(k, hop))
        of_term = builder.mul(k, next_term)
        for of_sum in of_sums:
            yield broadcast.build(builder, weights, builder.add(of_term, of_sum)), vector

    return _add_products(builder, sums, n, factors)


weighted4: Operation[[Vector, Vector, Vector, Vector, Address, Whole, Whole, Address, Whole, Whole], FourVectors] = (
    operation(_FOUR, (*[VECTOR] * 4, *[INT] * 6), _weighted4)
)
"""weighted4(a, b, c, d, weights, next_sum, next_term, source, hop, n): four sums of n vectors, each with its weights.

Sum r of (a, b, c, d) gains weights[next_sum * r + next_term * k] * vector k, for k from 0 to n - 1; vectors begin at
the address `source` and are `hop` vectors apart.
"""


def _products4(builder: ir.IRBuilder, *values: ir.Value) -> ir.Value:
    *sums, x, x_hop, y, next_sum, y_hop, n = values
    of_sums = [builder.mul(next_sum, whole(r)) for r in range(4)]

    def factors(k: ir.Value) -> Factors:
        vector = load.build(builder, x, builder.mul(k, x_hop))
        of_term = builder.mul(k, y_hop)
        for of_sum in of_sums:
            yield vector, load.build(builder, y, builder.add(of_term, of_sum))

    return _add_products(builder, sums, n, factors)


products4: Operation[[Vector, Vector, Vector, Vector, Address, Whole, Address, Whole, Whole, Whole], FourVectors] = (
    operation(_FOUR, (*[VECTOR] * 4, *[INT] * 6), _products4)
)
"""products4(a, b, c, d, x, x_hop, y, next_sum, y_hop, n): four sums of n products, lane by lane, with the same x.

Sum r of (a, b, c, d) gains x vector (x_hop * k) * y vector (next_sum * r + y_hop * k), for k from 0 to n - 1.
"""


def _transpose(builder: ir.IRBuilder, rows: list[ir.Value]) -> list[ir.Value]:
    # Pairs of vectors are interleaved, then pairs of pairs, until all values of a lane lie together.
    low = [lane // 2 + LANES * (lane % 2) for lane in range(LANES)]
    high = [lane + LANES // 2 for lane in low]
    half = len(rows) // 2
    for _ in range(len(rows).bit_length() - 1):
        rows = [shuffle(builder, rows[k], rows[k + half], lanes) for k in range(half) for lanes in (low, high)]
    return rows


def _transposed(builder: ir.IRBuilder, source: ir.Value, hop: ir.Value, n: ir.Value, width: int) -> ir.Value:
    last = builder.sub(n, whole(1))
    offsets = [builder.mul(least.build(builder, whole(k), last), hop) for k in range(width)]
    return _tuple(builder, _transpose(builder, [load.build(builder, source, offset) for offset in offsets]))


def _turn16(builder: ir.IRBuilder, rows: ir.Value, first: ir.Value, to: ir.Value, hop: ir.Value) -> None:
    addresses = [builder.load(pointer_to(builder, rows, whole(k), I64, 8)) for k in range(LANES)]
    turned = _transpose(builder, [load_at.build(builder, address, first) for address in addresses])
    for k, vector in enumerate(turned):
        store.build(builder, to, builder.mul(hop, whole(k)), vector)


turn16: Operation[[Address, Whole, Address, Whole], None] = operation(VOID, (INT,) * 4, _turn16)
"""turn16(rows, first, to, hop): write the columns of sixteen rows of floats.

The sixteen addresses at `rows` are where the rows begin. Column first + k becomes vector hop * k of the address `to`,
for k from 0 to 15.
"""


Transposed: TypeAlias = tuple[Vector, ...]
"""8 or 16 vectors."""

transposed8: Operation[[Address, Whole, Whole], Transposed] = operation(
    Kind(VECTOR.name, 8), (INT, INT, INT), lambda b, source, hop, n: _transposed(b, source, hop, n, 8)
)
transposed16: Operation[[Address, Whole, Whole], Transposed] = operation(
    Kind(VECTOR.name, 16), (INT, INT, INT), lambda b, source, hop, n: _transposed(b, source, hop, n, 16)
)
"""transposed16(source, hop, n): at most 16 vectors, `hop` vectors apart, transposed: vector k of the result has the
values of lane k. Past the n-th comes the n-th again. transposed8 takes at most 8: vector k of its result has the
values of lane 2k and then those of lane 2k + 1."""


def _spread(builder: ir.IRBuilder, address: ir.Value, k: int, width: int) -> ir.Value:
    """The lanes of the vector at an address that transposed vector k is made of, each as often as it is there."""
    if width == LANES:
        return broadcast.build(builder, address, whole(k))
    vector = load.build(builder, address, whole(0))
    return shuffle(builder, vector, vector, [2 * k] * 8 + [2 * k + 1] * 8)


def _store(builder: ir.IRBuilder, to: ir.Value, vector: ir.Value, width: int, n: ir.Value) -> None:
    """Write the first n of as many sums as units were transposed; of eight, the vector holds two parts each."""
    if width < LANES:
        first, last = (shuffle(builder, vector, vector, list(range(at, at + width))) for at in (0, width))
        vector = builder.fadd(first, last)
    masked_store(builder, to, vector, n)


def _store_sums(builder: ir.IRBuilder, to: ir.Value, transposed: ir.Value, n: ir.Value) -> None:
    sums = _vectors(builder, transposed)
    width = len(sums)
    while len(sums) > 1:
        sums = [builder.fadd(a, b) for a, b in zip(sums[::2], sums[1::2], strict=True)]
    _store(builder, to, sums[0], width, n)


store_sums: Operation[[Address, Transposed, Whole], None] = operation(VOID, (INT, VECTORS, INT), _store_sums)
"""store_sums(to, transposed, n): write the sum over all samples of each of n transposed units to the address `to`."""


def _products(
    builder: ir.IRBuilder, transposed: Sequence[ir.Value], addresses: Sequence[ir.Value], n_lanes: int
) -> list[ir.Value]:
    """For the vector at each address, the sums of its products with the transposed units over the first lanes."""
    width = len(transposed)
    # Where eight are transposed there is one address: two sums keep the processor busier than one.
    sums = [[ir.Constant(F32X16, [0.0] * LANES)] * (LANES // width) for _ in addresses]
    for k in range(n_lanes * width // LANES):
        for address, parts in zip(addresses, sums, strict=True):
            part = k % len(parts)
            parts[part] = fma.build(builder, transposed[k], _spread(builder, address, k, width), parts[part])
    return [parts[0] if len(parts) == 1 else builder.fadd(*parts) for parts in sums]


def _store_products(
    builder: ir.IRBuilder,
    to: ir.Value,
    step: ir.Value,
    transposed: ir.Value,
    n: ir.Value,
    source: ir.Value,
    hop: ir.Value,
    n_source: ir.Value,
    n_rows: ir.Value,
) -> None:
    from numba.core import cgutils

    vectors = _vectors(builder, transposed)
    width, last = len(vectors), builder.sub(n_source, whole(1))
    # Sixteen transposed units do not fit into the registers of all processors, so each is used for four others at once.
    group = 4 if width == LANES else 1

    def pass_over(n_lanes: int) -> None:
        groups = builder.sdiv(builder.add(last, whole(group)), whole(group))
        with cgutils.for_range(builder, groups) as loop:
            first = builder.mul(loop.index, whole(group))
            numbers = [least.build(builder, builder.add(first, whole(r)), last) for r in range(group)]
            others = [address_of(builder, source, builder.mul(k, hop), VECTOR_BYTES) for k in numbers]
            for k, sums in zip(numbers, _products(builder, vectors, others, n_lanes), strict=True):
                _store(builder, address_of(builder, to, builder.mul(k, step), FLOAT_BYTES), sums, width, n)

    with builder.if_else(builder.icmp_signed("<=", n_rows, whole(12))) as (up_to_12, up_to_16):
        with up_to_12:
            pass_over(12)
        with up_to_16:
            pass_over(16)


store_products: Operation[[Address, Whole, Transposed, Whole, Address, Whole, Whole, Whole], None] = operation(
    VOID, (INT, INT, VECTORS, *[INT] * 5), _store_products
)
"""store_products(to, step, transposed, n, source, hop, n_source, n_rows): write sums of products over samples.

The products are those of each of n transposed units with each of `n_source` others, over the first n_rows samples.
Those with other number k are n floats from float number step * k of the address `to` on; the others are `hop` vectors
apart. Lanes from n_rows on must be 0 in the transposed units.
"""
