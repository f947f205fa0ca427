"""Dropout at one place of the network: a random share of the units is silenced while training.

Inverted, as in PyTorch: what is kept is scaled up, so that nothing needs to be done in evaluation. The mask is a
function of (seed, step, row, unit, sample); the backward pass draws it again.
"""

from __future__ import annotations

import numpy as np

from ..kernel import (
    CONTROL,
    DX,
    DY,
    N_IN,
    N_VECTORS,
    PARAMS,
    ROW_INDEX,
    SEED,
    STEP,
    STRIDE,
    TRAIN,
    Address,
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
from ..registry import Param, Settings
from ..simd import load, splat, store, where
from .base import Layer, Plan, Shape


def plan(shape: Shape, settings: Settings) -> Plan:
    """The shape stays."""
    return Plan(output=shape)


@helper
def masked(row: Row, source: Address, target: Address) -> None:
    """Zero a share of the values, scale the others by 1 / (1 - share)."""
    control = cell(row, CONTROL)
    stride, n_vectors = cell(control, STRIDE), cell(control, N_VECTORS)
    rate = np.float32(get64(cell(row, PARAMS), 0))
    active = cell(control, TRAIN) == 1 and rate > 0.0
    scale = np.float32(1.0) / (np.float32(1.0) - rate)
    key = hash64(cell(control, SEED), PURPOSE, cell(control, STEP), cell(row, ROW_INDEX))
    for unit in range(cell(row, N_IN)):
        for v in range(n_vectors):
            at = unit * stride + v
            value = load(source, at)
            if active:
                value = where(uniform16(key, at) > rate, value * scale, splat(np.float32(0.0)))
            store(target, at, value)


@kernel
def forward(row: Row) -> None:
    """Silence and scale."""
    masked(row, cell(row, X), cell(row, Y))


@kernel
def backward(row: Row) -> None:
    """The same mask on the gradient."""
    if cell(row, DX):
        masked(row, cell(row, DY), cell(row, DX))


DROPOUT = Layer(
    name="dropout",
    prefix="dropout",
    title="Dropout",
    summary="Silences a random share of the units during training, so that none is relied on alone.",
    formula="y = x m / (1 - rate), m = 1 with probability 1 - rate, else 0",
    paper="Srivastava et al. 2014, jmlr.org/papers/v15/srivastava14a.html",
    params=(
        Param(name="rate", default=0.5, low=0.0, high=1.0, open_high=True, summary="Share of the units silenced."),
    ),
    plan=plan,
    forward=forward,
    backward=backward,
    passes="units",
)
