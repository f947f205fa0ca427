"""Adam that divides by the largest second moment seen so far, in PyTorch's form, `Adam(amsgrad=True)`.

The maximum is over the moments before bias correction, and the maximum is what is corrected; the paper corrects
neither.
"""

from __future__ import annotations

import numpy as np

from ..kernel import GW, HYPER, SLOTS, N, Row, W, cell, get64, kernel
from ..registry import Param
from ..simd import load, maximum, sqrt, store
from .base import Optimizer, unbiased


@kernel
def step(row: Row) -> None:
    """m, v ← averages of g, g²; u ← max(u, v); w -= η m̂ / (√û + ε)."""
    w, gw, hyper = cell(row, W), cell(row, GW), cell(row, HYPER)
    first, second, largest = cell(row, SLOTS), cell(row, SLOTS + 1), cell(row, SLOTS + 2)
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
        u = maximum(v, load(largest, i))
        store(first, i, m)
        store(second, i, v)
        store(largest, i, u)
        store(w, i, load(w, i) - m * rate / (sqrt(u) * root + eps))


AMSGRAD = Optimizer(
    name="amsgrad",
    title="AMSGrad",
    summary="Adam whose divisor never falls: steps only get shorter.",
    formula="u ← max(u, v);  w ← w - η m̂ / (√û + ε)",
    paper="Reddi, Kale, Kumar 2018, arXiv:1904.09237",
    params=(
        Param(name="beta1", default=0.9, low=0.0, high=1.0, open_high=True, summary="Share of the mean gradient kept."),
        Param(name="beta2", default=0.999, low=0.0, high=1.0, open_high=True, summary="Share of the mean square kept."),
        Param(name="eps", default=1e-8, low=1e-15, high=1.0, scale="log", summary="Keeps the divisor away from zero."),
    ),
    step=step,
    slots=("first_moment", "second_moment", "largest_second_moment"),
    usual_rate=0.001,
    adaptive=True,
    corrected=(("first_moment", "beta1"), ("second_moment", "beta2"), ("largest_second_moment", "beta2")),
    averaged=("first_moment", "second_moment"),
    torch="torch.optim.Adam(weights, lr=rate, betas=({beta1}, {beta2}), eps={eps}, amsgrad=True)",
    torch_slots=(
        ("first_moment", "exp_avg"),
        ("second_moment", "exp_avg_sq"),
        ("largest_second_moment", "max_exp_avg_sq"),
    ),
)
