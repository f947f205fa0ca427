"""Mean absolute error, over samples and outputs alike: PyTorch's `L1Loss`, with slope 0 where the error is 0."""

from __future__ import annotations

import numpy as np

from ..graph import unchanged_form
from ..kernel import CONTROL, DX, N_OUT, N_ROWS, N_VECTORS, RESULT, STRIDE, TARGET, Row, X, cell, kernel, put64
from ..simd import LANES, absolute, lanes_below, load, splat, store, total, where
from .base import Loss, unchanged


@kernel
def gradient(row: Row) -> None:
    """dx = sign(x - t) / (B O)."""
    control = cell(row, CONTROL)
    n_rows, n_vectors, stride = cell(control, N_ROWS), cell(control, N_VECTORS), cell(control, STRIDE)
    x, target, dx, n_out = cell(row, X), cell(row, TARGET), cell(row, DX), cell(row, N_OUT)
    share = 1.0 / (n_rows * n_out)
    slope = splat(np.float32(share))
    zero = splat(np.float32(0.0))
    loss = 0.0
    for v in range(n_vectors):
        used = lanes_below(n_rows - LANES * v)
        distance = zero
        for u in range(n_out):
            i = u * stride + v
            d = where(used, load(x, i) - load(target, i), zero)
            distance = distance + absolute(d)
            # d * 0 is 0, and NaN where d is.
            store(dx, i, where(d > 0.0, slope, where(d < 0.0, -slope, d * zero)))
        loss += np.float64(total(distance))
    put64(cell(row, RESULT), 0, loss * share)
    put64(cell(row, RESULT), 1, np.float64(n_rows))


MAE = Loss(
    name="mae",
    title="Mean absolute error",
    summary="The distance itself: outliers count no more than their distance.",
    formula="mean |x - t|",
    paper="Boscovich 1757; Laplace 1774",
    gradient=gradient,
    tasks=("values", "classes"),
    link=unchanged,
    graph=unchanged_form,
    torch="F.l1_loss(outputs, shares)",
)
