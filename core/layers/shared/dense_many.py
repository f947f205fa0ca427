"""The products of a dense layer for any number of samples: tiles of four outputs over vectors of samples.

Wide layers are worked through in blocks, so that what is used again is still in a cache: a block of inputs and samples
in the second, a column of it and its weights for sixteen outputs in the first. Those weights are copied there, for
where they lie, the line of an input is as far from the next as the layer is wide, and of lines 4 KiB apart the cache
holds eight.

    for samples, 16 vectors at a time           x and y, or dy and dx, of so many samples
        for inputs, 128 at a time               x of the block: 128 KiB
            for outputs, 16 at a time           w of the block: 8 KiB, copied
                y += w x, four outputs and one vector of samples in registers

Blocks change where a number waits, not how it is made: every sum takes its terms in one order, whatever the sizes. So
no digest depends on them.
"""

from __future__ import annotations

import numpy as np

from ...kernel import (
    CONTROL,
    DX,
    DY,
    GB,
    GW,
    N_IN,
    N_OUT,
    N_ROWS,
    N_VECTORS,
    SCRATCH,
    STRIDE,
    Address,
    B,
    Row,
    W,
    X,
    Y,
    cell,
    helper,
    kernel,
    least,
    on_stack,
    put,
)
from ...simd import (
    FLOAT_BYTES,
    LANES,
    VECTOR_BYTES,
    broadcast,
    fma,
    load,
    load_at,
    put4,
    splat,
    store,
    store4_at,
    store_four,
    total,
    total4,
)
from ...simd.lane_sums import PANEL, fill_panel, store_lane_sums
from ...simd.products import products4, weighted4

INPUTS = 128
"""Inputs of a block of the forward pass: its weights for 16 outputs are 8 KiB."""
VECTORS = 16
"""Vectors of samples of a block, so that what is read of inputs or gradients stays in the second cache."""
HELD = 4096
"""Vectors of gradients in a block, 256 KiB: the fewer samples, the more outputs."""
ROWS_OF_GRADIENT = 32
"""Outputs whose gradients are held at once."""
LEAST_IN_PANEL = 8
"""Outputs for which a panel pays."""
SCRATCH_UNITS = PANEL * LANES
"""Units of working memory, for a panel."""


lines_of_weights = on_stack(INPUTS)
"""Room for the weights of a block."""


@helper
def _add_inputs(row: Row, held: Address, i_first: int, v_first: int) -> None:
    """Add a block of inputs to all outputs, for a block of samples."""
    control = cell(row, CONTROL)
    n_in, n_out, stride = cell(row, N_IN), cell(row, N_OUT), cell(control, STRIDE)
    x, y, w, b = cell(row, X), cell(row, Y), cell(row, W), cell(row, B)
    n, v_last = least(INPUTS, n_in - i_first), least(v_first + VECTORS, cell(control, N_VECTORS))
    for o_first in range(0, n_out, LANES):
        o_last = least(o_first + LANES, n_out)
        fours = o_last // 4 * 4
        # The last weights may be followed by the end of their memory, one vector further on.
        for i in range(n):
            store(held, i, load_at(w, (i_first + i) * n_out + o_first))
        for v in range(v_first, v_last):
            at = x + VECTOR_BYTES * (i_first * stride + v)
            for o in range(o_first, fours, 4):
                to, weights = o * stride + v, held + FLOAT_BYTES * (o - o_first)
                if i_first == 0:
                    y0, y1, y2, y3 = broadcast(b, o), broadcast(b, o + 1), broadcast(b, o + 2), broadcast(b, o + 3)
                else:
                    y0, y1 = load(y, to), load(y, to + stride)
                    y2, y3 = load(y, to + 2 * stride), load(y, to + 3 * stride)
                y0, y1, y2, y3 = weighted4(y0, y1, y2, y3, weights, 1, LANES, at, stride, n)
                store_four(y + VECTOR_BYTES * to, stride, y0, y1, y2, y3)
            for o in range(fours, o_last):
                y0 = broadcast(b, o) if i_first == 0 else load(y, o * stride + v)
                for i in range(n):
                    y0 = fma(broadcast(held, i * LANES + o - o_first), load(at, i * stride), y0)
                store(y, o * stride + v, y0)


@kernel
def forward_many(row: Row) -> None:
    """y[o] = b[o] + sum over i of w[i, o] x[i]."""
    held = lines_of_weights()
    for v_first in range(0, cell(cell(row, CONTROL), N_VECTORS), VECTORS):
        for i_first in range(0, cell(row, N_IN), INPUTS):
            _add_inputs(row, held, i_first, v_first)


@helper
def _gradient_of_bias(row: Row) -> None:
    n_vectors, stride = cell(cell(row, CONTROL), N_VECTORS), cell(cell(row, CONTROL), STRIDE)
    dy, gb = cell(row, DY), cell(row, GB)
    for o in range(cell(row, N_OUT)):
        g = splat(np.float32(0.0))
        for v in range(n_vectors):
            g = g + load(dy, o * stride + v)
        put(gb, o, total(g))


@helper
def _gradient_of_weights(row: Row) -> None:
    """Each is one sum over all lanes of all vectors."""
    n_vectors, stride = cell(cell(row, CONTROL), N_VECTORS), cell(cell(row, CONTROL), STRIDE)
    n_in, n_out = cell(row, N_IN), cell(row, N_OUT)
    x, dy, gw = cell(row, X), cell(row, DY), cell(row, GW)
    zero = splat(np.float32(0.0))
    fours, fours_in = n_out // 4 * 4, n_in // 4 * 4
    panel, n_rows = cell(row, SCRATCH), cell(cell(row, CONTROL), N_ROWS)
    # Few outputs would leave most lanes of a panel unused.
    in_panels = fours if n_out % LANES >= LEAST_IN_PANEL else n_out // LANES * LANES
    for o in range(0, in_panels, PANEL * LANES):
        n = least(PANEL * LANES, in_panels - o)
        fill_panel(panel, dy + VECTOR_BYTES * o * stride, stride, n, n_vectors)
        store_lane_sums(gw + FLOAT_BYTES * o, n_out, x, stride, n_in, panel, n, n_vectors, n_rows)
    for o_first in range(in_panels, fours, ROWS_OF_GRADIENT):
        for i in range(n_in):
            at = x + VECTOR_BYTES * i * stride
            for o in range(o_first, least(o_first + ROWS_OF_GRADIENT, fours), 4):
                d = dy + VECTOR_BYTES * o * stride
                g0, g1, g2, g3 = products4(zero, zero, zero, zero, at, 1, d, stride, 1, n_vectors)
                store4_at(gw, i * n_out + o, total4(g0, g1, g2, g3))
    # The last one to three outputs, for four inputs at a time.
    for o in range(fours, n_out):
        d = dy + VECTOR_BYTES * o * stride
        for i in range(0, fours_in, 4):
            g0, g1, g2, g3 = products4(
                zero, zero, zero, zero, d, 1, x + VECTOR_BYTES * i * stride, stride, 1, n_vectors
            )
            put4(gw, i * n_out + o, n_out, total4(g0, g1, g2, g3))
        for i in range(fours_in, n_in):
            g0 = zero
            for v in range(n_vectors):
                g0 = fma(load(d, v), load(x, i * stride + v), g0)
            put(gw, i * n_out + o, total(g0))


@helper
def _add_outputs(row: Row, o_first: int, o_last: int, v_first: int) -> None:
    """Add a block of outputs to the gradients of all inputs, for a block of samples."""
    control = cell(row, CONTROL)
    n_in, n_out, stride = cell(row, N_IN), cell(row, N_OUT), cell(control, STRIDE)
    dx, dy = cell(row, DX), cell(row, DY) + VECTOR_BYTES * o_first * stride
    w = cell(row, W) + FLOAT_BYTES * o_first
    n, v_last = o_last - o_first, least(v_first + VECTORS, cell(control, N_VECTORS))
    zero = splat(np.float32(0.0))
    fours = n_in // 4 * 4
    for i in range(0, fours, 4):
        line = w + FLOAT_BYTES * i * n_out
        for v in range(v_first, v_last):
            to = i * stride + v
            d0 = d1 = d2 = d3 = zero
            if o_first > 0:
                d0, d1 = load(dx, to), load(dx, to + stride)
                d2, d3 = load(dx, to + 2 * stride), load(dx, to + 3 * stride)
            d0, d1, d2, d3 = weighted4(d0, d1, d2, d3, line, n_out, 1, dy + VECTOR_BYTES * v, stride, n)
            store_four(dx + VECTOR_BYTES * to, stride, d0, d1, d2, d3)
    for i in range(fours, n_in):
        for v in range(v_first, v_last):
            d0 = zero if o_first == 0 else load(dx, i * stride + v)
            for o in range(n):
                d0 = fma(broadcast(w, i * n_out + o), load(dy, o * stride + v), d0)
            store(dx, i * stride + v, d0)


@helper
def _gradient_of_inputs(row: Row) -> None:
    n_out, n_vectors = cell(row, N_OUT), cell(cell(row, CONTROL), N_VECTORS)
    n = HELD // least(VECTORS, n_vectors)
    for v_first in range(0, n_vectors, VECTORS):
        for o_first in range(0, n_out, n):
            _add_outputs(row, o_first, least(o_first + n, n_out), v_first)


@kernel
def backward_many(row: Row) -> None:
    """gw[i, o] = sum over samples of x[i] dy[o]; gb[o] = sum of dy[o]; dx[i] = sum over o of w[i, o] dy[o]."""
    _gradient_of_bias(row)
    _gradient_of_weights(row)
    if cell(row, DX) != 0:
        _gradient_of_inputs(row)
