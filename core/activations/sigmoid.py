"""The logistic function, the field's first smooth activation. All libraries agree on it.

Its slope is at most 1/4, so a gradient shrinks at every layer: the reason deep sigmoid networks learn slowly.
"""

from __future__ import annotations

from ..kernel import DX, DY, N, Row, X, Y, cell, kernel
from ..simd import load, sigmoid, store
from .base import Activation


@kernel
def forward(row: Row) -> None:
    """a = 1 / (1 + exp(-z))."""
    x, y = cell(row, X), cell(row, Y)
    for i in range(cell(row, N)):
        store(y, i, sigmoid(load(x, i)))


@kernel
def backward(row: Row) -> None:
    """dz = da · a (1 - a)."""
    y, dy, dx = cell(row, Y), cell(row, DY), cell(row, DX)
    for i in range(cell(row, N)):
        a = load(y, i)
        store(dx, i, load(dy, i) * a * (1.0 - a))


SIGMOID = Activation(
    name="sigmoid",
    title="Sigmoid",
    summary="Squashes to (0, 1); flat at both ends, slope at most 1/4.",
    formula="1 / (1 + exp(-z))",
    paper="Rumelhart, Hinton, Williams 1986, doi:10.1038/323533a0",
    forward=forward,
    backward=backward,
    graph=lambda z, at: z.op("Sigmoid"),
    saturates=(0.01, 0.99),
)
