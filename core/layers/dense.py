"""Fully connected layer.

Weights lie in memory as (in, out), so that a tile of four neighboring outputs reads its weights in one line; to the
outside they have PyTorch's shape (out, in).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from ..kernel import (
    CONTROL,
    DX,
    DY,
    GB,
    GW,
    N_IN,
    N_OUT,
    N_ROWS,
    N_VECTORS,
    PARTS,
    SCRATCH,
    STRIDE,
    B,
    W,
    X,
    Y,
    call,
    cell,
    helper,
    kernel,
    put,
)
from ..registry import Param
from ..simd import (
    broadcast,
    fma,
    load,
    load_at,
    put4,
    splat,
    store,
    store4_at,
    store_some_at,
    total,
    total4,
    turn8,
)
from .base import Layer, Plan, Shape, Tensor

OUTPUTS, INPUTS, ROWS_OF_GRADIENT = 16, 128, 32
"""Sizes of the blocks in which wide layers are worked through, so that what is used again is still in the first cache:
a line of weights holds 16 outputs, 128 of them are 8 KiB, and 32 rows of gradients of a batch of 128 are 18 KiB."""

FEW, MANY = PARTS, PARTS + 1
"""Cells with the addresses of the two ways to the gradients of the weights."""


@kernel
def forward(row):  # type: ignore[no-untyped-def]
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
def _turn(row):  # type: ignore[no-untyped-def]
    """Lay the gradients of the outputs of each of at most 16 samples side by side, in the scratch memory."""
    stride, n_out = cell(cell(row, CONTROL), STRIDE), cell(row, N_OUT)
    dy, turned = cell(row, DY), cell(row, SCRATCH)
    for o in range(0, n_out, 8):
        turn8(turned + 4 * o, _padded(n_out), dy + 64 * o * stride, stride, n_out - o)


@helper
def _padded(n):  # type: ignore[no-untyped-def]
    return (n + 15) // 16 * 16


@kernel
def gradient_of_few(row):  # type: ignore[no-untyped-def]
    """Gradients of the weights from at most 16 samples, one sample after the other, 16 outputs at a time."""
    stride, n_rows = cell(cell(row, CONTROL), STRIDE), cell(cell(row, CONTROL), N_ROWS)
    n_in, n_out = cell(row, N_IN), cell(row, N_OUT)
    x, gw, gb, turned = cell(row, X), cell(row, GW), cell(row, GB), cell(row, SCRATCH)
    zero = splat(np.float32(0.0))
    width, unit = _padded(n_out), 16 * stride
    for o in range(0, n_out, 16):
        n = n_out - o
        g0 = zero
        for s in range(n_rows):
            g0 = g0 + load_at(turned, s * width + o)
        store_some_at(gb, o, g0, n)
        i = 0
        while i + 4 <= n_in:
            g0, g1, g2, g3 = zero, zero, zero, zero
            k = i * unit
            for s in range(n_rows):
                d = load_at(turned, s * width + o)
                g0 = fma(broadcast(x, k + s), d, g0)
                g1 = fma(broadcast(x, k + unit + s), d, g1)
                g2 = fma(broadcast(x, k + 2 * unit + s), d, g2)
                g3 = fma(broadcast(x, k + 3 * unit + s), d, g3)
            store_some_at(gw, i * n_out + o, g0, n)
            store_some_at(gw, (i + 1) * n_out + o, g1, n)
            store_some_at(gw, (i + 2) * n_out + o, g2, n)
            store_some_at(gw, (i + 3) * n_out + o, g3, n)
            i += 4
        while i < n_in:
            g0 = zero
            for s in range(n_rows):
                g0 = fma(broadcast(x, i * unit + s), load_at(turned, s * width + o), g0)
            store_some_at(gw, i * n_out + o, g0, n)
            i += 1


@kernel
def gradient_of_many(row):  # type: ignore[no-untyped-def]
    """Gradients of the weights from vectors of samples: each is one sum over all lanes."""
    control = cell(row, CONTROL)
    n_vectors, stride = cell(control, N_VECTORS), cell(control, STRIDE)
    n_in, n_out = cell(row, N_IN), cell(row, N_OUT)
    x, dy, gw, gb = cell(row, X), cell(row, DY), cell(row, GW), cell(row, GB)
    zero = splat(np.float32(0.0))
    for o in range(n_out):
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
def backward(row):  # type: ignore[no-untyped-def]
    """Compute gw[i, o] = sum over samples of x[i] dy[o]; gb[o] = sum of dy[o]; dx[i] = sum over o of w[i, o] dy[o]."""
    few = cell(cell(row, CONTROL), N_VECTORS) == 1 and cell(row, N_OUT) >= 4
    # Turned first and used last: what was written in small pieces cannot be read as a whole at once.
    if few:
        _turn(row)
    if cell(row, DX) != 0:
        _gradient_of_inputs(row)
    if few:
        call(cell(row, FEW), row)
    else:
        call(cell(row, MANY), row)


def plan(shape: Shape, settings: Mapping[str, Any]) -> Plan:
    """Weights for any input shape; images are taken unit by unit."""
    n_in, n_out = prod(shape), int(settings["units"])
    weight = Tensor(
        name="weight",
        shape=(n_out, n_in),
        fan_in=n_in,
        fan_out=n_out,
        to_store=lambda array: np.ascontiguousarray(array.T),
        from_store=lambda flat: np.ascontiguousarray(flat.reshape(n_in, n_out).T),
    )
    bias = Tensor(name="bias", shape=(n_out,), fill=0.0)
    return Plan(output=(n_out,), tensors=(weight, bias), scratch_units=-(-n_out // 16) * 16)


DENSE = Layer(
    name="dense",
    prefix="dense",
    title="Dense",
    summary="Every unit sees every input: a weighted sum and a bias.",
    formula="y = W x + b",
    paper="Rosenblatt 1958, doi:10.1037/h0042519",
    params=(Param(name="units", default=8, low=1, high=65536, unit="units", summary="Outputs of the layer."),),
    plan=plan,
    forward=forward,
    backward=backward,
    parts=(gradient_of_few, gradient_of_many),
    takes_activation=True,
)
