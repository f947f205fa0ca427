"""Average pooling: of every window the mean is passed on.

Columns and rows at the right and bottom that do not fill a whole window are left out, as in PyTorch.
"""

from __future__ import annotations

import numpy as np

from ..kernel import CONTROL, DX, DY, EXTRA, N_VECTORS, STRIDE, Row, X, Y, cell, kernel
from ..registry import Param, Settings
from ..simd import load, splat, store
from .base import Layer, Plan, Shape
from .shared.shapes import pooled_plan, window_attributes


def plan(shape: Shape, settings: Settings) -> Plan:
    """One value for every place of the window."""
    return pooled_plan(shape, settings, "avg_pool")


@kernel
def forward(row: Row) -> None:
    """Mean of every window."""
    control = cell(row, CONTROL)
    stride, n_vectors = cell(control, STRIDE), cell(control, N_VECTORS)
    channels, height, width = cell(row, EXTRA), cell(row, EXTRA + 1), cell(row, EXTRA + 2)
    rows, columns = cell(row, EXTRA + 3), cell(row, EXTRA + 4)
    size, step = cell(row, EXTRA + 5), cell(row, EXTRA + 6)
    x, y = cell(row, X), cell(row, Y)
    share = np.float32(1.0) / np.float32(size * size)
    target = 0
    for channel in range(channels):
        for i in range(rows):
            for j in range(columns):
                corner = ((channel * height + i * step) * width + j * step) * stride
                for v in range(n_vectors):
                    mean = splat(np.float32(0.0))
                    for ky in range(size):
                        line = corner + ky * width * stride + v
                        for kx in range(size):
                            mean = mean + load(x, line + kx * stride)
                    store(y, target + v, mean * share)
                target += stride


@kernel
def backward(row: Row) -> None:
    """The gradient of a window is shared by all its values."""
    dx, dy = cell(row, DX), cell(row, DY)
    if dx == 0:
        return
    control = cell(row, CONTROL)
    stride, n_vectors = cell(control, STRIDE), cell(control, N_VECTORS)
    channels, height, width = cell(row, EXTRA), cell(row, EXTRA + 1), cell(row, EXTRA + 2)
    rows, columns = cell(row, EXTRA + 3), cell(row, EXTRA + 4)
    size, step = cell(row, EXTRA + 5), cell(row, EXTRA + 6)
    share = np.float32(1.0) / np.float32(size * size)
    for unit in range(channels * height * width):
        for v in range(n_vectors):
            store(dx, unit * stride + v, splat(np.float32(0.0)))
    source = 0
    for channel in range(channels):
        for i in range(rows):
            for j in range(columns):
                corner = ((channel * height + i * step) * width + j * step) * stride
                for v in range(n_vectors):
                    gradient = load(dy, source + v) * share
                    for ky in range(size):
                        line = corner + ky * width * stride + v
                        for kx in range(size):
                            at = line + kx * stride
                            store(dx, at, load(dx, at) + gradient)
                source += stride


AVG_POOL = Layer(
    name="avg_pool",
    prefix="avgpool",
    title="Average pooling",
    summary="Keeps the mean of every window: smaller, smoother images.",
    formula="y[c,i,j] = mean over u,v of x[c, i stride + u, j stride + v]",
    paper="LeCun et al. 1989, doi:10.1162/neco.1989.1.4.541",
    params=(
        Param(name="kernel", default=2, low=1, high=31, unit="pixels", summary="Height and width of a window."),
        Param(name="stride", default=2, low=1, high=31, unit="pixels", summary="Pixels from one window to the next."),
    ),
    plan=plan,
    forward=forward,
    backward=backward,
    passes="means",
    graph=lambda x, at: x.op("AveragePool", **window_attributes(at)),
)
