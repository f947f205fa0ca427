"""Max pooling: of every window only the largest value is passed on.

The gradient goes to the first largest value of a window in reading order, as in PyTorch. Columns and rows at the
right and bottom that do not fill a whole window are left out.
"""

from __future__ import annotations

import numpy as np

from ..kernel import CONTROL, DX, DY, EXTRA, N_VECTORS, STRIDE, Row, X, Y, cell, helper, kernel
from ..registry import Param, Settings
from ..simd import Vector, load, splat, store, where
from .base import Layer, Plan, Shape
from .shared.shapes import pooled_plan, window_attributes


def plan(shape: Shape, settings: Settings) -> Plan:
    """One value for every place of the window."""
    return pooled_plan(shape, settings, "max_pool")


@helper
def larger(a: Vector, b: Vector) -> Vector:
    """The larger of two, NaN if either is."""
    return where(b <= a, a, where(a == a, b, a))


@kernel
def forward(row: Row) -> None:
    """Largest value of every window."""
    control = cell(row, CONTROL)
    stride, n_vectors = cell(control, STRIDE), cell(control, N_VECTORS)
    channels, height, width = cell(row, EXTRA), cell(row, EXTRA + 1), cell(row, EXTRA + 2)
    rows, columns = cell(row, EXTRA + 3), cell(row, EXTRA + 4)
    size, step = cell(row, EXTRA + 5), cell(row, EXTRA + 6)
    x, y = cell(row, X), cell(row, Y)
    target = 0
    for channel in range(channels):
        for i in range(rows):
            for j in range(columns):
                corner = ((channel * height + i * step) * width + j * step) * stride
                for v in range(n_vectors):
                    best = load(x, corner + v)
                    for ky in range(size):
                        line = corner + ky * width * stride + v
                        for kx in range(size):
                            best = larger(best, load(x, line + kx * stride))
                    store(y, target + v, best)
                target += stride


@kernel
def backward(row: Row) -> None:
    """The gradient of a window goes to its largest value."""
    dx, dy = cell(row, DX), cell(row, DY)
    if dx == 0:
        return
    control = cell(row, CONTROL)
    stride, n_vectors = cell(control, STRIDE), cell(control, N_VECTORS)
    channels, height, width = cell(row, EXTRA), cell(row, EXTRA + 1), cell(row, EXTRA + 2)
    rows, columns = cell(row, EXTRA + 3), cell(row, EXTRA + 4)
    size, step = cell(row, EXTRA + 5), cell(row, EXTRA + 6)
    x, y = cell(row, X), cell(row, Y)
    nothing = splat(np.float32(0.0))
    # Windows side by side that cover the image write every gradient once; otherwise they add to zeros.
    tiled = size == step and rows * step == height and columns * step == width
    if not tiled:
        for unit in range(channels * height * width):
            for v in range(n_vectors):
                store(dx, unit * stride + v, nothing)
    source = 0
    for channel in range(channels):
        for i in range(rows):
            for j in range(columns):
                corner = ((channel * height + i * step) * width + j * step) * stride
                for v in range(n_vectors):
                    best, rest = load(y, source + v), load(dy, source + v)
                    for ky in range(size):
                        line = corner + ky * width * stride + v
                        for kx in range(size):
                            at = line + kx * stride
                            hit = load(x, at) == best
                            gradient = where(hit, rest, nothing)
                            rest = where(hit, nothing, rest)
                            store(dx, at, gradient if tiled else load(dx, at) + gradient)
                source += stride


MAX_POOL = Layer(
    name="max_pool",
    prefix="maxpool",
    title="Max pooling",
    summary="Keeps the largest value of every window: smaller images, less sensitive to shifts.",
    formula="y[c,i,j] = max over u,v of x[c, i stride + u, j stride + v]",
    paper="Yamaguchi et al. 1990; Riesenhuber, Poggio 1999, doi:10.1038/14819",
    params=(
        Param(name="kernel", default=2, low=1, high=31, unit="pixels", summary="Height and width of a window."),
        Param(name="stride", default=2, low=1, high=31, unit="pixels", summary="Pixels from one window to the next."),
    ),
    plan=plan,
    forward=forward,
    backward=backward,
    passes="picks",
    graph=lambda x, at: x.op("MaxPool", **window_attributes(at)),
)
