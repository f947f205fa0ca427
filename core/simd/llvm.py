"""The types and smallest expressions of LLVM that every operation is built of.

Each function appends instructions to a `builder` and returns the value they make.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import llvmlite.ir as ir

from .types import FLOAT_BYTES, LANES, VECTOR_BYTES

F32, I32, I64 = ir.FloatType(), ir.IntType(32), ir.IntType(64)
F32X16, I32X16, I1X16 = (ir.VectorType(kind, LANES) for kind in (F32, I32, ir.IntType(1)))
"""A vector, its bits as whole numbers, and a mask."""


def whole(n: int) -> ir.Constant:
    """A whole number of 64 bits."""
    return ir.Constant(I64, n)


def in_all_lanes(n: int) -> ir.Constant:
    """The same whole number in sixteen lanes of 32 bits."""
    return ir.Constant(I32X16, [n] * LANES)


def address_of(builder: ir.IRBuilder, base: ir.Value, k: ir.Value, n_bytes: int) -> ir.Value:
    """The address of value number k of those that begin at `base`.

    Args:
        builder: Where to append.
        base: Address of number 0.
        k: Which one.
        n_bytes: How far apart they lie, a power of two.
    """
    return builder.add(base, builder.shl(k, whole(n_bytes.bit_length() - 1)))


def pointer_to(builder: ir.IRBuilder, base: ir.Value, k: ir.Value, kind: ir.Type, n_bytes: int) -> ir.Value:
    """The same address as a pointer to `kind`."""
    return builder.inttoptr(address_of(builder, base, k, n_bytes), kind.as_pointer())


def pointer_to_vector(builder: ir.IRBuilder, base: ir.Value, k: ir.Value) -> ir.Value:
    """A pointer to vector number k of those that begin at an address."""
    return pointer_to(builder, base, k, F32X16, VECTOR_BYTES)


def splat_value(builder: ir.IRBuilder, scalar: ir.Value, kind: ir.VectorType = F32X16) -> ir.Value:
    """Put a scalar into all lanes."""
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), scalar, ir.Constant(I32, 0))
    return shuffle(builder, first, ir.Constant(kind, ir.Undefined), [0] * kind.count)


@cache
def _lane_numbers(lanes: tuple[int, ...]) -> ir.Constant:
    return ir.Constant(ir.VectorType(I32, len(lanes)), lanes)


def shuffle(builder: ir.IRBuilder, a: ir.Value, b: ir.Value, lanes: Sequence[int]) -> ir.Value:
    """A vector of chosen lanes of two vectors; those of b count on from those of a."""
    return builder.shuffle_vector(a, b, _lane_numbers(tuple(lanes)))


def mask_below(builder: ir.IRBuilder, n: ir.Value, width: int) -> ir.Value:
    """The mask of the first n of `width` lanes."""
    ints = ir.VectorType(I32, width)
    return builder.icmp_signed(
        "<", ir.Constant(ints, list(range(width))), splat_value(builder, builder.trunc(n, I32), ints)
    )


def on_stack(builder: ir.IRBuilder, n_vectors: int) -> ir.Value:
    """The address of room for so many vectors until the function returns; in a loop it is the same every time."""
    with builder.goto_entry_block():
        place = builder.alloca(F32X16, n_vectors)
        place.align = VECTOR_BYTES
    return builder.ptrtoint(place, I64)


def declared(builder: ir.IRBuilder, kind: ir.FunctionType, name: str) -> ir.Function:
    """A function of LLVM's own, declared in the module once."""
    return builder.module.globals.get(name) or ir.Function(builder.module, kind, name)


def of_library(name: str, n_arguments: int) -> Callable[..., ir.Value]:
    """What calls LLVM's own function of vectors: `llvm.sqrt` and the like."""

    def build(builder: ir.IRBuilder, *values: ir.Value) -> ir.Value:
        kind = ir.FunctionType(F32X16, [F32X16] * n_arguments)
        return builder.call(declared(builder, kind, f"llvm.{name}.v16f32"), values)

    return build


def masked_store(builder: ir.IRBuilder, to: ir.Value, vector: ir.Value, n: ir.Value) -> None:
    """Write the first n lanes of a vector to an address; n may be larger than there are lanes."""
    width = vector.type.count
    mask = mask_below(builder, n, width)
    kind = ir.FunctionType(ir.VoidType(), [vector.type, vector.type.as_pointer(), I32, mask.type])
    store_some = declared(builder, kind, f"llvm.masked.store.v{width}f32.p0")
    address = builder.inttoptr(to, vector.type.as_pointer())
    # Storing some lanes is slow on processors without AVX-512.
    with builder.if_else(builder.icmp_signed(">=", n, whole(width))) as (all_of_them, some):
        with all_of_them:
            builder.store(vector, address, align=FLOAT_BYTES)
        with some:
            builder.call(store_some, [vector, address, ir.Constant(I32, FLOAT_BYTES), mask])


def repeated(
    builder: ir.IRBuilder,
    n: ir.Value,
    values: Sequence[ir.Value],
    body: Callable[[ir.Value, list[ir.Value]], list[ir.Value]],
) -> list[ir.Value]:
    """The values after n rounds of a loop.

    Args:
        builder: Where to append.
        n: How many rounds; perhaps none.
        values: What they are before.
        body: (round, values) -> what they are after it.
    """
    before, inside, after = builder.block, builder.append_basic_block("round"), builder.append_basic_block("rounds")
    builder.cbranch(builder.icmp_signed(">", n, whole(0)), inside, after)
    builder.position_at_end(inside)
    k = builder.phi(I64)
    running = [builder.phi(value.type) for value in values]
    later = body(k, list(running))
    following, end = builder.add(k, whole(1)), builder.block
    for phi, first, last in [(k, whole(0), following), *zip(running, values, later, strict=True)]:
        phi.add_incoming(first, before)
        phi.add_incoming(last, end)
    builder.cbranch(builder.icmp_signed("<", following, n), inside, after)
    builder.position_at_end(after)
    results = []
    for first, last in zip(values, later, strict=True):
        phi = builder.phi(first.type)
        phi.add_incoming(first, before)
        phi.add_incoming(last, end)
        results.append(phi)
    return results
