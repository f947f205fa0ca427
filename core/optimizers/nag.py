"""Nesterov's accelerated gradient in PyTorch's form, `SGD(nesterov=True)`: the look ahead is folded into the step.

Weights are stored where Nesterov's method would look, v ← μ v + g; w ← w - η (g + μ v), as Sutskever et al. rewrote
it; with a rate that changes it differs a little from the form with the rate inside the velocity (TensorFlow's).
"""

from __future__ import annotations

import numpy as np

from ..kernel import GW, HYPER, SLOTS, N, Row, W, cell, get64, kernel
from ..registry import Param
from ..simd import load, store
from .base import Optimizer


@kernel
def step(row: Row) -> None:
    """v ← μ v + g; w -= η (g + μ v)."""
    w, gw, velocity, hyper = cell(row, W), cell(row, GW), cell(row, SLOTS), cell(row, HYPER)
    rate, mu = np.float32(get64(hyper, 0)), np.float32(get64(hyper, 2))
    for i in range(cell(row, N)):
        g = load(gw, i)
        v = load(velocity, i) * mu + g
        store(velocity, i, v)
        store(w, i, load(w, i) - (g + v * mu) * rate)


NAG = Optimizer(
    name="nag",
    title="Nesterov",
    summary="Momentum that looks ahead before it steps.",
    formula="v ← μ v + g;  w ← w - η (g + μ v)",
    paper="Nesterov 1983; Sutskever, Martens, Dahl, Hinton 2013, proceedings.mlr.press/v28/sutskever13",
    params=(
        Param(name="momentum", default=0.9, low=0.0, high=1.0, open_high=True, summary="Share of the velocity kept."),
    ),
    step=step,
    slots=("velocity",),
    usual_rate=0.01,
    rate_gain="momentum",
    torch="torch.optim.SGD(weights, lr=rate, momentum={momentum}, nesterov={momentum} > 0)",
    torch_slots=(("velocity", "momentum_buffer"),),
)
