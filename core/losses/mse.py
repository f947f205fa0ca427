"""Mean squared error, over samples and outputs alike (PyTorch's `MSELoss`); textbooks often have a half before it."""

from __future__ import annotations

import numpy as np

from ..graph import unchanged_form
from ..kernel import CONTROL, DX, N_OUT, N_ROWS, N_VECTORS, RESULT, STRIDE, TARGET, Row, X, cell, kernel, put64
from ..simd import LANES, lanes_below, load, splat, store, total, where
from .base import Loss, unchanged


@kernel
def gradient(row: Row) -> None:
    """dx = 2 (x - t) / (B O)."""
    control = cell(row, CONTROL)
    n_rows, n_vectors, stride = cell(control, N_ROWS), cell(control, N_VECTORS), cell(control, STRIDE)
    x, target, dx, n_out = cell(row, X), cell(row, TARGET), cell(row, DX), cell(row, N_OUT)
    share = 1.0 / (n_rows * n_out)
    scale = np.float32(2.0 * share)
    zero = splat(np.float32(0.0))
    loss = 0.0
    for v in range(n_vectors):
        used = lanes_below(n_rows - LANES * v)
        squares = zero
        for u in range(n_out):
            i = u * stride + v
            d = where(used, load(x, i) - load(target, i), zero)
            squares = squares + d * d
            store(dx, i, d * scale)
        loss += np.float64(total(squares))
    put64(cell(row, RESULT), 0, loss * share)
    put64(cell(row, RESULT), 1, np.float64(n_rows))


MSE = Loss(
    name="mse",
    title="Mean squared error",
    summary="The square of the distance: large errors count most.",
    formula="mean (x - t)²",
    paper="Legendre 1805, Nouvelles méthodes pour la détermination des orbites des comètes",
    gradient=gradient,
    tasks=("values", "classes"),
    link=unchanged,
    graph=unchanged_form,
    torch="F.mse_loss(outputs, shares)",
)
