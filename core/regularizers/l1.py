"""L1 penalty: pulls every weight toward zero by the same amount, so that many become small together.

It is the subgradient form, λ · sign(w) added to the gradient, biases included; sign(0) is 0. A weight may cross zero
and come back at the next step: it becomes exactly zero only in the proximal form (soft thresholding), which this is
not. PyTorch has no such setting; Keras's kernel regularizer is the same on the weights it is given.
"""

from __future__ import annotations

import numpy as np

from ..kernel import GW, HYPER, N, Row, W, cell, get64, kernel
from ..registry import Param
from ..simd import load, splat, store, where
from .base import Regularizer


@kernel
def on_gradient(row: Row) -> None:
    """g += λ sign w."""
    w, gw = cell(row, W), cell(row, GW)
    strength = splat(np.float32(get64(cell(row, HYPER), 1)))
    zero = splat(np.float32(0.0))
    for i in range(cell(row, N)):
        weight = load(w, i)
        pull = where(weight > 0.0, strength, where(weight < 0.0, -strength, zero))
        store(gw, i, load(gw, i) + pull)


L1 = Regularizer(
    name="l1",
    title="L1",
    summary="Pulls every weight toward zero by the same amount: few large weights stay.",
    formula="g ← g + λ sign(w)",
    paper="Tibshirani 1996, doi:10.1111/j.2517-6161.1996.tb02080.x",
    strength=Param(name="l1", default=0.0, low=0.0, high=1e3, scale="log", summary="Strength of the pull toward zero."),
    order=40,
    on_gradient=on_gradient,
    torch="[w.grad.add_(w.sign(), alpha={strength}) for w in weights]",
)
