"""Fully connected layer.

Weights lie in memory as (in, out), so that a tile of four neighboring outputs reads its weights in one line; to the
outside they have PyTorch's shape (out, in).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from ..kernel import CONTROL, DX, DY, GB, GW, N_IN, N_OUT, N_VECTORS, STRIDE, B, W, X, Y, cell, kernel, put
from ..registry import Param
from ..simd import broadcast, fma, load, splat, store, store4_at, total, total4
from .base import Layer, Plan, Shape, Tensor

OUTPUTS, INPUTS, ROWS_OF_GRADIENT = 16, 128, 32
"""Sizes of the blocks in which wide layers are worked through, so that what is used again is still in the first cache:
a line of weights holds 16 outputs, 128 of them are 8 KiB, and 32 rows of gradients of a batch of 128 are 18 KiB."""


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


@kernel
def backward(row):  # type: ignore[no-untyped-def]
    """Compute gw[i, o] = sum over samples of x[i] dy[o]; gb[o] = sum of dy[o]; dx[i] = sum over o of w[i, o] dy[o]."""
    control = cell(row, CONTROL)
    n_vectors, stride = cell(control, N_VECTORS), cell(control, STRIDE)
    n_in, n_out = cell(row, N_IN), cell(row, N_OUT)
    x, dx, dy = cell(row, X), cell(row, DX), cell(row, DY)
    w, gw, gb = cell(row, W), cell(row, GW), cell(row, GB)
    zero = splat(np.float32(0.0))
    for o in range(n_out):
        g0 = zero
        for v in range(n_vectors):
            g0 = g0 + load(dy, o * stride + v)
        put(gb, o, total(g0))
    for o_first in range(0, n_out, ROWS_OF_GRADIENT):
        o_last = min(o_first + ROWS_OF_GRADIENT, n_out)
        for i in range(n_in):
            o = o_first
            while o + 4 <= o_last:
                g0, g1, g2, g3 = zero, zero, zero, zero
                d = o * stride
                for v in range(n_vectors):
                    xi = load(x, i * stride + v)
                    g0 = fma(xi, load(dy, d + v), g0)
                    g1 = fma(xi, load(dy, d + stride + v), g1)
                    g2 = fma(xi, load(dy, d + 2 * stride + v), g2)
                    g3 = fma(xi, load(dy, d + 3 * stride + v), g3)
                store4_at(gw, i * n_out + o, total4(g0, g1, g2, g3))
                o += 4
            while o < o_last:
                g0 = zero
                for v in range(n_vectors):
                    g0 = fma(load(x, i * stride + v), load(dy, o * stride + v), g0)
                put(gw, i * n_out + o, total(g0))
                o += 1
    if dx != 0:
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
    return Plan(output=(n_out,), tensors=(weight, Tensor(name="bias", shape=(n_out,), fill=0.0)))


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
    takes_activation=True,
)
