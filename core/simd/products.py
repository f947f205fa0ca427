"""The two inner loops of all matrix products: four sums of vectors at once, whole loops emitted as one operation.

Four sums share each vector that is loaded and keep the processor's multipliers busy. As operations they compile in a
tenth of the time of the same loops written out, and are written only here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import llvmlite.ir as ir
from numba import types
from numba.extending import intrinsic

from .vectors import _I64, _VECTOR, VECTOR, broadcast, fma, load

FOUR = types.UniTuple(VECTOR, 4)
_INT = types.int64


def _loop(context: Any, builder: Any, sums: Any, n: Any, terms: Callable[[Any], Any]) -> Any:
    """A tuple of the four sums, after n rounds that add `terms(round)`: for each sum the factors of a product."""
    before, body, after = builder.block, builder.append_basic_block("four"), builder.append_basic_block("sums")
    builder.cbranch(builder.icmp_signed(">", n, ir.Constant(_I64, 0)), body, after)
    builder.position_at_end(body)
    k = builder.phi(_I64)
    running = [builder.phi(_VECTOR) for _ in sums]
    added = [fma.build(builder, x, y, old) for old, (x, y) in zip(running, terms(k), strict=True)]
    following = builder.add(k, ir.Constant(_I64, 1))
    for phi, first, later in [(k, ir.Constant(_I64, 0), following), *zip(running, sums, added, strict=True)]:
        phi.add_incoming(first, before)
        phi.add_incoming(later, body)
    builder.cbranch(builder.icmp_signed("<", following, n), body, after)
    builder.position_at_end(after)
    results = []
    for first, later in zip(sums, added, strict=True):
        phi = builder.phi(_VECTOR)
        phi.add_incoming(first, before)
        phi.add_incoming(later, body)
        results.append(phi)
    return context.make_tuple(builder, FOUR, results)


@intrinsic
def weighted4(typing_context, a, b, c, d, weights, side, along, source, hop, n):  # type: ignore[no-untyped-def]
    """Four sums of n vectors, each with its own weights.

    Sum r of (a, b, c, d) gains weights[side * r + along * k] * vector k, for k from 0 to n - 1; vectors begin at the
    address `source` and are `hop` vectors apart.
    """

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        *sums, weights, side, along, source, hop, n = args
        sides = [builder.mul(side, ir.Constant(_I64, r)) for r in range(4)]

        def terms(k: Any) -> Any:
            vector = load.build(builder, source, builder.mul(k, hop))
            line = builder.mul(k, along)
            for offset in sides:
                yield broadcast.build(builder, weights, builder.add(line, offset)), vector

        return _loop(context, builder, sums, n, terms)

    return FOUR(*[VECTOR] * 4, *[_INT] * 6), generate


@intrinsic
def products4(typing_context, a, b, c, d, x, x_hop, y, side, y_hop, n):  # type: ignore[no-untyped-def]
    """Four sums of n products, lane by lane, with the same x.

    Sum r of (a, b, c, d) gains x vector (x_hop * k) * y vector (side * r + y_hop * k), for k from 0 to n - 1.
    """

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        *sums, x, x_hop, y, side, y_hop, n = args
        sides = [builder.mul(side, ir.Constant(_I64, r)) for r in range(4)]

        def terms(k: Any) -> Any:
            vector = load.build(builder, x, builder.mul(k, x_hop))
            line = builder.mul(k, y_hop)
            for offset in sides:
                yield vector, load.build(builder, y, builder.add(line, offset))

        return _loop(context, builder, sums, n, terms)

    return FOUR(*[VECTOR] * 4, *[_INT] * 6), generate
