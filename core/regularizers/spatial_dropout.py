"""Dropout of whole channels of an image: neighboring pixels know each other, so dropping single ones would not hide
anything.

PyTorch's `Dropout2d`: a channel of a sample is kept whole and scaled by 1 / (1 - p), or zero. After a dense layer
every unit is a channel of its own, which is plain dropout.
"""

from __future__ import annotations

import numpy as np

from ..kernel import (
    CONTROL,
    DX,
    DY,
    EXTRA,
    PARAMS,
    ROW_INDEX,
    SEED,
    STEP,
    STRIDE,
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
    most,
)
from ..kernel.random import DROPOUT, hash64, uniform16
from ..registry import Param
from ..simd import load, splat, store, where
from .base import Regularizer


@helper
def _masked(row: Row, source: Address, into: Address) -> None:
    """Zero a share p of the channels and scale the others by 1 / (1 - p)."""
    control = cell(row, CONTROL)
    p = get64(cell(row, PARAMS), 0)
    n, stride, pixels = cell(row, N), cell(control, STRIDE), most(1, cell(row, EXTRA))
    if cell(control, TRAIN) != 1 or p == 0.0:
        if source != into:
            for i in range(n):
                store(into, i, load(source, i))
        return
    zero = splat(np.float32(0.0))
    share, scale = np.float32(p), np.float32(1.0 / (1.0 - p))
    key = hash64(cell(control, SEED), DROPOUT, cell(control, STEP), cell(row, ROW_INDEX))
    for channel in range(n // (stride * pixels)):
        for v in range(stride):
            factor = where(uniform16(key, channel * stride + v) > share, splat(scale), zero)
            for pixel in range(channel * pixels, (channel + 1) * pixels):
                i = pixel * stride + v
                store(into, i, load(source, i) * factor)


@kernel
def forward(row: Row) -> None:
    """a = mask z / (1 - p), one mask a channel."""
    _masked(row, cell(row, X), cell(row, Y))


@kernel
def backward(row: Row) -> None:
    """dz = mask da / (1 - p), one mask a channel."""
    _masked(row, cell(row, DY), cell(row, DX))


SPATIAL_DROPOUT = Regularizer(
    name="spatial_dropout",
    title="Spatial dropout",
    summary="Silences whole channels of an image at random.",
    formula="a ← a · [u_channel > p] / (1 - p)",
    paper="Tompson, Goroshin, Jain, LeCun, Bregler 2015, arXiv:1411.4280",
    strength=Param(
        name="spatial_dropout", default=0.0, low=0.0, high=1.0, open_high=True, summary="Share of the channels dropped."
    ),
    on_hidden=(forward, backward),
)
