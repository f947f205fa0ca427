"""The hyperbolic tangent: a sigmoid centered at zero. All libraries agree on it."""

from __future__ import annotations

from ..kernel import DX, DY, N, Row, X, Y, cell, kernel
from ..simd import load, store, tanh
from .base import Activation


@kernel
def forward(row: Row) -> None:
    """a = tanh z."""
    x, y = cell(row, X), cell(row, Y)
    for i in range(cell(row, N)):
        store(y, i, tanh(load(x, i)))


@kernel
def backward(row: Row) -> None:
    """dz = da (1 - a²)."""
    y, dy, dx = cell(row, Y), cell(row, DY), cell(row, DX)
    for i in range(cell(row, N)):
        a = load(y, i)
        store(dx, i, load(dy, i) * (1.0 - a * a))


TANH = Activation(
    name="tanh",
    title="Tanh",
    summary="Squashes to (-1, 1), centered at zero; flat at both ends.",
    formula="tanh z",
    paper="LeCun, Bottou, Orr, Müller 1998, doi:10.1007/3-540-49430-8_2",
    forward=forward,
    backward=backward,
    graph=lambda z, at: z.op("Tanh"),
    gain_factor=5.0 / 3.0,
    saturates=(-0.99, 0.99),
)
