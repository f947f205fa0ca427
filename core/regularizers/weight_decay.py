"""Decoupled weight decay: the weights shrink by themselves, before the optimizer's step, whatever optimizer it is.

This is the order and the scaling of PyTorch's AdamW: w ← (1 - η λ) w with the effective rate η. The paper's λ is not
multiplied by the base rate, only by the schedule. Its own member `adamw` has a decay of its own, and the two add up.
"""

from __future__ import annotations

import numpy as np

from ..kernel import HYPER, N, Row, W, cell, get64, kernel
from ..registry import Param
from ..simd import load, store
from .base import Regularizer


@kernel
def before_update(row: Row) -> None:
    """w *= 1 - η λ."""
    w, hyper = cell(row, W), cell(row, HYPER)
    # Not 1 - η λ as a factor: its rounding in float32 would add up over the steps.
    decay = np.float32(get64(hyper, 0) * get64(hyper, 1))
    for i in range(cell(row, N)):
        weight = load(w, i)
        store(w, i, weight - weight * decay)


WEIGHT_DECAY = Regularizer(
    name="weight_decay",
    title="Weight decay",
    summary="Shrinks every weight a little at each step, apart from the gradient.",
    formula="w ← (1 - η λ) w, before the optimizer's step",
    paper="Loshchilov, Hutter 2019, arXiv:1711.05101",
    strength=Param(
        name="weight_decay",
        default=0.0,
        low=0.0,
        high=1e3,
        scale="log",
        summary="Decay, times the rate.",
    ),
    before_update=before_update,
    torch="[w.mul_(1 - rate * {strength}) for w in weights]",
)
