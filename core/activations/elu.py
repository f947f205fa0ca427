"""Linear above zero, an exponential approach to -α below; smooth at zero only for α = 1. PyTorch's and Keras's form."""

from __future__ import annotations

import numpy as np

from ..kernel import DX, DY, PARAMS, N, Row, X, Y, cell, get64, kernel
from ..registry import Param
from ..simd import exp, load, store, where
from .base import Activation, exp_less_one


@kernel
def forward(row: Row) -> None:
    """a = z where z > 0, else α (exp(z) - 1)."""
    x, y = cell(row, X), cell(row, Y)
    alpha = np.float32(get64(cell(row, PARAMS), 0))
    for i in range(cell(row, N)):
        z = load(x, i)
        store(y, i, where(z > 0.0, z, exp_less_one(z) * alpha))


@kernel
def backward(row: Row) -> None:
    """dz = da where z > 0, else α exp(z) da."""
    x, dy, dx = cell(row, X), cell(row, DY), cell(row, DX)
    alpha = np.float32(get64(cell(row, PARAMS), 0))
    for i in range(cell(row, N)):
        z, da = load(x, i), load(dy, i)
        store(dx, i, where(z > 0.0, da, da * alpha * exp(z)))


ELU = Activation(
    name="elu",
    title="ELU",
    summary="ReLU with a soft floor at -α, so that outputs center near zero.",
    formula="z if z > 0 else α (exp(z) - 1)",
    paper="Clevert, Unterthiner, Hochreiter 2016, arXiv:1511.07289",
    params=(Param(name="alpha", default=1.0, low=0.0, high=100.0, summary="Depth of the floor below zero."),),
    forward=forward,
    backward=backward,
    graph=lambda z, at: z.op("Elu", alpha=at.settings["alpha"]),
    gain="he_normal",
)
