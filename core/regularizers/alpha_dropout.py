"""Dropout for SELU: what is dropped goes to SELU's floor, and the rest is scaled and shifted so that mean 0 and
variance 1 stay.

PyTorch's `AlphaDropout`, which is the paper's. With other activations it does not keep mean and variance.
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
from ..kernel.random import DROPOUT, hash64, uniform16
from ..registry import Param
from ..simd import load, splat, store, where
from .base import Regularizer

_FLOOR = -1.7580993408473766


@helper
def _masked(row: Row, source: Address, into: Address, floor: float) -> None:
    """a · kept + a · floor · dropped + b, with b = -a p floor; a floor of 0 gives the derivative."""
    control = cell(row, CONTROL)
    p = get64(cell(row, PARAMS), 0)
    n = cell(row, N)
    if cell(control, TRAIN) != 1 or p == 0.0:
        if source != into:
            for i in range(n):
                store(into, i, load(source, i))
        return
    a = 1.0 / np.sqrt((1.0 - p) * (1.0 + p * _FLOOR * _FLOOR))
    scale, shift = np.float32(a), np.float32(-a * p * floor)
    dropped = splat(np.float32(a * floor + -a * p * floor))
    share = np.float32(p)
    key = hash64(cell(control, SEED), DROPOUT, cell(control, STEP), cell(row, ROW_INDEX))
    for i in range(n):
        store(into, i, where(uniform16(key, i) > share, load(source, i) * scale + shift, dropped))


@kernel
def forward(row: Row) -> None:
    """y = a (x where kept, else the floor) + b."""
    _masked(row, cell(row, X), cell(row, Y), _FLOOR)


@kernel
def backward(row: Row) -> None:
    """dx = a dy where kept, else 0."""
    _masked(row, cell(row, DY), cell(row, DX), 0.0)


ALPHA_DROPOUT = Regularizer(
    name="alpha_dropout",
    title="Alpha dropout",
    summary="Dropout that keeps mean and variance, for SELU networks.",
    formula="a (x where kept else -1.7581) + b, so that mean 0 and variance 1 stay",
    paper="Klambauer, Unterthiner, Mayr, Hochreiter 2017, arXiv:1706.02515",
    strength=Param(
        name="alpha_dropout", default=0.0, low=0.0, high=1.0, open_high=True, summary="Share of the units dropped."
    ),
    on_hidden=(forward, backward),
)
