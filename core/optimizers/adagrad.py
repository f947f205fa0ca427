"""AdaGrad in PyTorch's form: ε is added to the root, the sum starting at `initial_accumulator_value`, 0 by default.

Keras starts the sum at 0.1. The start is added when the root is taken, so it can be changed during a run.
"""

from __future__ import annotations

import numpy as np

from ..kernel import GW, HYPER, SLOTS, N, Row, W, cell, get64, kernel
from ..registry import Param
from ..simd import load, sqrt, store
from .base import Optimizer


@kernel
def step(row: Row) -> None:
    """s += g²; w -= η / (1 + (t-1) δ) g / (√(s + s₀) + ε)."""
    w, gw, squares, hyper = cell(row, W), cell(row, GW), cell(row, SLOTS), cell(row, HYPER)
    rate = np.float32(get64(hyper, 0) / (1.0 + (get64(hyper, 1) - 1.0) * get64(hyper, 2)))
    start, eps = np.float32(get64(hyper, 3)), np.float32(get64(hyper, 4))
    for i in range(cell(row, N)):
        g = load(gw, i)
        s = load(squares, i) + g * g
        store(squares, i, s)
        store(w, i, load(w, i) - g * rate / (sqrt(s + start) + eps))


ADAGRAD = Optimizer(
    name="adagrad",
    title="AdaGrad",
    summary="Divides each weight's step by all the gradients it has ever seen: steps shrink for good.",
    formula="s ← s + g²;  w ← w - η g / (√s + ε)",
    paper="Duchi, Hazan, Singer 2011, jmlr.org/papers/v12/duchi11a.html",
    params=(
        Param(name="lr_decay", default=0.0, low=0.0, high=1.0, scale="log", summary="Extra decay of the rate a step."),
        Param(name="initial_accumulator_value", default=0.0, low=0.0, high=1e6, summary="Start of the sum of squares."),
        Param(name="eps", default=1e-10, low=1e-15, high=1.0, scale="log", summary="Keeps the divisor away from zero."),
    ),
    step=step,
    slots=("squared_sum",),
    usual_rate=0.01,
    adaptive=True,
    torch="torch.optim.Adagrad(weights, lr=rate, lr_decay={lr_decay}, eps={eps}, "
    "initial_accumulator_value={initial_accumulator_value})",
    torch_slots=(("squared_sum", "sum"),),
    torch_carries=False,
)
