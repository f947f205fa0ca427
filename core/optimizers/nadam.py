"""Adam with Nesterov's look ahead, in PyTorch's form: Dozat's with a momentum that warms up, μ_t = β1 (1 - ½ 0.96^(ψ
t)).

The product of all μ so far is computed from t, not stored, as if β1 had always been what it is now, until it is
negligible beside 1. Keras fixes ψ at 0.004, PyTorch's default.
"""

from __future__ import annotations

import numpy as np

from ..kernel import GW, HYPER, SLOTS, N, Row, W, cell, get64, helper, kernel
from ..registry import Param, Settings
from ..simd import load, sqrt, store
from .base import Optimizer, unbiased

_WARMING = 100_000
"""Steps after which the warm-up of the momentum is over, whatever its speed."""


@helper
def _product(beta: float, fall: float, t: float) -> float:
    """The product of μ_1 … μ_t."""
    product, power = 1.0, 1.0
    # Every μ is at most β, so past this bound the product is below the rounding of 1.
    if t * (1.0 - beta) > 40.0:
        return 0.0
    for _ in range(np.int64(t)):
        power *= fall
        product *= beta * (1.0 - 0.5 * power)
        if product < 1e-20:
            return 0.0
    return product


@kernel
def step(row: Row) -> None:
    """w -= η ((1-μ_t) g / (1 - Πμ) + μ_{t+1} m / (1 - Πμ μ_{t+1})) / (√v̂ + ε)."""
    w, gw, hyper = cell(row, W), cell(row, GW), cell(row, HYPER)
    first, second = cell(row, SLOTS), cell(row, SLOTS + 1)
    t, beta1, beta2, psi = get64(hyper, 1), get64(hyper, 2), get64(hyper, 3), get64(hyper, 5)
    now = beta1 * (1.0 - 0.5 * 0.96 ** (t * psi))
    following = beta1 * (1.0 - 0.5 * 0.96 ** ((t + 1.0) * psi))
    product = _product(beta1, 0.96**psi, t)
    rate_g = np.float32(get64(hyper, 0) * (1.0 - now) / (1.0 - product))
    rate_m = np.float32(get64(hyper, 0) * following / (1.0 - product * following))
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
        store(w, i, load(w, i) - (g * rate_g + m * rate_m) / (sqrt(v) * root + eps))


def share(settings: Settings, t: int) -> float:
    """1 - Πμ: what the mean gradient is divided by after t steps."""
    beta, psi = float(settings["beta1"]), float(settings["momentum_decay"])
    if not t or t * (1.0 - beta) > 40.0 or not beta:
        return 1.0
    # Past so many steps μ is β1 to the last bit, or the product is nothing long before them.
    k = np.arange(1, min(t, _WARMING) + 1, dtype=np.float64)
    return float(-np.expm1(t * np.log(beta) + np.log1p(-0.5 * 0.96 ** (k * psi)).sum()))


NADAM = Optimizer(
    name="nadam",
    title="NAdam",
    summary="Adam that looks ahead before it steps, as Nesterov's momentum does.",
    formula="w ← w - η ((1-μ) g / (1-Πμ) + μ' m / (1-Πμ μ')) / (√v̂ + ε), μ = β1 (1 - 0.96^(ψ t) / 2)",
    paper="Dozat 2016, openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ",
    params=(
        Param(name="beta1", default=0.9, low=0.0, high=1.0, open_high=True, summary="Share of the mean gradient kept."),
        Param(name="beta2", default=0.999, low=0.0, high=1.0, open_high=True, summary="Share of the mean square kept."),
        Param(name="eps", default=1e-8, low=1e-15, high=1.0, scale="log", summary="Keeps the divisor away from zero."),
        Param(name="momentum_decay", default=0.004, low=0.0, high=1.0, scale="log", summary="ψ: speed of the warm-up."),
    ),
    step=step,
    slots=("first_moment", "second_moment"),
    usual_rate=0.002,
    adaptive=True,
    corrected=(("first_moment", "beta1"), ("second_moment", "beta2")),
    divided_by=(("first_moment", share),),
    averaged=("first_moment", "second_moment"),
    torch="torch.optim.NAdam(weights, lr=rate, betas=({beta1}, {beta2}), eps={eps}, momentum_decay={momentum_decay})",
    torch_slots=(
        ("first_moment", "exp_avg"),
        ("second_moment", "exp_avg_sq"),
    ),
    torch_carries=False,
)
