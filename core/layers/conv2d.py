"""Convolution: one small set of weights is applied at every place of an image."""

from __future__ import annotations

from ..kernel import DX, DY, EXTRA, B, Row, X, Y, cell, kernel
from ..registry import Param, Settings
from .base import Layer, Plan, Shape, Sums, Tensor
from .shared.shapes import image, middle, window_attributes, window_output
from .shared.windows import GRADIENT, NARROW, PRODUCTS, WIDEN, bias_gradient, run, scratch_vectors, weights_tensor


def plan(shape: Shape, settings: Settings) -> Plan:
    """One row and column of output for every place the filter fits."""
    n_in, height, width = image(shape, "conv2d")
    n_out, size, stride, padding = (int(settings[name]) for name in ("filters", "kernel", "stride", "padding"))
    rows, columns = window_output(shape, size, stride, padding)
    return Plan(
        output=(n_out, rows, columns),
        tensors=(
            weights_tensor(n_out, n_in, size, fan_in=n_in * size * size, fan_out=n_out * size * size),
            Tensor(name="bias", shape=(n_out,), fill=0.0),
        ),
        scratch_units=scratch_vectors(n_in, n_out, width, columns, size),
        cells=(n_in, height, width, n_out, rows, columns, size, stride, padding),
    )


@kernel
def forward(row: Row) -> None:
    """Every filter at every place."""
    run(row, NARROW, cell(row, X), cell(row, Y), cell(row, B))


@kernel
def backward(row: Row) -> None:
    """Gradients of filters and bias; every place passes its gradient back to its window."""
    run(row, GRADIENT, cell(row, X), cell(row, DY), 0)
    bias_gradient(row, cell(row, DY), cell(row, EXTRA + 3), cell(row, EXTRA + 4) * cell(row, EXTRA + 5))
    if cell(row, DX):
        run(row, WIDEN, cell(row, DY), cell(row, DX), 0)


CONV2D = Layer(
    name="conv2d",
    prefix="conv",
    title="Convolution",
    summary="The same small filters look at every place of an image.",
    formula="y[o,i,j] = b[o] + sum over c,u,v of w[o,c,u,v] x[c, i stride - padding + u, j stride - padding + v]",
    paper="Fukushima 1980, doi:10.1007/BF00344251; LeCun et al. 1989, doi:10.1162/neco.1989.1.4.541",
    params=(
        Param(name="filters", default=8, low=1, high=1024, summary="Output channels: how many patterns it looks for."),
        Param(name="kernel", default=3, low=1, high=31, unit="pixels", summary="Height and width of a filter."),
        Param(name="stride", default=1, low=1, high=31, unit="pixels", summary="Pixels from one place to the next."),
        Param(name="padding", default=0, low=0, high=30, unit="pixels", summary="Zeros around the image."),
    ),
    plan=plan,
    forward=forward,
    backward=backward,
    parts=PRODUCTS,
    takes_activation=True,
    width="filters",
    sums=Sums(identity=middle),
    graph=lambda x, at: x.op("Conv", *at.weights, **window_attributes(at)),
)
