"""Plain gradient descent on a batch. All libraries agree on it."""

from __future__ import annotations

import numpy as np

from ..kernel import GW, HYPER, N, Row, W, cell, get64, kernel
from ..simd import load, store
from .base import Optimizer


@kernel
def step(row: Row) -> None:
    """w -= η g."""
    w, gw = cell(row, W), cell(row, GW)
    rate = np.float32(get64(cell(row, HYPER), 0))
    for i in range(cell(row, N)):
        store(w, i, load(w, i) - load(gw, i) * rate)


SGD = Optimizer(
    name="sgd",
    title="SGD",
    summary="A step straight down the gradient of the batch.",
    formula="w ← w - η g",
    paper="Robbins, Monro 1951, doi:10.1214/aoms/1177729586",
    step=step,
    usual_rate=0.1,
    torch="torch.optim.SGD(weights, lr=rate)",
)
