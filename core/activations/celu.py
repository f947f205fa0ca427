"""ELU with α inside the exponential too, so that its slope is continuous for every α. PyTorch's form, which is the
paper's.
"""

from __future__ import annotations

import numpy as np

from ..kernel import DX, DY, PARAMS, N, Row, X, Y, cell, get64, kernel
from ..registry import Param
from ..simd import exp, load, store, where
from .base import Activation, exp_less_one


@kernel
def forward(row: Row) -> None:
    """a = z where z > 0, else α (exp(z/α) - 1)."""
    x, y = cell(row, X), cell(row, Y)
    alpha = np.float32(get64(cell(row, PARAMS), 0))
    for i in range(cell(row, N)):
        z = load(x, i)
        store(y, i, where(z > 0.0, z, exp_less_one(z / alpha) * alpha))


@kernel
def backward(row: Row) -> None:
    """dz = da where z > 0, else exp(z/α) da."""
    x, dy, dx = cell(row, X), cell(row, DY), cell(row, DX)
    alpha = np.float32(get64(cell(row, PARAMS), 0))
    for i in range(cell(row, N)):
        z, da = load(x, i), load(dy, i)
        store(dx, i, where(z > 0.0, da, da * exp(z / alpha)))


CELU = Activation(
    name="celu",
    title="CELU",
    summary="ELU whose slope stays continuous at zero for every α.",
    formula="z if z > 0 else α (exp(z/α) - 1)",
    paper="Barron 2017, arXiv:1704.07483",
    params=(
        Param(name="alpha", default=1.0, low=1e-3, high=100.0, scale="log", summary="Depth and width of its floor."),
    ),
    forward=forward,
    backward=backward,
    graph=lambda z, at: z.op("Celu", alpha=at.settings["alpha"]),
    gain="he_normal",
)
