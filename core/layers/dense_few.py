"""The products of a dense layer for at most 16 samples, which fill one vector.

Here the price is not the arithmetic but everything around it: one sum over the lanes of a vector costs more than the
product it adds up. So the gradients of the weights are taken sample by sample, for 16 outputs at a time.
"""

from __future__ import annotations

import numpy as np

from ..kernel import CONTROL, DX, DY, GB, GW, N_IN, N_OUT, N_ROWS, SCRATCH, STRIDE, B, W, X, Y, cell, helper, kernel
from ..simd import broadcast, fma, load, splat, store, store_four, store_some_at, turn8
from ..tiles import weighted4


@kernel
def forward_few(row):  # type: ignore[no-untyped-def]
    """Compute y[o] = b[o] + sum over i of w[i, o] x[i]."""
    n_in, n_out, stride = cell(row, N_IN), cell(row, N_OUT), cell(cell(row, CONTROL), STRIDE)
    x, y, w, b = cell(row, X), cell(row, Y), cell(row, W), cell(row, B)
    fours = n_out // 4 * 4
    for o in range(0, fours, 4):
        y0, y1, y2, y3 = broadcast(b, o), broadcast(b, o + 1), broadcast(b, o + 2), broadcast(b, o + 3)
        y0, y1, y2, y3 = weighted4(y0, y1, y2, y3, w + 4 * o, 1, n_out, x, stride, n_in)
        store_four(y + 64 * o * stride, stride, y0, y1, y2, y3)
    for o in range(fours, n_out):
        y0 = broadcast(b, o)
        for i in range(n_in):
            y0 = fma(broadcast(w, i * n_out + o), load(x, i * stride), y0)
        store(y, o * stride, y0)


@helper
def _turn(row):  # type: ignore[no-untyped-def]
    """Lay the gradients of the outputs of each sample side by side, in the scratch memory."""
    stride, n_out = cell(cell(row, CONTROL), STRIDE), cell(row, N_OUT)
    dy, turned = cell(row, DY), cell(row, SCRATCH)
    for o in range(0, n_out, 8):
        turn8(turned + 4 * o, 16 * _vectors(n_out), dy + 64 * o * stride, stride, n_out - o)


@helper
def _vectors(n):  # type: ignore[no-untyped-def]
    return (n + 15) // 16


@helper
def _gradient_of_inputs(row):  # type: ignore[no-untyped-def]
    n_in, n_out, stride = cell(row, N_IN), cell(row, N_OUT), cell(cell(row, CONTROL), STRIDE)
    dx, dy, w = cell(row, DX), cell(row, DY), cell(row, W)
    zero = splat(np.float32(0.0))
    fours = n_in // 4 * 4
    for i in range(0, fours, 4):
        d0, d1, d2, d3 = weighted4(zero, zero, zero, zero, w + 4 * i * n_out, n_out, 1, dy, stride, n_out)
        store_four(dx + 64 * i * stride, stride, d0, d1, d2, d3)
    for i in range(fours, n_in):
        d0 = zero
        for o in range(n_out):
            d0 = fma(broadcast(w, i * n_out + o), load(dy, o * stride), d0)
        store(dx, i * stride, d0)


@helper
def _gradient_of_weights(row):  # type: ignore[no-untyped-def]
    n_rows, stride = cell(cell(row, CONTROL), N_ROWS), cell(cell(row, CONTROL), STRIDE)
    n_in, n_out = cell(row, N_IN), cell(row, N_OUT)
    x, gw, gb = cell(row, X), cell(row, GW), cell(row, GB)
    zero = splat(np.float32(0.0))
    hop, fours = _vectors(n_out), n_in // 4 * 4
    for o in range(0, n_out, 16):
        n = n_out - o
        turned = cell(row, SCRATCH) + 4 * o
        g0 = zero
        for s in range(n_rows):
            g0 = g0 + load(turned, s * hop)
        store_some_at(gb, o, g0, n)
        for i in range(0, fours, 4):
            at = x + 64 * i * stride
            g0, g1, g2, g3 = weighted4(zero, zero, zero, zero, at, 16 * stride, 1, turned, hop, n_rows)
            store_some_at(gw, i * n_out + o, g0, n)
            store_some_at(gw, (i + 1) * n_out + o, g1, n)
            store_some_at(gw, (i + 2) * n_out + o, g2, n)
            store_some_at(gw, (i + 3) * n_out + o, g3, n)
        for i in range(fours, n_in):
            g0 = zero
            for s in range(n_rows):
                g0 = fma(broadcast(x, 16 * i * stride + s), load(turned, s * hop), g0)
            store_some_at(gw, i * n_out + o, g0, n)


@kernel
def backward_few(row):  # type: ignore[no-untyped-def]
    """Compute gw[i, o] = sum over samples of x[i] dy[o]; gb[o] = sum of dy[o]; dx[i] = sum over o of w[i, o] dy[o]."""
    # Turned first and used last: what was written in small pieces cannot be read as a whole at once.
    _turn(row)
    if cell(row, DX) != 0:
        _gradient_of_inputs(row)
    _gradient_of_weights(row)
