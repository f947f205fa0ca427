"""The rectifier: slope 1 or 0. The slope at exactly 0 is 0, as in PyTorch and TensorFlow."""

from __future__ import annotations

import math

import numpy as np

from ..kernel import DX, DY, N, Row, X, Y, cell, kernel
from ..simd import load, maximum, splat, store, where
from .base import Activation


@kernel
def forward(row: Row) -> None:
    """a = max(0, z)."""
    x, y = cell(row, X), cell(row, Y)
    zero = splat(np.float32(0.0))
    for i in range(cell(row, N)):
        store(y, i, maximum(load(x, i), zero))


@kernel
def backward(row: Row) -> None:
    """dz = da where z > 0, else 0."""
    y, dy, dx = cell(row, Y), cell(row, DY), cell(row, DX)
    zero = splat(np.float32(0.0))
    for i in range(cell(row, N)):
        a = load(y, i)
        # a * 0 is 0, and NaN where a is: a broken value is not hidden by a slope of zero.
        store(dx, i, where(a > 0.0, load(dy, i), a * zero))


RELU = Activation(
    name="relu",
    title="ReLU",
    summary="Cuts off negative values; a unit that is negative everywhere is dead.",
    formula="max(0, z)",
    paper="Nair, Hinton 2010, icml.cc/Conferences/2010/papers/432.pdf",
    forward=forward,
    backward=backward,
    graph=lambda z, at: z.op("Relu"),
    gain="he_normal",
    gain_factor=math.sqrt(2.0),
    saturates=(0.0, math.inf),
)
