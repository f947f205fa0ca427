"""Leaky ReLU whose slope is learned, one for a whole layer, from 0.25: PyTorch's `PReLU()`.

The paper and Keras also learn one per channel. Weight decay pulls the slope toward 0, that is toward ReLU; the paper
leaves it out of the decay.
"""

from __future__ import annotations

import numpy as np

from ..kernel import CONTROL, DX, DY, GW, N_VECTORS, STRIDE, N, Row, W, X, Y, cell, get, kernel, put
from ..registry import Param
from ..simd import load, splat, store, total, where
from .base import Activation


@kernel
def forward(row: Row) -> None:
    """a = z where z > 0, else s z."""
    x, y, slope = cell(row, X), cell(row, Y), get(cell(row, W), 0)
    for i in range(cell(row, N)):
        z = load(x, i)
        store(y, i, where(z > 0.0, z, z * slope))


@kernel
def backward(row: Row) -> None:
    """dz = da where z > 0, else s da; ds = Σ z da over z ≤ 0."""
    control = cell(row, CONTROL)
    stride, n_vectors = cell(control, STRIDE), cell(control, N_VECTORS)
    x, dy, dx, slope = cell(row, X), cell(row, DY), cell(row, DX), get(cell(row, W), 0)
    zero = splat(np.float32(0.0))
    learned = 0.0
    # Vectors past the batch may hold an earlier, larger batch: they must not reach the sum.
    for u in range(cell(row, N) // stride):
        products = zero
        for i in range(u * stride, u * stride + n_vectors):
            z, da = load(x, i), load(dy, i)
            above = z > 0.0
            products = products + where(above, zero, z * da)
            store(dx, i, where(above, da, da * slope))
        learned += np.float64(total(products))
    put(cell(row, GW), 0, np.float32(learned))


PRELU = Activation(
    name="prelu",
    title="PReLU",
    summary="Leaky ReLU that learns its own slope, one per layer.",
    formula="z if z > 0 else s z, s learned",
    paper="He, Zhang, Ren, Sun 2015, arXiv:1502.01852",
    forward=forward,
    backward=backward,
    graph=lambda z, at: z.op("PRelu", at.weights[0]),
    gain="he_normal",
    learned=(Param(name="slope", default=0.25, low=-10.0, high=10.0, summary="Slope below zero at the start."),),
)
