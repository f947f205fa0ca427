"""Softmax over the units of a layer: they compete, and sum to one. All libraries agree on it.

As the output of a classifier it belongs into the loss: `cross_entropy` takes logits, and two softmaxes in a row learn
slowly.
"""

from __future__ import annotations

import numpy as np

from ..kernel import CONTROL, DX, DY, N_VECTORS, STRIDE, N, Row, X, Y, cell, kernel
from ..simd import exp, load, maximum, splat, store
from .base import Activation


@kernel
def forward(row: Row) -> None:
    """a = exp(z - max z) / Σ exp(z - max z), each sample by itself."""
    x, y, control = cell(row, X), cell(row, Y), cell(row, CONTROL)
    stride = cell(control, STRIDE)
    n_units = cell(row, N) // stride
    for v in range(cell(control, N_VECTORS)):
        top = load(x, v)
        for u in range(1, n_units):
            top = maximum(top, load(x, u * stride + v))
        total = splat(np.float32(0.0))
        for u in range(n_units):
            i = u * stride + v
            power = exp(load(x, i) - top)
            total = total + power
            store(y, i, power)
        share = 1.0 / total
        for u in range(n_units):
            i = u * stride + v
            store(y, i, load(y, i) * share)


@kernel
def backward(row: Row) -> None:
    """dz = a (da - Σ a da)."""
    y, dy, dx, control = cell(row, Y), cell(row, DY), cell(row, DX), cell(row, CONTROL)
    stride = cell(control, STRIDE)
    n_units = cell(row, N) // stride
    for v in range(cell(control, N_VECTORS)):
        mean = splat(np.float32(0.0))
        for u in range(n_units):
            i = u * stride + v
            mean = mean + load(y, i) * load(dy, i)
        for u in range(n_units):
            i = u * stride + v
            store(dx, i, load(y, i) * (load(dy, i) - mean))


SOFTMAX = Activation(
    name="softmax",
    title="Softmax",
    summary="The units of a layer compete for a sum of one.",
    formula="exp(z) / Σ exp(z), over the units of the layer",
    paper="Bridle 1990, doi:10.1007/978-3-642-76153-9_28",
    forward=forward,
    backward=backward,
    graph=lambda z, at: z.flat(at.input).op("Softmax", axis=1).shaped(at.input),
    saturates=(0.01, 0.99),
)
