"""L2 penalty inside the gradient: PyTorch's `weight_decay` of SGD and Adam, on every parameter, biases included.

The penalty is λ/2 · Σ w², so its gradient is λ w; Keras writes λ Σ w² and so pulls twice as hard at the same λ. With
an adaptive optimizer it is scaled along with the gradient; `weight_decay` is the form that is not.
"""

from __future__ import annotations

import numpy as np

from ..kernel import GW, HYPER, N, Row, W, cell, get64, kernel
from ..registry import Param
from ..simd import load, store
from .base import Regularizer


@kernel
def on_gradient(row: Row) -> None:
    """g += λ w."""
    w, gw = cell(row, W), cell(row, GW)
    strength = np.float32(get64(cell(row, HYPER), 1))
    for i in range(cell(row, N)):
        store(gw, i, load(gw, i) + load(w, i) * strength)


L2 = Regularizer(
    name="l2",
    title="L2",
    summary="Pulls every weight toward zero in proportion to its size.",
    formula="g ← g + λ w",
    paper="Krogh, Hertz 1991, A simple weight decay can improve generalization (NIPS 4)",
    strength=Param(name="l2", default=0.0, low=0.0, high=1e3, scale="log", summary="Strength of the pull toward zero."),
    order=50,
    on_gradient=on_gradient,
    torch="[w.grad.add_(w, alpha={strength}) for w in weights]",
)
