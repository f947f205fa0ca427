"""Minimum pooling: of every two columns only the smaller value goes on."""

from __future__ import annotations

import numpy as np

from dltui.core.errors import ConfigError
from dltui.core.kernel import CONTROL, DX, DY, EXTRA, N_VECTORS, STRIDE, X, Y, cell, kernel
from dltui.core.layers.base import Layer, Plan, Shape
from dltui.core.registry import Settings
from dltui.core.simd import load, splat, store, where


def plan(shape: Shape, settings: Settings) -> Plan:
    """Half as many columns; an odd one at the right is left out."""
    if len(shape) != 3 or shape[2] < 2:
        raise ConfigError("needs an image of two columns", field="kind", value="min_pool")
    channels, height, width = shape
    return Plan(output=(channels, height, width // 2), cells=(channels * height, width))


@kernel
def forward(row: int) -> None:
    """The smaller of two."""
    control = cell(row, CONTROL)
    stride, n_vectors = cell(control, STRIDE), cell(control, N_VECTORS)
    rows, width = cell(row, EXTRA), cell(row, EXTRA + 1)
    x, y, half = cell(row, X), cell(row, Y), cell(row, EXTRA + 1) // 2
    for i in range(rows):
        for j in range(half):
            for v in range(n_vectors):
                a = load(x, (i * width + 2 * j) * stride + v)
                b = load(x, (i * width + 2 * j + 1) * stride + v)
                store(y, (i * half + j) * stride + v, where(b < a, b, a))


@kernel
def backward(row: int) -> None:
    """The gradient goes to the smaller of two, the first where they are equal."""
    control = cell(row, CONTROL)
    stride, n_vectors = cell(control, STRIDE), cell(control, N_VECTORS)
    rows, width = cell(row, EXTRA), cell(row, EXTRA + 1)
    x, dx, dy, half = cell(row, X), cell(row, DX), cell(row, DY), cell(row, EXTRA + 1) // 2
    nothing = splat(np.float32(0.0))
    if dx == 0:
        return
    for i in range(rows):
        for v in range(n_vectors):
            store(dx, (i * width + width - 1) * stride + v, nothing)
            for j in range(half):
                first = (i * width + 2 * j) * stride + v
                second = first + stride
                smaller = load(x, second) < load(x, first)
                gradient = load(dy, (i * half + j) * stride + v)
                store(dx, first, where(smaller, nothing, gradient))
                store(dx, second, where(smaller, gradient, nothing))


MIN_POOL = Layer(
    name="min_pool",
    prefix="minpool",
    title="Minimum pooling",
    summary="Keeps the smaller value of every two columns.",
    formula="y[c,i,j] = min(x[c,i,2j], x[c,i,2j+1])",
    paper="common practice",
    plan=plan,
    forward=forward,
    backward=backward,
    passes="picks",
)
