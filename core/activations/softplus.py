"""A smooth ReLU whose slope is the sigmoid.

PyTorch goes over to z itself where β z > 20; here the exact form is kept, the two differ by at most 2.1e-9 / β.
"""

from __future__ import annotations

import numpy as np

from ..kernel import DX, DY, PARAMS, N, Row, X, Y, cell, get64, kernel
from ..registry import Param
from ..simd import load, log1p_exp, sigmoid, store
from .base import Activation


@kernel
def forward(row: Row) -> None:
    """a = log(1 + exp(β z)) / β."""
    x, y = cell(row, X), cell(row, Y)
    beta = np.float32(get64(cell(row, PARAMS), 0))
    for i in range(cell(row, N)):
        store(y, i, log1p_exp(load(x, i) * beta) / beta)


@kernel
def backward(row: Row) -> None:
    """dz = da σ(β z)."""
    x, dy, dx = cell(row, X), cell(row, DY), cell(row, DX)
    beta = np.float32(get64(cell(row, PARAMS), 0))
    for i in range(cell(row, N)):
        store(dx, i, load(dy, i) * sigmoid(load(x, i) * beta))


SOFTPLUS = Activation(
    name="softplus",
    title="Softplus",
    summary="A ReLU with a rounded corner, positive everywhere.",
    formula="log(1 + exp(β z)) / β",
    paper="Dugas, Bengio, Bélisle, Nadeau, Garcia 2001, papers.nips.cc/paper/1920",
    params=(Param(name="beta", default=1.0, low=1e-3, high=100.0, scale="log", summary="Sharpness of the corner."),),
    forward=forward,
    backward=backward,
    graph=lambda z, at: (z * at.settings["beta"]).op("Softplus") / at.settings["beta"],
    gain="he_normal",
)
