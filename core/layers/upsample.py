"""Upsampling: every pixel becomes a square of equal pixels."""

from __future__ import annotations

import numpy as np

from ..graph import GraphPlace, Value
from ..kernel import CONTROL, DX, DY, EXTRA, N_VECTORS, STRIDE, Row, X, Y, cell, kernel
from ..registry import Param, Settings
from ..simd import load, store
from .base import Layer, Plan, Shape
from .shared.shapes import image


def plan(shape: Shape, settings: Settings) -> Plan:
    """An image `factor` times as high and wide."""
    channels, height, width = image(shape, "upsample")
    factor = int(settings["factor"])
    # Channels follow each other like rows, so the kernels only know rows.
    return Plan(output=(channels, height * factor, width * factor), cells=(channels * height, width, factor))


@kernel
def forward(row: Row) -> None:
    """Copy every pixel into its square."""
    control = cell(row, CONTROL)
    stride, n_vectors = cell(control, STRIDE), cell(control, N_VECTORS)
    rows, columns, factor = cell(row, EXTRA), cell(row, EXTRA + 1), cell(row, EXTRA + 2)
    x, y = cell(row, X), cell(row, Y)
    for i in range(rows * factor):
        for j in range(columns * factor):
            source = (i // factor * columns + j // factor) * stride
            target = (i * columns * factor + j) * stride
            for v in range(n_vectors):
                store(y, target + v, load(x, source + v))


@kernel
def backward(row: Row) -> None:
    """Sum the gradient over every square."""
    dx, dy = cell(row, DX), cell(row, DY)
    if dx == 0:
        return
    control = cell(row, CONTROL)
    stride, n_vectors = cell(control, STRIDE), cell(control, N_VECTORS)
    rows, columns, factor = cell(row, EXTRA), cell(row, EXTRA + 1), cell(row, EXTRA + 2)
    for i in range(rows):
        for j in range(columns):
            target = (i * columns + j) * stride
            corner = (i * factor * columns + j) * factor * stride
            for v in range(n_vectors):
                gradient = load(dy, corner + v)
                for k in range(1, factor * factor):
                    offset = (k // factor * columns * factor + k % factor) * stride
                    gradient = gradient + load(dy, corner + offset + v)
                store(dx, target + v, gradient)


def graph(x: Value, at: GraphPlace) -> Value:
    """Rows and columns repeated: each pixel becomes a column and a row of its own, which is then made as many."""
    (channels, height, width), factor = at.input, int(at.settings["factor"])
    squares = x.reshape(-1, channels, height, 1, width, 1)
    repeated = squares.op("Expand", np.array((1, channels, height, factor, width, factor), np.int64))
    return repeated.reshape(-1, *at.output)


UPSAMPLE = Layer(
    name="upsample",
    prefix="upsample",
    title="Upsample",
    summary="Makes every pixel a square of equal pixels (nearest neighbor).",
    formula="y[c,i,j] = x[c, floor(i / factor), floor(j / factor)]",
    paper="common practice",
    params=(Param(name="factor", default=2, low=1, high=32, summary="How many times larger the image becomes."),),
    plan=plan,
    forward=forward,
    backward=backward,
    passes="means",
    graph=graph,
)
