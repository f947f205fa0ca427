"""Rectified Adam in PyTorch's form: while too few gradients are seen to trust their variance, it is momentum alone.

ε is added to the root before its bias correction here, as in PyTorch's RAdam (not as in its Adam); the switch is at ρ
> 5, the paper's is at ρ > 4.
"""

from __future__ import annotations

import numpy as np

from ..kernel import GW, HYPER, SLOTS, N, Row, W, cell, get64, kernel
from ..registry import Param
from ..simd import load, sqrt, store
from .base import Optimizer, unbiased


@kernel
def step(row: Row) -> None:
    """w -= η m̂ r √(1-β2^t) / (√v + ε) where ρ_t > 5, else η m̂."""
    w, gw, hyper = cell(row, W), cell(row, GW), cell(row, HYPER)
    first, second = cell(row, SLOTS), cell(row, SLOTS + 1)
    t, beta1, beta2 = get64(hyper, 1), get64(hyper, 2), get64(hyper, 3)
    rate = get64(hyper, 0) / unbiased(beta1, t)
    share2 = unbiased(beta2, t)
    longest = 2.0 / (1.0 - beta2) - 1.0
    length = longest - 2.0 * t * (1.0 - share2) / share2
    rectified = length > 5.0
    if rectified:
        rise = (length - 4.0) * (length - 2.0) * longest
        rate *= np.sqrt(rise / ((longest - 4.0) * (longest - 2.0) * length) * share2)
    scale = np.float32(rate)
    eps, new1, new2 = np.float32(get64(hyper, 4)), np.float32(1.0 - beta1), np.float32(1.0 - beta2)
    keep2 = np.float32(beta2)
    for i in range(cell(row, N)):
        g = load(gw, i)
        m = load(first, i)
        m = m + (g - m) * new1
        v = load(second, i) * keep2 + g * g * new2
        store(first, i, m)
        store(second, i, v)
        if rectified:
            store(w, i, load(w, i) - m * scale / (sqrt(v) + eps))
        else:
            store(w, i, load(w, i) - m * scale)


RADAM = Optimizer(
    name="radam",
    title="RAdam",
    summary="Adam that divides only once it has seen enough gradients: a warm-up of its own.",
    formula="w ← w - η m̂ r_t √(1-β2^t) / (√v + ε) once ρ_t > 5, before that w - η m̂",
    paper="Liu, Jiang, He, Chen, Liu, Gao, Han 2020, arXiv:1908.03265",
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
    torch="torch.optim.RAdam(weights, lr=rate, betas=({beta1}, {beta2}), eps={eps})",
    torch_slots=(
        ("first_moment", "exp_avg"),
        ("second_moment", "exp_avg_sq"),
    ),
)
