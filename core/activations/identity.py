"""No activation: a stack of layers with it stays one linear map, whatever its depth. All libraries agree on it."""

from __future__ import annotations

from ..graph import unchanged_form
from ..kernel import DX, DY, N, Row, X, Y, cell, kernel
from ..simd import load, store
from .base import Activation


@kernel
def forward(row: Row) -> None:
    """a = z."""
    x, y = cell(row, X), cell(row, Y)
    if x != y:
        for i in range(cell(row, N)):
            store(y, i, load(x, i))


@kernel
def backward(row: Row) -> None:
    """dz = da."""
    dy, dx = cell(row, DY), cell(row, DX)
    if dx != dy:
        for i in range(cell(row, N)):
            store(dx, i, load(dy, i))


IDENTITY = Activation(
    name="identity",
    title="Identity",
    summary="Changes nothing: the network stays linear.",
    formula="z",
    paper="common practice",
    forward=forward,
    backward=backward,
    graph=unchanged_form,
)
