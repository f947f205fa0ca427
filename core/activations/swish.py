"""The input times its own sigmoid; at β = 1 it is PyTorch's `SiLU`, which is also what Keras calls swish.

β is a setting here; the paper also tries to learn it.
"""

from __future__ import annotations

import numpy as np

from ..kernel import DX, DY, PARAMS, N, Row, X, Y, cell, get64, kernel
from ..registry import Param
from ..simd import load, sigmoid, store
from .base import Activation


@kernel
def forward(row: Row) -> None:
    """a = z σ(β z)."""
    x, y = cell(row, X), cell(row, Y)
    beta = np.float32(get64(cell(row, PARAMS), 0))
    for i in range(cell(row, N)):
        z = load(x, i)
        store(y, i, z * sigmoid(z * beta))


@kernel
def backward(row: Row) -> None:
    """dz = da σ (1 + β z (1 - σ)), with σ = σ(β z)."""
    x, dy, dx = cell(row, X), cell(row, DY), cell(row, DX)
    beta = np.float32(get64(cell(row, PARAMS), 0))
    for i in range(cell(row, N)):
        z = load(x, i) * beta
        s = sigmoid(z)
        store(dx, i, load(dy, i) * (s + s * (1.0 - s) * z))


SWISH = Activation(
    name="swish",
    title="Swish",
    summary="The input times its own sigmoid: smooth, with a dip below zero.",
    formula="z / (1 + exp(-β z))",
    paper="Ramachandran, Zoph, Le 2017, arXiv:1710.05941",
    params=(
        Param(name="beta", default=1.0, low=0.0, high=100.0, summary="Sharpness: 0 gives z/2, large values give ReLU."),
    ),
    forward=forward,
    backward=backward,
    graph=lambda z, at: z * (z * at.settings["beta"]).op("Sigmoid"),
    gain="he_normal",
)
