"""Adam with decoupled weight decay, in PyTorch's order: the weights shrink by 1 - η λ first, then Adam steps.

PyTorch and Keras multiply the decay by the learning rate; the paper's λ is multiplied by the schedule only, not by the
base rate. The regularizer `weight_decay` does the same for every optimizer; the two add up.
"""

from __future__ import annotations

import numpy as np

from ..kernel import GW, HYPER, SLOTS, N, Row, W, cell, get64, kernel
from ..registry import Param
from ..simd import load, sqrt, store
from .base import Optimizer, unbiased


@kernel
def step(row: Row) -> None:
    """w *= 1 - η λ; then m, v ← averages of g, g²; w -= η m̂ / (√v̂ + ε)."""
    w, gw, hyper = cell(row, W), cell(row, GW), cell(row, HYPER)
    first, second = cell(row, SLOTS), cell(row, SLOTS + 1)
    t, beta1, beta2 = get64(hyper, 1), get64(hyper, 2), get64(hyper, 3)
    # Not 1 - η λ as a factor: its rounding in float32 would add up over the steps.
    decay = np.float32(get64(hyper, 0) * get64(hyper, 5))
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
        weight = load(w, i)
        store(w, i, weight - weight * decay - m * rate / (sqrt(v) * root + eps))


ADAMW = Optimizer(
    name="adamw",
    title="AdamW",
    summary="Adam whose weights also decay on their own, apart from the gradient.",
    formula="w ← (1 - η λ) w, then Adam",
    paper="Loshchilov, Hutter 2019, arXiv:1711.05101",
    params=(
        Param(name="beta1", default=0.9, low=0.0, high=1.0, open_high=True, summary="Share of the mean gradient kept."),
        Param(name="beta2", default=0.999, low=0.0, high=1.0, open_high=True, summary="Share of the mean square kept."),
        Param(name="eps", default=1e-8, low=1e-15, high=1.0, scale="log", summary="Keeps the divisor away from zero."),
        Param(name="weight_decay", default=0.01, low=0.0, high=1e3, scale="log", summary="Decay, times the rate."),
    ),
    step=step,
    slots=("first_moment", "second_moment"),
    usual_rate=0.001,
    adaptive=True,
    corrected=(("first_moment", "beta1"), ("second_moment", "beta2")),
    averaged=("first_moment", "second_moment"),
    torch="torch.optim.AdamW(weights, lr=rate, betas=({beta1}, {beta2}), eps={eps}, weight_decay={weight_decay})",
    torch_slots=(
        ("first_moment", "exp_avg"),
        ("second_moment", "exp_avg_sq"),
    ),
)
