"""Adam as Kingma and Ba and PyTorch have it: ε is added after the bias correction of the root.

TensorFlow adds its ε before the correction ("ε hat" in the paper), so its ε acts stronger in the first steps.
"""

from __future__ import annotations

import numpy as np

from ..kernel import GW, HYPER, SLOTS, N, Row, W, cell, get64, kernel
from ..registry import Param
from ..simd import load, sqrt, store
from .base import Optimizer, unbiased


@kernel
def step(row: Row) -> None:
    """m, v ← averages of g, g²; w -= η m̂ / (√v̂ + ε)."""
    w, gw, hyper = cell(row, W), cell(row, GW), cell(row, HYPER)
    first, second = cell(row, SLOTS), cell(row, SLOTS + 1)
    t, beta1, beta2 = get64(hyper, 1), get64(hyper, 2), get64(hyper, 3)
    rate = np.float32(get64(hyper, 0) / unbiased(beta1, t))
    root = np.float32(1.0 / np.sqrt(unbiased(beta2, t)))
    eps, new1, new2 = np.float32(get64(hyper, 4)), np.float32(1.0 - beta1), np.float32(1.0 - beta2)
    keep2 = np.float32(beta2)
    for i in range(cell(row, N)):
        g = load(gw, i)
        m = load(first, i)
        m = m + (g - m) * new1
        v = load(second, i) * keep2 + g * g * new2
        store(first, i, m)
        store(second, i, v)
        store(w, i, load(w, i) - m * rate / (sqrt(v) * root + eps))


ADAM = Optimizer(
    name="adam",
    title="Adam",
    summary="Momentum, with each weight's step scaled to the size of its own gradient.",
    formula="m ← β1 m + (1-β1) g;  v ← β2 v + (1-β2) g²;  w ← w - η m̂ / (√v̂ + ε)",
    paper="Kingma, Ba 2015, arXiv:1412.6980",
    params=(
        Param(name="beta1", default=0.9, low=0.0, high=1.0, open_high=True, summary="Share of the mean gradient kept."),
        Param(name="beta2", default=0.999, low=0.0, high=1.0, open_high=True, summary="Share of the mean square kept."),
        Param(name="eps", default=1e-8, low=1e-15, high=1.0, scale="log", summary="Keeps the divisor away from zero."),
    ),
    step=step,
    slots=("first_moment", "second_moment"),
    usual_rate=0.001,
    adaptive=True,
    corrected=(("first_moment", "beta1"), ("second_moment", "beta2")),
    averaged=("first_moment", "second_moment"),
    torch="torch.optim.Adam(weights, lr=rate, betas=({beta1}, {beta2}), eps={eps})",
    torch_slots=(
        ("first_moment", "exp_avg"),
        ("second_moment", "exp_avg_sq"),
    ),
)
