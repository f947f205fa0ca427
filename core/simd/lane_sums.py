"""Sums over the samples of a large batch, sixteen units at once: the gradient of many weights.

The gradient of weight (i, o) is one sum over all lanes of all vectors of samples: first each lane by itself, then the
lanes in pairs. Kept in its lanes, it ends with adding up the sixteen lanes of a vector, which costs as much as a batch
of 128. So the gradients by the outputs are turned first, until those of 32 outputs lie side by side for each sample:

    panel   | lane 0, vector 0: o0 … o15, o16 … o31 | lane 0, vector 1: … | … | lane 1, vector 0: … | …

Then the sum of a lane is a sum of vectors that hold sixteen outputs each, with the input of the sample in all of them,
and adding up lanes is adding vectors. The terms and their order are the same, so the bits are. A lane's last vector may
hold no sample: it is left out, so that a batch of 17 costs little more than one of 16.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import llvmlite.ir as ir

from .llvm import F32X16, address_of, masked_store, on_stack, repeated, whole
from .operation import operation
from .products import transposed16
from .types import FLOAT_BYTES, INT, LANES, VECTOR_BYTES, VOID, Address, Operation, Whole
from .vectors import broadcast, fma, least, load, store

PANEL = 2
"""Vectors of outputs in a panel."""


@dataclass(frozen=True)
class Panel:
    """A panel in a kernel being emitted."""

    address: ir.Value
    n_vectors: ir.Value
    """Vectors of samples."""
    n_rows: ir.Value
    """Samples in them."""


@cache
def _tile(n_halves: int) -> int:
    """Inputs whose gradients are summed at once: as many as keep all sums in registers."""
    from llvmlite.binding import get_host_cpu_features
    from numba.core import config

    features = config.CPU_FEATURES or get_host_cpu_features().flatten()
    n_sums = 16 if "+avx512f" in features else 4
    return n_sums // (2 * n_halves)


def _fill_panel(builder: ir.IRBuilder, *values: ir.Value) -> None:
    from numba.core import cgutils

    panel, dy, stride, n, n_vectors = values
    for half in range(PANEL):
        left = builder.sub(n, whole(LANES * half))
        units = address_of(builder, dy, builder.mul(stride, whole(LANES * half)), VECTOR_BYTES)
        n_turned = builder.select(builder.icmp_signed(">", left, whole(0)), n_vectors, whole(0))
        with cgutils.for_range(builder, n_turned) as loop:
            source = address_of(builder, units, loop.index, VECTOR_BYTES)
            turned = transposed16.build(builder, source, stride, least.build(builder, left, whole(LANES)))
            for lane in range(LANES):
                place = builder.add(builder.mul(n_vectors, whole(lane)), loop.index)
                at = builder.add(builder.mul(place, whole(PANEL)), whole(half))
                store.build(builder, panel, at, builder.extract_value(turned, lane))


fill_panel: Operation[[Address, Address, Whole, Whole, Whole], None] = operation(VOID, (INT,) * 5, _fill_panel)
"""fill_panel(panel, dy, stride, n, n_vectors): turn at most 32 units, of n_vectors vectors of samples each.

Past the n-th unit comes the n-th again, or what was there. The panel takes as much as 32 units do.
"""


def _sum_of_pair(
    builder: ir.IRBuilder, inputs: list[ir.Value], panel: Panel, n_halves: int, first: ir.Value
) -> list[ir.Value]:
    """The sums of lane `first` and the next one: for each input, one vector of outputs for each half."""
    # Vectors whose lane `first` holds a sample. The next lane may hold one less: there the gradients are 0.
    left = builder.sub(builder.add(panel.n_rows, whole(LANES - 1)), first)
    n = builder.ashr(left, whole(LANES.bit_length() - 1))

    def added(v: ir.Value, sums: list[ir.Value]) -> list[ir.Value]:
        result: list[ir.Value] = []
        for lane in (first, builder.add(first, whole(1))):
            at = builder.mul(builder.add(builder.mul(panel.n_vectors, lane), v), whole(PANEL))
            gradients = [load.build(builder, panel.address, builder.add(at, whole(half))) for half in range(n_halves)]
            sample = builder.add(builder.mul(v, whole(LANES)), lane)
            for x in inputs:
                value = broadcast.build(builder, x, sample)
                for g in gradients:
                    result.append(fma.build(builder, value, g, sums[len(result)]))
        return result

    zero = ir.Constant(F32X16, [0.0] * LANES)
    sums = repeated(builder, n, [zero] * (2 * len(inputs) * n_halves), added)
    return _added(builder, sums[: len(sums) // 2], sums[len(sums) // 2 :])


def _added(builder: ir.IRBuilder, first: list[ir.Value], second: list[ir.Value]) -> list[ir.Value]:
    return [builder.fadd(a, b) for a, b in zip(first, second, strict=True)]


def _sum_of_lanes(builder: ir.IRBuilder, inputs: list[ir.Value], panel: Panel, n_halves: int) -> list[ir.Value]:
    """The sums of all lanes, added up in pairs. Four lanes at a time, so that there is little to compile."""
    from numba.core import cgutils

    n = len(inputs) * n_halves
    held = on_stack(builder, LANES // 4 * n)
    with cgutils.for_range(builder, whole(LANES // 4)) as loop:
        lane = builder.mul(loop.index, whole(4))
        pairs = [_sum_of_pair(builder, inputs, panel, n_halves, builder.add(lane, whole(first))) for first in (0, 2)]
        at = builder.mul(loop.index, whole(n))
        for k, vector in enumerate(_added(builder, *pairs)):
            store.build(builder, held, builder.add(at, whole(k)), vector)
    fours = [[load.build(builder, held, whole(four * n + k)) for k in range(n)] for four in range(LANES // 4)]
    return _added(builder, _added(builder, *fours[:2]), _added(builder, *fours[2:]))


def _store_lane_sums(builder: ir.IRBuilder, *values: ir.Value) -> None:
    from numba.core import cgutils

    to, n_out, x, stride, n_in, panel, n, n_vectors, n_rows = values
    last = builder.sub(n_in, whole(1))

    def run(n_halves: int) -> None:
        tile = _tile(n_halves)
        n_tiles = builder.sdiv(builder.add(last, whole(tile)), whole(tile))
        with cgutils.for_range(builder, n_tiles) as loop:
            first = builder.mul(loop.index, whole(tile))
            # Past the last input comes the last again, and is written to the same place.
            numbers = [least.build(builder, builder.add(first, whole(r)), last) for r in range(tile)]
            inputs = [address_of(builder, x, builder.mul(i, stride), VECTOR_BYTES) for i in numbers]
            sums = _sum_of_lanes(builder, inputs, Panel(panel, n_vectors, n_rows), n_halves)
            for r, i in enumerate(numbers):
                for half in range(n_halves):
                    at = builder.add(builder.mul(i, n_out), whole(LANES * half))
                    left = builder.sub(n, whole(LANES * half))
                    address = address_of(builder, to, at, FLOAT_BYTES)
                    masked_store(builder, address, sums[r * n_halves + half], left)

    with builder.if_else(builder.icmp_signed(">", n, whole(LANES))) as (two, one):
        with two:
            run(PANEL)
        with one:
            run(1)


store_lane_sums: Operation[[Address, Whole, Address, Whole, Whole, Address, Whole, Whole, Whole], None] = operation(
    VOID, (INT,) * 9, _store_lane_sums
)
"""store_lane_sums(to, n_out, x, stride, n_in, panel, n, n_vectors, n_rows): write sums of products over samples.

Those of input i with the n units of the panel are n floats from float number n_out * i of the address `to` on. Inputs
are `stride` vectors apart, of n_vectors vectors each, which hold n_rows samples; the rest of the panel must be 0.
"""
