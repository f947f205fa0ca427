"""The products of a dense layer for any number of samples: tiles of four outputs over vectors of samples.

Wide layers are worked through in blocks, so that what is used again is still in the first cache.
"""

from __future__ import annotations

import numpy as np

from ..kernel import CONTROL, DX, DY, GB, GW, N_IN, N_OUT, N_VECTORS, STRIDE, B, W, X, Y, cell, helper, kernel, put
from ..simd import broadcast, fma, load, put4, splat, store, store4_at, total, total4

OUTPUTS, INPUTS, ROWS_OF_GRADIENT = 16, 128, 32
"""Sizes of the blocks: a line of weights holds 16 outputs, 128 of them are 8 KiB, and 32 rows of gradients of a batch
of 128 are 18 KiB."""


@kernel
def forward_many(row):  # type: ignore[no-untyped-def]
    """Compute y[o] = b[o] + sum over i of w[i, o] x[i]."""
    control = cell(row, CONTROL)
    n_vectors, stride = cell(control, N_VECTORS), cell(control, STRIDE)
    n_in, n_out = cell(row, N_IN), cell(row, N_OUT)
    x, y, w, b = cell(row, X), cell(row, Y), cell(row, W), cell(row, B)
    for o_first in range(0, n_out, OUTPUTS):
        o_last = min(o_first + OUTPUTS, n_out)
        for i_first in range(0, n_in, INPUTS):
            i_last = min(i_first + INPUTS, n_in)
            for v in range(n_vectors):
                o = o_first
                while o + 4 <= o_last:
                    at = o * stride + v
                    if i_first == 0:
                        y0, y1 = broadcast(b, o), broadcast(b, o + 1)
                        y2, y3 = broadcast(b, o + 2), broadcast(b, o + 3)
                    else:
                        y0, y1 = load(y, at), load(y, at + stride)
                        y2, y3 = load(y, at + 2 * stride), load(y, at + 3 * stride)
                    k = i_first * n_out + o
                    for i in range(i_first, i_last):
                        xi = load(x, i * stride + v)
                        y0 = fma(broadcast(w, k), xi, y0)
                        y1 = fma(broadcast(w, k + 1), xi, y1)
                        y2 = fma(broadcast(w, k + 2), xi, y2)
                        y3 = fma(broadcast(w, k + 3), xi, y3)
                        k += n_out
                    store(y, at, y0)
                    store(y, at + stride, y1)
                    store(y, at + 2 * stride, y2)
                    store(y, at + 3 * stride, y3)
                    o += 4
                while o < o_last:
                    y0 = broadcast(b, o) if i_first == 0 else load(y, o * stride + v)
                    for i in range(i_first, i_last):
                        y0 = fma(broadcast(w, i * n_out + o), load(x, i * stride + v), y0)
                    store(y, o * stride + v, y0)
                    o += 1


@helper
def _gradient_of_weights(row):  # type: ignore[no-untyped-def]
    """Each is one sum over all lanes of all vectors."""
    control = cell(row, CONTROL)
    n_vectors, stride = cell(control, N_VECTORS), cell(control, STRIDE)
    n_in, n_out = cell(row, N_IN), cell(row, N_OUT)
    x, dy, gw, gb = cell(row, X), cell(row, DY), cell(row, GW), cell(row, GB)
    zero = splat(np.float32(0.0))
    for o in range(0, n_out // 4 * 4, 4):
        g0, g1, g2, g3 = zero, zero, zero, zero
        d = o * stride
        for v in range(n_vectors):
            g0, g1 = g0 + load(dy, d + v), g1 + load(dy, d + stride + v)
            g2, g3 = g2 + load(dy, d + 2 * stride + v), g3 + load(dy, d + 3 * stride + v)
        store4_at(gb, o, total4(g0, g1, g2, g3))
    for o in range(n_out // 4 * 4, n_out):
        g0 = zero
        for v in range(n_vectors):
            g0 = g0 + load(dy, o * stride + v)
        put(gb, o, total(g0))
    for o_first in range(0, n_out // 4 * 4, ROWS_OF_GRADIENT):
        o_last = min(o_first + ROWS_OF_GRADIENT, n_out // 4 * 4)
        for i in range(n_in):
            for o in range(o_first, o_last, 4):
                g0, g1, g2, g3 = zero, zero, zero, zero
                d = o * stride
                for v in range(n_vectors):
                    xi = load(x, i * stride + v)
                    g0 = fma(xi, load(dy, d + v), g0)
                    g1 = fma(xi, load(dy, d + stride + v), g1)
                    g2 = fma(xi, load(dy, d + 2 * stride + v), g2)
                    g3 = fma(xi, load(dy, d + 3 * stride + v), g3)
                store4_at(gw, i * n_out + o, total4(g0, g1, g2, g3))
    # The last one to three outputs, for four inputs at a time.
    for o in range(n_out // 4 * 4, n_out):
        i = 0
        while i + 4 <= n_in:
            g0, g1, g2, g3 = zero, zero, zero, zero
            k = i * stride
            for v in range(n_vectors):
                d = load(dy, o * stride + v)
                g0 = fma(d, load(x, k + v), g0)
                g1 = fma(d, load(x, k + stride + v), g1)
                g2 = fma(d, load(x, k + 2 * stride + v), g2)
                g3 = fma(d, load(x, k + 3 * stride + v), g3)
            put4(gw, i * n_out + o, n_out, total4(g0, g1, g2, g3))
            i += 4
        while i < n_in:
            g0 = zero
            for v in range(n_vectors):
                g0 = fma(load(dy, o * stride + v), load(x, i * stride + v), g0)
            put(gw, i * n_out + o, total(g0))
            i += 1


@helper
def _gradient_of_inputs(row):  # type: ignore[no-untyped-def]
    control = cell(row, CONTROL)
    n_vectors, stride = cell(control, N_VECTORS), cell(control, STRIDE)
    n_in, n_out = cell(row, N_IN), cell(row, N_OUT)
    dx, dy, w = cell(row, DX), cell(row, DY), cell(row, W)
    zero = splat(np.float32(0.0))
    i = 0
    while i + 4 <= n_in:
        for v in range(n_vectors):
            d0, d1, d2, d3 = zero, zero, zero, zero
            k = i * n_out
            for o in range(n_out):
                do = load(dy, o * stride + v)
                d0 = fma(broadcast(w, k + o), do, d0)
                d1 = fma(broadcast(w, k + n_out + o), do, d1)
                d2 = fma(broadcast(w, k + 2 * n_out + o), do, d2)
                d3 = fma(broadcast(w, k + 3 * n_out + o), do, d3)
            store(dx, i * stride + v, d0)
            store(dx, (i + 1) * stride + v, d1)
            store(dx, (i + 2) * stride + v, d2)
            store(dx, (i + 3) * stride + v, d3)
        i += 4
    while i < n_in:
        for v in range(n_vectors):
            d0 = zero
            for o in range(n_out):
                d0 = fma(broadcast(w, i * n_out + o), load(dy, o * stride + v), d0)
            store(dx, i * stride + v, d0)
        i += 1


@kernel
def backward_many(row):  # type: ignore[no-untyped-def]
    """Compute gw[i, o] = sum over samples of x[i] dy[o]; gb[o] = sum of dy[o]; dx[i] = sum over o of w[i, o] dy[o]."""
    _gradient_of_weights(row)
    if cell(row, DX) != 0:
        _gradient_of_inputs(row)
