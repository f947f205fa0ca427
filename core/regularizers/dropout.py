"""Dropout after every hidden layer, inverted: what is kept is scaled up while training, and nothing is done
afterwards.

This is PyTorch's and TensorFlow's form; the paper scales the weights down for testing instead. The mask is a function
of (seed, step, layer, unit, sample), so the backward pass draws it again instead of remembering it.
"""

from __future__ import annotations

import numpy as np

from ..kernel import (
    CONTROL,
    DX,
    DY,
    PARAMS,
    ROW_INDEX,
    SEED,
    STEP,
    TRAIN,
    Address,
    N,
    Row,
    X,
    Y,
    cell,
    get64,
    helper,
    kernel,
)
from ..kernel.random import DROPOUT as PURPOSE
from ..kernel.random import hash64, uniform16
from ..registry import Param
from ..simd import load, splat, store, where
from .base import Regularizer


@helper
def _masked(row: Row, source: Address, into: Address) -> None:
    """Zero a share p of the values and scale the others by 1 / (1 - p)."""
    control = cell(row, CONTROL)
    share = np.float32(get64(cell(row, PARAMS), 0))
    n = cell(row, N)
    if cell(control, TRAIN) != 1 or share == 0.0:
        if source != into:
            for i in range(n):
                store(into, i, load(source, i))
        return
    zero = splat(np.float32(0.0))
    scale = np.float32(1.0 / (1.0 - get64(cell(row, PARAMS), 0)))
    key = hash64(cell(control, SEED), PURPOSE, cell(control, STEP), cell(row, ROW_INDEX))
    for i in range(n):
        store(into, i, where(uniform16(key, i) > share, load(source, i) * scale, zero))


@kernel
def forward(row: Row) -> None:
    """a = mask z / (1 - p)."""
    _masked(row, cell(row, X), cell(row, Y))


@kernel
def backward(row: Row) -> None:
    """dz = mask da / (1 - p)."""
    _masked(row, cell(row, DY), cell(row, DX))


DROPOUT = Regularizer(
    name="dropout",
    title="Dropout",
    summary="Silences a random share of the hidden units at every step.",
    formula="a ← a · [u > p] / (1 - p)",
    paper="Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov 2014, jmlr.org/papers/v15/srivastava14a.html",
    strength=Param(
        name="dropout", default=0.0, low=0.0, high=1.0, open_high=True, summary="Share of the units silenced."
    ),
    on_hidden=(forward, backward),
)
