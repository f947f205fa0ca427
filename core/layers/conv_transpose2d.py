"""Transposed convolution: every pixel paints its own filter into a larger image, the way back of a convolution.

The weights have PyTorch's shape (in, out, kernel, kernel). The fan-in is what one output pixel really sums up,
in * kernel² / stride², where PyTorch's initializers would take out * kernel².
"""

from __future__ import annotations

from ..errors import ConfigError
from ..kernel import DX, DY, EXTRA, B, Row, X, Y, cell, kernel
from ..registry import Param, Settings
from .base import Layer, Plan, Shape, Sums, Tensor
from .shared.shapes import image, middle, window_attributes
from .shared.windows import GRADIENT, NARROW, PRODUCTS, WIDEN, bias_gradient, run, scratch_vectors, weights_tensor


def plan(shape: Shape, settings: Settings) -> Plan:
    """The image size from which a convolution with these settings would make the input's size."""
    n_in, rows, columns = image(shape, "conv_transpose2d")
    n_out, size, stride, padding, extra = (
        int(settings[name]) for name in ("filters", "kernel", "stride", "padding", "output_padding")
    )
    if extra >= stride:
        raise ConfigError(
            f"must be smaller than the stride of {stride}",
            field="output_padding",
            value=extra,
            allowed=f"a whole number in [0, {stride - 1}]",
        )
    height = (rows - 1) * stride - 2 * padding + size + extra
    width = (columns - 1) * stride - 2 * padding + size + extra
    if min(height, width) < 1:
        most = ((min(rows, columns) - 1) * stride + size + extra - 1) // 2
        raise ConfigError(
            f"leaves nothing of an input of {rows} x {columns}",
            field="padding",
            value=padding,
            allowed=f"a whole number in [0, {most}]",
        )
    return Plan(
        output=(n_out, height, width),
        tensors=(
            weights_tensor(
                n_in,
                n_out,
                size,
                fan_in=max(n_in * size * size // (stride * stride), 1),
                fan_out=n_out * size * size,
            ),
            Tensor(name="bias", shape=(n_out,), fill=0.0),
        ),
        scratch_units=scratch_vectors(n_out, n_in, width, columns, size),
        cells=(n_out, height, width, n_in, rows, columns, size, stride, padding),
    )


@kernel
def forward(row: Row) -> None:
    """Spread every input pixel over its window."""
    run(row, WIDEN, cell(row, X), cell(row, Y), cell(row, B))


@kernel
def backward(row: Row) -> None:
    """Gradients of filters and bias; every pixel collects the gradient of its window."""
    run(row, GRADIENT, cell(row, DY), cell(row, X), 0)
    bias_gradient(row, cell(row, DY), cell(row, EXTRA), cell(row, EXTRA + 1) * cell(row, EXTRA + 2))
    if cell(row, DX):
        run(row, NARROW, cell(row, DY), cell(row, DX), 0)


CONV_TRANSPOSE2D = Layer(
    name="conv_transpose2d",
    prefix="convtranspose",
    title="Transposed convolution",
    summary="Every pixel paints a learned filter into a larger image.",
    formula="y[o, i stride - padding + u, j stride - padding + v] = b[o] + sum over c of w[c,o,u,v] x[c,i,j]",
    paper="Zeiler et al. 2010, doi:10.1109/CVPR.2010.5539957; Dumoulin, Visin 2016, arXiv:1603.07285",
    params=(
        Param(name="filters", default=8, low=1, high=1024, summary="Output channels."),
        Param(name="kernel", default=2, low=1, high=31, unit="pixels", summary="Height and width of a filter."),
        Param(
            name="stride", default=2, low=1, high=31, unit="pixels", summary="How many times larger the image becomes."
        ),
        Param(name="padding", default=0, low=0, high=30, unit="pixels", summary="Pixels cut off at every edge."),
        Param(
            name="output_padding",
            default=0,
            low=0,
            high=30,
            unit="pixels",
            summary="Pixels added at the bottom and on the right.",
        ),
    ),
    plan=plan,
    forward=forward,
    backward=backward,
    parts=PRODUCTS,
    takes_activation=True,
    width="filters",
    sums=Sums(outputs=1, inputs=0, identity=middle),
    graph=lambda x, at: x.op(
        "ConvTranspose", *at.weights, **window_attributes(at), output_padding=[at.settings["output_padding"]] * 2
    ),
)
