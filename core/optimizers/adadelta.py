"""AdaDelta in PyTorch's form: ε under both roots, and a learning rate before the step, 1 as in the paper.

Keras's default rate is 0.001, with which it hardly moves.
"""

from __future__ import annotations

import numpy as np

from ..kernel import GW, HYPER, SLOTS, N, Row, W, cell, get64, kernel
from ..registry import Param
from ..simd import load, sqrt, store
from .base import Optimizer


@kernel
def step(row: Row) -> None:
    """s ← ρ s + (1-ρ) g²; d = √(u + ε) / √(s + ε) g; u ← ρ u + (1-ρ) d²; w -= η d."""
    w, gw, hyper = cell(row, W), cell(row, GW), cell(row, HYPER)
    second, update = cell(row, SLOTS), cell(row, SLOTS + 1)
    rate, keep, new = np.float32(get64(hyper, 0)), np.float32(get64(hyper, 2)), np.float32(1.0 - get64(hyper, 2))
    eps = np.float32(get64(hyper, 3))
    for i in range(cell(row, N)):
        g = load(gw, i)
        s = load(second, i) * keep + g * g * new
        u = load(update, i)
        d = sqrt(u + eps) / sqrt(s + eps) * g
        store(second, i, s)
        store(update, i, u * keep + d * d * new)
        store(w, i, load(w, i) - d * rate)


ADADELTA = Optimizer(
    name="adadelta",
    title="AdaDelta",
    summary="Finds its own step from the ratio of recent steps to recent gradients.",
    formula="d = √(u + ε) / √(s + ε) g;  w ← w - η d;  s, u ← averages of g², d²",
    paper="Zeiler 2012, arXiv:1212.5701",
    params=(
        Param(name="rho", default=0.9, low=0.0, high=1.0, open_high=True, summary="Share of both mean squares kept."),
        Param(name="eps", default=1e-6, low=1e-15, high=1.0, scale="log", summary="Size of the first steps."),
    ),
    step=step,
    slots=("second_moment", "squared_update"),
    usual_rate=1.0,
    adaptive=True,
    averaged=("second_moment", "squared_update"),
    torch="torch.optim.Adadelta(weights, lr=rate, rho={rho}, eps={eps})",
    torch_slots=(
        ("second_moment", "square_avg"),
        ("squared_update", "acc_delta"),
    ),
)
