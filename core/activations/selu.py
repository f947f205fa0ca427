"""ELU scaled so that mean 0 and variance 1 reproduce themselves from layer to layer. All libraries agree on it.

It does so for LeCun's initialization, plain dense layers and standardized inputs; its dropout is `alpha_dropout`.
"""

from __future__ import annotations

from ..kernel import DX, DY, N, Row, X, Y, cell, kernel
from ..simd import exp, load, store, where
from .base import Activation, exp_less_one

_SCALE = 1.0507009873554805
_SCALED_ALPHA = 1.6732632423543772 * _SCALE


@kernel
def forward(row: Row) -> None:
    """a = λ z where z > 0, else λ α (exp(z) - 1)."""
    x, y = cell(row, X), cell(row, Y)
    for i in range(cell(row, N)):
        z = load(x, i)
        store(y, i, where(z > 0.0, z * _SCALE, exp_less_one(z) * _SCALED_ALPHA))


@kernel
def backward(row: Row) -> None:
    """dz = λ da where z > 0, else λ α exp(z) da."""
    x, dy, dx = cell(row, X), cell(row, DY), cell(row, DX)
    for i in range(cell(row, N)):
        z, da = load(x, i), load(dy, i)
        store(dx, i, where(z > 0.0, da * _SCALE, da * _SCALED_ALPHA * exp(z)))


SELU = Activation(
    name="selu",
    title="SELU",
    summary="ELU scaled so that activations keep mean 0 and variance 1 by themselves.",
    formula="1.0507 (z if z > 0 else 1.6733 (exp(z) - 1))",
    paper="Klambauer, Unterthiner, Mayr, Hochreiter 2017, arXiv:1706.02515",
    forward=forward,
    backward=backward,
    graph=lambda z, at: z.op("Selu", alpha=_SCALED_ALPHA / _SCALE, gamma=_SCALE),
    gain="lecun",
    gain_factor=0.75,
)
