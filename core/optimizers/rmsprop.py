"""RMSProp in PyTorch's form: ε is added to the root, and momentum acts on the scaled gradient.

TensorFlow adds ε under the root, and its decay is 0.9 by default where PyTorch's α is 0.99; the lecture has 0.9. The
running square starts at zero and is not corrected, so the first steps are up to 1/√(1-α) times too long.
"""

from __future__ import annotations

import numpy as np

from ..kernel import GW, HYPER, SLOTS, N, Row, W, cell, get64, kernel
from ..registry import Param
from ..simd import load, sqrt, store
from .base import Optimizer


@kernel
def step(row: Row) -> None:
    """s ← α s + (1-α) g²; b ← μ b + g / (√s + ε); w -= η b."""
    w, gw, hyper = cell(row, W), cell(row, GW), cell(row, HYPER)
    second, velocity = cell(row, SLOTS), cell(row, SLOTS + 1)
    rate, keep, new = np.float32(get64(hyper, 0)), np.float32(get64(hyper, 2)), np.float32(1.0 - get64(hyper, 2))
    eps, mu = np.float32(get64(hyper, 3)), np.float32(get64(hyper, 4))
    for i in range(cell(row, N)):
        g = load(gw, i)
        s = load(second, i) * keep + g * g * new
        b = load(velocity, i) * mu + g / (sqrt(s) + eps)
        store(second, i, s)
        store(velocity, i, b)
        store(w, i, load(w, i) - b * rate)


RMSPROP = Optimizer(
    name="rmsprop",
    title="RMSProp",
    summary="Divides each weight's step by the recent size of its gradient.",
    formula="s ← α s + (1-α) g²;  b ← μ b + g / (√s + ε);  w ← w - η b",
    paper="Tieleman, Hinton 2012, cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf",
    params=(
        Param(name="alpha", default=0.99, low=0.0, high=1.0, open_high=True, summary="Share of the mean square kept."),
        Param(name="eps", default=1e-8, low=1e-15, high=1.0, scale="log", summary="Keeps the divisor away from zero."),
        Param(name="momentum", default=0.0, low=0.0, high=1.0, open_high=True, summary="Share of the velocity kept."),
    ),
    step=step,
    slots=("second_moment", "scaled_velocity"),
    usual_rate=0.001,
    adaptive=True,
    averaged=("second_moment",),
    torch="torch.optim.RMSprop(weights, lr=rate, alpha={alpha}, eps={eps}, momentum={momentum})",
    torch_slots=(
        ("second_moment", "square_avg"),
        ("scaled_velocity", "momentum_buffer"),
    ),
)
