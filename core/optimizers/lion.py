"""Lion as its paper has it: the sign of a short average steps, a long average remembers, the decay is decoupled.

PyTorch has none. sign(0) is 0, so a weight without a gradient stays. Its average is a slot of its own, not a first
moment: an optimizer that divides by a second moment could not continue from it. Rates are three to ten times smaller
than Adam's.
"""

from __future__ import annotations

import numpy as np

from ..kernel import GW, HYPER, SLOTS, N, Row, W, cell, get64, kernel
from ..registry import Param
from ..simd import load, splat, store, where
from .base import Optimizer


@kernel
def step(row: Row) -> None:
    """w -= η (sign(β1 m + (1-β1) g) + λ w); m ← β2 m + (1-β2) g."""
    w, gw, average, hyper = cell(row, W), cell(row, GW), cell(row, SLOTS), cell(row, HYPER)
    rate = splat(np.float32(get64(hyper, 0)))
    decay = np.float32(get64(hyper, 0) * get64(hyper, 4))
    new1, new2 = np.float32(1.0 - get64(hyper, 2)), np.float32(1.0 - get64(hyper, 3))
    zero = splat(np.float32(0.0))
    for i in range(cell(row, N)):
        g, m = load(gw, i), load(average, i)
        c = m + (g - m) * new1
        store(average, i, m + (g - m) * new2)
        weight = load(w, i)
        store(w, i, weight - weight * decay - where(c > 0.0, rate, where(c < 0.0, -rate, zero)))


LION = Optimizer(
    name="lion",
    title="Lion",
    summary="Only the sign of the averaged gradient counts: every weight steps by the same amount.",
    formula="w ← w - η (sign(β1 m + (1-β1) g) + λ w);  m ← β2 m + (1-β2) g",
    paper="Chen et al. 2023, arXiv:2302.06675",
    params=(
        Param(name="beta1", default=0.9, low=0.0, high=1.0, open_high=True, summary="Share of the mean in the step."),
        Param(
            name="beta2",
            default=0.99,
            low=0.0,
            high=1.0,
            open_high=True,
            summary="Share of the mean gradient kept.",
        ),
        Param(name="weight_decay", default=0.0, low=0.0, high=1e3, scale="log", summary="Decay, times the rate."),
    ),
    step=step,
    slots=("signed_average",),
    usual_rate=0.0003,
    adaptive=True,
    averaged=("signed_average",),
)
