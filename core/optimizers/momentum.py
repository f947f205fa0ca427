"""Gradient descent with a heavy ball, in PyTorch's form: the rate is outside the velocity.

Polyak and TensorFlow put the rate inside, v ← μ v - η g; the two differ when the rate changes in mid-run. PyTorch's
first step sets v to g, which starting from zero does by itself.
"""

from __future__ import annotations

import numpy as np

from ..kernel import GW, HYPER, SLOTS, N, Row, W, cell, get64, kernel
from ..registry import Param
from ..simd import load, store
from .base import Optimizer


@kernel
def step(row: Row) -> None:
    """v ← μ v + g; w -= η v."""
    w, gw, velocity, hyper = cell(row, W), cell(row, GW), cell(row, SLOTS), cell(row, HYPER)
    rate, mu = np.float32(get64(hyper, 0)), np.float32(get64(hyper, 2))
    for i in range(cell(row, N)):
        v = load(velocity, i) * mu + load(gw, i)
        store(velocity, i, v)
        store(w, i, load(w, i) - v * rate)


MOMENTUM = Optimizer(
    name="momentum",
    title="Momentum",
    summary="A heavy ball: keeps rolling where the gradient stays the same.",
    formula="v ← μ v + g;  w ← w - η v",
    paper="Polyak 1964, doi:10.1016/0041-5553(64)90137-5",
    params=(
        Param(name="momentum", default=0.9, low=0.0, high=1.0, open_high=True, summary="Share of the velocity kept."),
    ),
    step=step,
    slots=("velocity",),
    usual_rate=0.01,
    rate_gain="momentum",
    torch="torch.optim.SGD(weights, lr=rate, momentum={momentum})",
    torch_slots=(("velocity", "momentum_buffer"),),
)
