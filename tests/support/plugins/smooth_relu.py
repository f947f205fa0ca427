"""A rectifier without a corner: a parabola joins 0 and the straight line."""

from __future__ import annotations

import math

import numpy as np

from dltui.core.activations.base import Activation
from dltui.core.graph import GraphPlace, Value
from dltui.core.kernel import DX, DY, N, X, Y, cell, kernel
from dltui.core.simd import load, splat, store, where


@kernel
def forward(row: int) -> None:
    """Compute a = z where z > 1, (z + 1)² / 4 between, 0 where z < -1."""
    x, y = cell(row, X), cell(row, Y)
    zero = splat(np.float32(0.0))
    for i in range(cell(row, N)):
        z = load(x, i)
        store(y, i, where(z > 1.0, z, where(z > -1.0, (z + 1.0) * (z + 1.0) * 0.25, zero)))


@kernel
def backward(row: int) -> None:
    """Compute dz = da where z > 1, (z + 1) / 2 da between, 0 where z < -1."""
    x, dy, dx = cell(row, X), cell(row, DY), cell(row, DX)
    zero = splat(np.float32(0.0))
    for i in range(cell(row, N)):
        z, da = load(x, i), load(dy, i)
        store(dx, i, where(z > 1.0, da, where(z > -1.0, (z + 1.0) * 0.5 * da, zero)))


def graph(z: Value, at: GraphPlace) -> Value:
    """Between the corners the parabola, above them the line."""
    past = z.clip(-1.0, 1.0) + 1.0
    return past * past * 0.25 + (z - 1.0).op("Relu")


SMOOTH_RELU = Activation(
    name="smooth_relu",
    title="Smooth ReLU",
    summary="A rectifier whose corner is a parabola.",
    formula="z if z > 1 else (z + 1)² / 4 if z > -1 else 0",
    paper="common practice",
    forward=forward,
    backward=backward,
    gain="he_normal",
    gain_factor=math.sqrt(2.0),
    saturates=(0.0, math.inf),
    graph=graph,
)
