"""Squared error for small, absolute error for large distances: PyTorch's `HuberLoss`, ½ d² inside δ.

PyTorch's `SmoothL1Loss` is this one divided by its β = δ.
"""

from __future__ import annotations

import numpy as np

from ..graph import unchanged_form
from ..kernel import (
    CONTROL,
    DX,
    N_OUT,
    N_ROWS,
    N_VECTORS,
    PARAMS,
    RESULT,
    STRIDE,
    TARGET,
    Row,
    X,
    cell,
    get64,
    kernel,
    put64,
)
from ..registry import Param
from ..simd import LANES, absolute, lanes_below, load, maximum, minimum, splat, store, total, where
from .base import Loss, unchanged


@kernel
def gradient(row: Row) -> None:
    """dx = min(max(x - t, -δ), δ) / (B O)."""
    control = cell(row, CONTROL)
    n_rows, n_vectors, stride = cell(control, N_ROWS), cell(control, N_VECTORS), cell(control, STRIDE)
    x, target, dx, n_out = cell(row, X), cell(row, TARGET), cell(row, DX), cell(row, N_OUT)
    delta = splat(np.float32(get64(cell(row, PARAMS), 0)))
    share = 1.0 / (n_rows * n_out)
    scale = np.float32(share)
    zero = splat(np.float32(0.0))
    loss = 0.0
    for v in range(n_vectors):
        used = lanes_below(n_rows - LANES * v)
        cost = zero
        for u in range(n_out):
            i = u * stride + v
            d = where(used, load(x, i) - load(target, i), zero)
            # With d held within δ as h, both branches are h (d - h/2).
            held = maximum(minimum(d, delta), -delta)
            size = absolute(held)
            cost = cost + size * (absolute(d) - size * 0.5)
            store(dx, i, held * scale)
        loss += np.float64(total(cost))
    put64(cell(row, RESULT), 0, loss * share)
    put64(cell(row, RESULT), 1, np.float64(n_rows))


HUBER = Loss(
    name="huber",
    title="Huber",
    summary="Squared for small errors, linear for large ones: outliers lose their pull.",
    formula="mean of d²/2 if |d| ≤ δ else δ (|d| - δ/2), d = x - t",
    paper="Huber 1964, doi:10.1214/aoms/1177703732",
    params=(
        Param(
            name="delta", default=1.0, low=1e-6, high=1e6, scale="log", summary="Size of error from which it is linear."
        ),
    ),
    gradient=gradient,
    tasks=("values", "classes"),
    link=unchanged,
    graph=unchanged_form,
    torch="F.huber_loss(outputs, shares, delta={delta})",
)
