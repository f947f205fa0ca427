"""A wrong promise: it says it hands on means of each channel by itself, and mixes neighboring channels."""

from __future__ import annotations

from dltui.core.errors import ConfigError
from dltui.core.kernel import CONTROL, DX, DY, EXTRA, N_IN, N_VECTORS, STRIDE, X, Y, cell, kernel
from dltui.core.layers.base import Layer, Plan, Shape
from dltui.core.registry import Settings
from dltui.core.simd import load, store


def plan(shape: Shape, settings: Settings) -> Plan:
    """The shape stays."""
    if len(shape) != 3:
        raise ConfigError("needs an image", field="kind", value="mixing_pool")
    return Plan(output=shape, cells=(shape[1] * shape[2],))


@kernel
def forward(row: int) -> None:
    """Half of each channel and half of the next."""
    control = cell(row, CONTROL)
    stride, units, places = cell(control, STRIDE), cell(row, N_IN), cell(row, EXTRA)
    x, y = cell(row, X), cell(row, Y)
    for unit in range(units):
        other = (unit + places) % units
        for v in range(cell(control, N_VECTORS)):
            store(y, unit * stride + v, (load(x, unit * stride + v) + load(x, other * stride + v)) * 0.5)


@kernel
def backward(row: int) -> None:
    """Half of the gradient to each."""
    control = cell(row, CONTROL)
    stride, units, places = cell(control, STRIDE), cell(row, N_IN), cell(row, EXTRA)
    dx, dy = cell(row, DX), cell(row, DY)
    if dx == 0:
        return
    for unit in range(units):
        other = (unit - places + units) % units
        for v in range(cell(control, N_VECTORS)):
            store(dx, unit * stride + v, (load(dy, unit * stride + v) + load(dy, other * stride + v)) * 0.5)


MIXING_POOL = Layer(
    name="mixing_pool",
    prefix="mixingpool",
    title="Mixing pool",
    summary="Means of neighboring channels.",
    formula="y[c] = (x[c] + x[c+1]) / 2",
    paper="common practice",
    plan=plan,
    forward=forward,
    backward=backward,
    passes="means",
)
