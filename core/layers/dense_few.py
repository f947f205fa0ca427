"""The products of a dense layer for at most 16 samples, which fill one vector.

Here the price is not the arithmetic but everything around it: one sum over the lanes of a vector costs more than the
product it adds up. So the gradients of the weights are taken sample by sample, for 16 outputs at a time.
"""

from __future__ import annotations

import numpy as np

from ..kernel import CONTROL, DX, DY, GB, GW, N_IN, N_OUT, N_ROWS, SCRATCH, STRIDE, B, W, X, Y, cell, helper, kernel
from ..simd import broadcast, fma, load, splat, store, store_some_at, turn8


@kernel
def forward_few(row):  # type: ignore[no-untyped-def]
    """Compute y[o] = b[o] + sum over i of w[i, o] x[i]."""
    n_in, n_out, unit = cell(row, N_IN), cell(row, N_OUT), 64 * cell(cell(row, CONTROL), STRIDE)
    x, y, w, b = cell(row, X), cell(row, Y), cell(row, W), cell(row, B)
    while n_out >= 4:
        y0, y1, y2, y3 = broadcast(b, 0), broadcast(b, 1), broadcast(b, 2), broadcast(b, 3)
        xi, wi = x, w
        for _ in range(n_in):
            v = load(xi, 0)
            y0 = fma(broadcast(wi, 0), v, y0)
            y1 = fma(broadcast(wi, 1), v, y1)
            y2 = fma(broadcast(wi, 2), v, y2)
            y3 = fma(broadcast(wi, 3), v, y3)
            xi += unit
            wi += 4 * cell(row, N_OUT)
        store(y, 0, y0)
        store(y + unit, 0, y1)
        store(y + 2 * unit, 0, y2)
        store(y + 3 * unit, 0, y3)
        y += 4 * unit
        w += 16
        b += 16
        n_out -= 4
    for o in range(n_out):
        y0 = broadcast(b, o)
        xi, wi = x, w
        for _ in range(n_in):
            y0 = fma(broadcast(wi, o), load(xi, 0), y0)
            xi += unit
            wi += 4 * cell(row, N_OUT)
        store(y + o * unit, 0, y0)


@helper
def _turn(row):  # type: ignore[no-untyped-def]
    """Lay the gradients of the outputs of each sample side by side, in the scratch memory."""
    stride, n_out = cell(cell(row, CONTROL), STRIDE), cell(row, N_OUT)
    dy, turned = cell(row, DY), cell(row, SCRATCH)
    for o in range(0, n_out, 8):
        turn8(turned + 4 * o, _padded(n_out), dy + 64 * o * stride, stride, n_out - o)


@helper
def _padded(n):  # type: ignore[no-untyped-def]
    return (n + 15) // 16 * 16


@helper
def _gradient_of_inputs(row):  # type: ignore[no-untyped-def]
    n_in, n_out, unit = cell(row, N_IN), cell(row, N_OUT), 64 * cell(cell(row, CONTROL), STRIDE)
    dx, dy, w = cell(row, DX), cell(row, DY), cell(row, W)
    zero = splat(np.float32(0.0))
    line = 4 * n_out
    while n_in >= 4:
        d0, d1, d2, d3 = zero, zero, zero, zero
        at, wo = dy, w
        for _ in range(n_out):
            d = load(at, 0)
            d0 = fma(broadcast(wo, 0), d, d0)
            d1 = fma(broadcast(wo + line, 0), d, d1)
            d2 = fma(broadcast(wo + 2 * line, 0), d, d2)
            d3 = fma(broadcast(wo + 3 * line, 0), d, d3)
            at += unit
            wo += 4
        store(dx, 0, d0)
        store(dx + unit, 0, d1)
        store(dx + 2 * unit, 0, d2)
        store(dx + 3 * unit, 0, d3)
        dx += 4 * unit
        w += 4 * line
        n_in -= 4
    for i in range(n_in):
        d0 = zero
        for o in range(n_out):
            d0 = fma(broadcast(w + i * line, o), load(dy + o * unit, 0), d0)
        store(dx + i * unit, 0, d0)


@helper
def _gradient_of_weights(row):  # type: ignore[no-untyped-def]
    n_rows, unit = cell(cell(row, CONTROL), N_ROWS), 64 * cell(cell(row, CONTROL), STRIDE)
    n_in, n_out = cell(row, N_IN), cell(row, N_OUT)
    zero = splat(np.float32(0.0))
    line = 4 * _padded(n_out)
    for o in range(0, n_out, 16):
        n = n_out - o
        turned = cell(row, SCRATCH) + 4 * o
        g0, at = zero, turned
        for _ in range(n_rows):
            g0 = g0 + load(at, 0)
            at += line
        store_some_at(cell(row, GB), o, g0, n)
        x, gw = cell(row, X), cell(row, GW) + 4 * o
        left = n_in
        while left >= 4:
            g0, g1, g2, g3 = zero, zero, zero, zero
            at = turned
            for s in range(n_rows):
                d = load(at, 0)
                g0 = fma(broadcast(x, s), d, g0)
                g1 = fma(broadcast(x + unit, s), d, g1)
                g2 = fma(broadcast(x + 2 * unit, s), d, g2)
                g3 = fma(broadcast(x + 3 * unit, s), d, g3)
                at += line
            store_some_at(gw, 0, g0, n)
            store_some_at(gw, n_out, g1, n)
            store_some_at(gw, 2 * n_out, g2, n)
            store_some_at(gw, 3 * n_out, g3, n)
            x += 4 * unit
            gw += 16 * n_out
            left -= 4
        for i in range(left):
            g0, at = zero, turned
            for s in range(n_rows):
                g0 = fma(broadcast(x + i * unit, s), load(at, 0), g0)
                at += line
            store_some_at(gw, i * n_out, g0, n)


@kernel
def backward_few(row):  # type: ignore[no-untyped-def]
    """Compute gw[i, o] = sum over samples of x[i] dy[o]; gb[o] = sum of dy[o]; dx[i] = sum over o of w[i, o] dy[o]."""
    # Turned first and used last: what was written in small pieces cannot be read as a whole at once.
    _turn(row)
    if cell(row, DX) != 0:
        _gradient_of_inputs(row)
    _gradient_of_weights(row)
