"""Sums over the samples of one vector: the products of some units' values with each of many other units' values.

Sixteen lanes hold sixteen samples; to add up over samples is to add up a vector. One sum of its lanes costs more than
the product it adds up, so 8 or 16 units are turned first, until their values of a sample lie side by side; then a sum
over samples is a sum of vectors, and gives as many results at once. All of it happens in registers.
"""

from __future__ import annotations

from typing import Any

import llvmlite.ir as ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from .vectors import _I32, _I64, _VECTOR, LANES, VECTOR, _shuffle, broadcast, fma, least, load, mask_below

_INT = types.int64


def _number(n: int) -> Any:
    return ir.Constant(_I64, n)


def _turner(width: int) -> Any:
    turned = types.UniTuple(VECTOR, width)
    # Pairs of vectors are interleaved, then pairs of pairs, until all values of a lane lie together.
    low = [lane // 2 + LANES * (lane % 2) for lane in range(LANES)]
    high = [lane + LANES // 2 for lane in low]

    @intrinsic
    def turn(typing_context, source, hop, n):  # type: ignore[no-untyped-def]
        def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
            source, hop, n = args
            last = builder.sub(n, _number(1))
            offsets = [builder.mul(least.build(builder, _number(k), last), hop) for k in range(width)]
            rows = [load.build(builder, source, offset) for offset in offsets]
            half = width // 2
            for _ in range(width.bit_length() - 1):
                rows = [_shuffle(builder, rows[k], rows[k + half], lanes) for k in range(half) for lanes in (low, high)]
            return context.make_tuple(builder, turned, rows)

        return turned(_INT, _INT, _INT), generate

    return turn


turned8, turned16 = _turner(8), _turner(16)
"""turned(source, hop, n): turn at most 8 or 16 vectors, `hop` vectors apart. Vector k of 16 gets the values of lane k;
vector k of 8 those of lane 2k and then those of lane 2k + 1. Behind the n-th comes the n-th again."""


def _spread(builder: Any, address: Any, k: int, width: int) -> Any:
    """Of the vector at an address, the lanes that turned vector k is made of, each beside the values of its lane."""
    if width == LANES:
        return broadcast.build(builder, address, _number(k))
    vector = load.build(builder, address, _number(0))
    return _shuffle(builder, vector, vector, [2 * k] * 8 + [2 * k + 1] * 8)


def _store(builder: Any, to: Any, vector: Any, width: int, n: Any) -> None:
    """Write the first n of as many sums as units were turned; of eight, the vector holds two parts each."""
    if width < LANES:
        first, last = (_shuffle(builder, vector, vector, list(range(at, at + width))) for at in (0, width))
        vector = builder.fadd(first, last)
    mask = mask_below(builder, n, width)
    kind = ir.FunctionType(ir.VoidType(), [vector.type, vector.type.as_pointer(), _I32, mask.type])
    store_some = cgutils.get_or_insert_function(builder.module, kind, f"llvm.masked.store.v{width}f32.p0")
    address = builder.inttoptr(to, vector.type.as_pointer())
    # Storing some lanes is slow on processors without AVX-512.
    with builder.if_else(builder.icmp_signed(">=", n, _number(width))) as (all_of_them, some):
        with all_of_them:
            builder.store(vector, address, align=4)
        with some:
            builder.call(store_some, [vector, address, ir.Constant(_I32, 4), mask])


@intrinsic
def store_sums(typing_context, to, turned, n):  # type: ignore[no-untyped-def]
    """Write the sum over all lanes of each of the n vectors that were turned to the address `to`."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        to, turned, n = args
        sums = cgutils.unpack_tuple(builder, turned)
        width = len(sums)
        while len(sums) > 1:
            sums = [builder.fadd(a, b) for a, b in zip(sums[::2], sums[1::2], strict=True)]
        _store(builder, to, sums[0], width, n)
        return context.get_dummy_value()

    return types.void(_INT, turned, _INT), generate


def _products(builder: Any, turned: list[Any], addresses: list[Any], n_lanes: int) -> list[Any]:
    """For the vector at each address, the sums of its products with the turned vectors over the first lanes."""
    width = len(turned)
    # Where eight are turned there is one address: two sums keep the processor busier than one.
    sums = [[ir.Constant(_VECTOR, [0.0] * LANES)] * (LANES // width) for _ in addresses]
    for k in range(n_lanes * width // LANES):
        for address, parts in zip(addresses, sums, strict=True):
            part = k % len(parts)
            parts[part] = fma.build(builder, turned[k], _spread(builder, address, k, width), parts[part])
    return [parts[0] if len(parts) == 1 else builder.fadd(*parts) for parts in sums]


@intrinsic
def store_products(typing_context, to, step, turned, n, source, hop, n_source, n_rows):  # type: ignore[no-untyped-def]
    """Write the sums over the first n_rows lanes of the products of each of n turned vectors with `n_source` others.

    Those with other number k are n floats from float number step * k of the address `to` on; the others are `hop`
    vectors apart. Lanes behind n_rows are 0 in the turned vectors.
    """
    width = turned.count
    # Sixteen turned vectors do not fit into the registers of all processors, so each is used for four others at once.
    group = 4 if width == LANES else 1

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        to, step, turned, n, source, hop, n_source, n_rows = args
        vectors = cgutils.unpack_tuple(builder, turned)
        last = builder.sub(n_source, _number(1))

        def pass_over(n_lanes: int) -> None:
            groups = builder.sdiv(builder.add(last, _number(group)), _number(group))
            with cgutils.for_range(builder, groups) as loop:
                first = builder.mul(loop.index, _number(group))
                numbers = [least.build(builder, builder.add(first, _number(r)), last) for r in range(group)]
                others = [builder.add(source, builder.shl(builder.mul(k, hop), _number(6))) for k in numbers]
                for k, sums in zip(numbers, _products(builder, vectors, others, n_lanes), strict=True):
                    _store(builder, builder.add(to, builder.shl(builder.mul(k, step), _number(2))), sums, width, n)

        with builder.if_else(builder.icmp_signed("<=", n_rows, _number(12))) as (up_to_12, up_to_16):
            with up_to_12:
                pass_over(12)
            with up_to_16:
                pass_over(16)
        return context.get_dummy_value()

    return types.void(_INT, _INT, turned, *[_INT] * 5), generate
