"""Swish made of straight pieces: cheap, and zero below -3. PyTorch's slopes at the corners: 0 at -3, 1 at 3."""

from __future__ import annotations

import numpy as np

from ..kernel import DX, DY, N, Row, X, Y, cell, kernel
from ..simd import load, splat, store, where
from .base import Activation


@kernel
def forward(row: Row) -> None:
    """a = z min(max(z + 3, 0), 6) / 6."""
    x, y = cell(row, X), cell(row, Y)
    zero = splat(np.float32(0.0))
    for i in range(cell(row, N)):
        z = load(x, i)
        store(y, i, where(z >= 3.0, z, where(z <= -3.0, zero, z * (z + 3.0) * (1.0 / 6.0))))


@kernel
def backward(row: Row) -> None:
    """dz = 0 below -3, da above 3, da (z/3 + 1/2) between."""
    x, dy, dx = cell(row, X), cell(row, DY), cell(row, DX)
    zero = splat(np.float32(0.0))
    for i in range(cell(row, N)):
        z, da = load(x, i), load(dy, i)
        store(dx, i, where(z >= 3.0, da, where(z <= -3.0, zero, da * (z * (1.0 / 3.0) + 0.5))))


HARDSWISH = Activation(
    name="hardswish",
    title="Hard swish",
    summary="Swish made of straight pieces; units stuck below -3 are dead.",
    formula="z min(max(z + 3, 0), 6) / 6",
    paper="Howard et al. 2019, arXiv:1905.02244",
    forward=forward,
    backward=backward,
    graph=lambda z, at: z.op("HardSwish"),
    gain="he_normal",
)
