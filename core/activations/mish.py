"""z tanh(softplus z): like swish, a smooth ReLU with a dip. All libraries agree on it.

With e = exp(-|z|) the factor tanh(log(1 + exp z)) is a ratio of polynomials in e, which neither overflows nor cancels.
"""

from __future__ import annotations

import numpy as np

from ..kernel import DX, DY, N, Row, X, Y, cell, helper, kernel
from ..simd import Vector, absolute, exp, load, sigmoid, splat, store, where
from .base import Activation


@helper
def _factor(z: Vector) -> Vector:
    """tanh(log(1 + exp z)); 0 below -80, where z times it is below the smallest float32 that matters."""
    e = exp(-absolute(z))
    above = 1.0 + 2.0 * e
    below = e * (e + 2.0)
    left = z < 0.0
    factor = where(left, below, above) / where(left, below + 2.0, above + 2.0 * e * e)
    return where(z < -80.0, splat(np.float32(0.0)), factor)


@kernel
def forward(row: Row) -> None:
    """a = z tanh(softplus z)."""
    x, y = cell(row, X), cell(row, Y)
    for i in range(cell(row, N)):
        z = load(x, i)
        store(y, i, z * _factor(z))


@kernel
def backward(row: Row) -> None:
    """dz = da (ω + z σ(z) (1 - ω²)), with ω = tanh(softplus z)."""
    x, dy, dx = cell(row, X), cell(row, DY), cell(row, DX)
    for i in range(cell(row, N)):
        z = load(x, i)
        w = _factor(z)
        store(dx, i, load(dy, i) * (w + (1.0 - w * w) * sigmoid(z) * z))


MISH = Activation(
    name="mish",
    title="Mish",
    summary="A smooth ReLU with a dip, a little softer than swish.",
    formula="z tanh(log(1 + exp(z)))",
    paper="Misra 2019, arXiv:1908.08681",
    forward=forward,
    backward=backward,
    graph=lambda z, at: z.op("Mish"),
    gain="he_normal",
)
