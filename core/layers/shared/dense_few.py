"""The products of a dense layer for at most 16 samples, which fill one vector.

So few samples cost less in arithmetic than in everything around it. The gradients of the weights are sums over samples:
see `simd.products` for how they are made.
"""

from __future__ import annotations

import numpy as np

from ...kernel import CONTROL, DX, DY, GB, GW, N_IN, N_OUT, N_ROWS, STRIDE, B, Row, W, X, Y, cell, helper, kernel, put
from ...simd import FLOAT_BYTES, LANES, VECTOR_BYTES, broadcast, fma, load, splat, store, store_four, total
from ...simd.products import store_products, store_sums, transposed8, transposed16, weighted4


@kernel
def forward_few(row: Row) -> None:
    """y[o] = b[o] + sum over i of w[i, o] x[i]."""
    n_in, n_out, stride = cell(row, N_IN), cell(row, N_OUT), cell(cell(row, CONTROL), STRIDE)
    x, y, w, b = cell(row, X), cell(row, Y), cell(row, W), cell(row, B)
    fours = n_out // 4 * 4
    for o in range(0, fours, 4):
        y0, y1, y2, y3 = broadcast(b, o), broadcast(b, o + 1), broadcast(b, o + 2), broadcast(b, o + 3)
        y0, y1, y2, y3 = weighted4(y0, y1, y2, y3, w + FLOAT_BYTES * o, 1, n_out, x, stride, n_in)
        store_four(y + VECTOR_BYTES * o * stride, stride, y0, y1, y2, y3)
    for o in range(fours, n_out):
        y0 = broadcast(b, o)
        for i in range(n_in):
            y0 = fma(broadcast(w, i * n_out + o), load(x, i * stride), y0)
        store(y, o * stride, y0)


@helper
def _gradient_of_inputs(row: Row) -> None:
    n_in, n_out, stride = cell(row, N_IN), cell(row, N_OUT), cell(cell(row, CONTROL), STRIDE)
    dx, dy, w = cell(row, DX), cell(row, DY), cell(row, W)
    zero = splat(np.float32(0.0))
    fours = n_in // 4 * 4
    for i in range(0, fours, 4):
        d0, d1, d2, d3 = weighted4(zero, zero, zero, zero, w + FLOAT_BYTES * i * n_out, n_out, 1, dy, stride, n_out)
        store_four(dx + VECTOR_BYTES * i * stride, stride, d0, d1, d2, d3)
    for i in range(fours, n_in):
        d0 = zero
        for o in range(n_out):
            d0 = fma(broadcast(w, i * n_out + o), load(dy, o * stride), d0)
        store(dx, i * stride, d0)


@helper
def _gradient_of_weights(row: Row) -> None:
    n_in, n_out, stride = cell(row, N_IN), cell(row, N_OUT), cell(cell(row, CONTROL), STRIDE)
    x, dy, gw, gb = cell(row, X), cell(row, DY), cell(row, GW), cell(row, GB)
    n_rows = cell(cell(row, CONTROL), N_ROWS)
    if n_out == 1:
        put(gb, 0, total(load(dy, 0)))
        for i in range(0, n_in, 8):
            n = n_in - i
            store_products(
                gw + FLOAT_BYTES * i, 0, transposed8(x + VECTOR_BYTES * i * stride, stride, n), n, dy, 0, 1, n_rows
            )
    elif n_out <= 8:
        few = transposed8(dy, stride, n_out)
        store_sums(gb, few, n_out)
        store_products(gw, n_out, few, n_out, x, stride, n_in, n_rows)
    else:
        for o in range(0, n_out, LANES):
            n = n_out - o
            many = transposed16(dy + VECTOR_BYTES * o * stride, stride, n)
            store_sums(gb + FLOAT_BYTES * o, many, n)
            store_products(gw + FLOAT_BYTES * o, n_out, many, n, x, stride, n_in, n_rows)


@kernel
def backward_few(row: Row) -> None:
    """gw[i, o] = sum over samples of x[i] dy[o]; gb[o] = sum of dy[o]; dx[i] = sum over o of w[i, o] dy[o]."""
    if cell(row, DX) != 0:
        _gradient_of_inputs(row)
    _gradient_of_weights(row)
