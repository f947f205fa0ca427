"""Clipping of every entry of the gradient by itself: its direction may turn. PyTorch's `clip_grad_value_`."""

from __future__ import annotations

import numpy as np

from ..kernel import GW, HYPER, N, Row, cell, get64, kernel
from ..registry import Param
from ..simd import load, maximum, minimum, splat, store
from .base import Regularizer


@kernel
def on_gradient(row: Row) -> None:
    """g = min(max(g, -c), c); NaN stays."""
    gw = cell(row, GW)
    high = splat(np.float32(get64(cell(row, HYPER), 1)))
    low = -high
    for i in range(cell(row, N)):
        store(gw, i, maximum(minimum(load(gw, i), high), low))


CLIP_VALUE = Regularizer(
    name="clip_value",
    title="Clip value",
    summary="Holds every entry of the gradient within a bound.",
    formula="g ← min(max(g, -c), c)",
    paper="Mikolov 2012, fit.vut.cz/study/phd-thesis/283 (Statistical language models based on neural networks)",
    strength=Param(
        name="clip_value",
        default=0.0,
        low=0.0,
        high=1e6,
        scale="log",
        summary="Largest entry that is let through; 0 is off.",
    ),
    order=10,
    on_gradient=on_gradient,
    torch="torch.nn.utils.clip_grad_value_(weights, {strength})",
)
