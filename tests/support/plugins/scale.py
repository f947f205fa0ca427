"""A layer that promises nothing: every unit is multiplied by a number of its own."""

from __future__ import annotations

import numpy as np

from dltui.core.kernel import CONTROL, DX, DY, GW, N_IN, N_VECTORS, STRIDE, W, X, Y, cell, get, kernel, put
from dltui.core.layers.base import Layer, Plan, Shape, Tensor
from dltui.core.registry import Settings
from dltui.core.simd import fma, load, splat, store, total


def plan(shape: Shape, settings: Settings) -> Plan:
    """One number a unit."""
    return Plan(output=shape, tensors=(Tensor(name="factor", shape=shape, fill=0.8),))


@kernel
def forward(row: int) -> None:
    """Compute y = w x."""
    control = cell(row, CONTROL)
    stride, x, y, w = cell(control, STRIDE), cell(row, X), cell(row, Y), cell(row, W)
    for unit in range(cell(row, N_IN)):
        factor = splat(get(w, unit))
        for v in range(cell(control, N_VECTORS)):
            store(y, unit * stride + v, factor * load(x, unit * stride + v))


@kernel
def backward(row: int) -> None:
    """Compute dw = sum of x dy and dx = w dy."""
    control = cell(row, CONTROL)
    stride, x, dy, dx = cell(control, STRIDE), cell(row, X), cell(row, DY), cell(row, DX)
    w, gw = cell(row, W), cell(row, GW)
    for unit in range(cell(row, N_IN)):
        factor, gradient = splat(get(w, unit)), splat(np.float32(0.0))
        for v in range(cell(control, N_VECTORS)):
            at = unit * stride + v
            gradient = fma(load(x, at), load(dy, at), gradient)
            if dx:
                store(dx, at, factor * load(dy, at))
        put(gw, unit, total(gradient))


SCALE = Layer(
    name="scale",
    prefix="scale",
    title="Scale",
    summary="Multiplies every unit by a number of its own.",
    formula="y = w x",
    paper="common practice",
    plan=plan,
    forward=forward,
    backward=backward,
)
