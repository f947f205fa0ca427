"""A convolution over a line of places: a list of units is one channel, an image of one row has its own."""

from __future__ import annotations

import numpy as np

from dltui.core.errors import ConfigError
from dltui.core.kernel import CONTROL, DX, DY, EXTRA, GB, GW, N_VECTORS, STRIDE, B, W, X, Y, cell, get, kernel, put
from dltui.core.layers.base import Layer, Plan, Shape, Sums, Tensor
from dltui.core.registry import Param, Settings
from dltui.core.simd import fma, load, splat, store, total


def line(shape: Shape) -> tuple[int, int]:
    """(channels, places)."""
    if len(shape) == 1:
        return 1, shape[0]
    if shape[1] != 1:
        raise ConfigError("needs a line", field="kind", value="conv1d", allowed="a list, or an image of one row")
    return shape[0], shape[2]


def plan(shape: Shape, settings: Settings) -> Plan:
    """One output a place at which the window lies within the padded line."""
    n_in, length = line(shape)
    n_out, size, padding = (int(settings[name]) for name in ("filters", "kernel", "padding"))
    places = length + 2 * padding - size + 1
    if places < 1:
        raise ConfigError("is longer than its input", field="kernel", value=size)
    weight = Tensor(name="weight", shape=(n_out, n_in, size), fan_in=n_in * size, fan_out=n_out * size)
    return Plan(
        output=(n_out, 1, places),
        tensors=(weight, Tensor(name="bias", shape=(n_out,), fill=0.0)),
        cells=(n_in, length, n_out, places, size, padding),
    )


def identity(shape: Shape, settings: Settings) -> np.ndarray | None:
    """1 in the middle of the window, where the line keeps its length."""
    size, padding = int(settings["kernel"]), int(settings["padding"])
    return np.eye(size)[size // 2] if 2 * padding == size - 1 else None


@kernel
def forward(row: int) -> None:
    """Compute y[o, i] = b[o] + sum over c, u of w[o, c, u] x[c, i + u - padding]."""
    control = cell(row, CONTROL)
    stride, n_vectors = cell(control, STRIDE), cell(control, N_VECTORS)
    n_in, length, n_out = cell(row, EXTRA), cell(row, EXTRA + 1), cell(row, EXTRA + 2)
    places, size, padding = cell(row, EXTRA + 3), cell(row, EXTRA + 4), cell(row, EXTRA + 5)
    x, y, w, b = cell(row, X), cell(row, Y), cell(row, W), cell(row, B)
    for o in range(n_out):
        for i in range(places):
            for v in range(n_vectors):
                value = splat(get(b, o))
                for c in range(n_in):
                    for u in range(size):
                        at = i + u - padding
                        if at >= 0 and at < length:
                            weight = splat(get(w, (o * n_in + c) * size + u))
                            value = fma(weight, load(x, (c * length + at) * stride + v), value)
                store(y, (o * places + i) * stride + v, value)


@kernel
def backward(row: int) -> None:
    """Hand the gradient of every place back to its window."""
    control = cell(row, CONTROL)
    stride, n_vectors = cell(control, STRIDE), cell(control, N_VECTORS)
    n_in, length, n_out = cell(row, EXTRA), cell(row, EXTRA + 1), cell(row, EXTRA + 2)
    places, size, padding = cell(row, EXTRA + 3), cell(row, EXTRA + 4), cell(row, EXTRA + 5)
    x, dx, dy = cell(row, X), cell(row, DX), cell(row, DY)
    w, gw, gb = cell(row, W), cell(row, GW), cell(row, GB)
    nothing = splat(np.float32(0.0))
    if dx:
        for unit in range(n_in * length):
            for v in range(n_vectors):
                store(dx, unit * stride + v, nothing)
    for o in range(n_out):
        summed = nothing
        for i in range(places):
            for v in range(n_vectors):
                summed = summed + load(dy, (o * places + i) * stride + v)
        put(gb, o, total(summed))
        for c in range(n_in):
            for u in range(size):
                k = (o * n_in + c) * size + u
                weight, gradient = splat(get(w, k)), nothing
                for i in range(places):
                    at = i + u - padding
                    if at >= 0 and at < length:
                        for v in range(n_vectors):
                            slope = load(dy, (o * places + i) * stride + v)
                            place = (c * length + at) * stride + v
                            gradient = fma(slope, load(x, place), gradient)
                            if dx:
                                store(dx, place, fma(slope, weight, load(dx, place)))
                put(gw, k, total(gradient))


CONV1D = Layer(
    name="conv1d",
    prefix="convline",
    title="Convolution of a line",
    summary="The same small filters look at every place of a line.",
    formula="y[o,i] = b[o] + sum over c,u of w[o,c,u] x[c, i + u - padding]",
    paper="Waibel et al. 1989, doi:10.1109/29.21701",
    params=(
        Param(name="filters", default=4, low=1, high=1024, summary="Output channels."),
        Param(name="kernel", default=3, low=1, high=31, summary="Length of a filter."),
        Param(name="padding", default=0, low=0, high=30, summary="Zeros at both ends."),
    ),
    plan=plan,
    forward=forward,
    backward=backward,
    takes_activation=True,
    width="filters",
    sums=Sums(identity=identity),
)
