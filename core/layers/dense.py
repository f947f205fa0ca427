"""Fully connected layer.

Weights lie in memory as (in, out), so that a tile of four neighboring outputs reads its weights in one line; to the
outside they have PyTorch's shape (out, in).
"""

from __future__ import annotations

from math import prod

import numpy as np

from ..kernel import CONTROL, N_VECTORS, PARTS, Row, call, cell, kernel
from ..registry import Param, Settings
from .base import Layer, Plan, Shape, Sums, Tensor
from .shared.dense_few import backward_few, forward_few
from .shared.dense_many import LEAST_IN_PANEL, SCRATCH_UNITS, backward_many, forward_many


@kernel
def forward(row: Row) -> None:
    """y[o] = b[o] + sum over i of w[i, o] x[i]."""
    few = cell(cell(row, CONTROL), N_VECTORS) == 1
    call(cell(row, PARTS if few else PARTS + 1), row)


@kernel
def backward(row: Row) -> None:
    """gw[i, o] = sum over samples of x[i] dy[o]; gb[o] = sum of dy[o]; dx[i] = sum over o of w[i, o] dy[o]."""
    few = cell(cell(row, CONTROL), N_VECTORS) == 1
    call(cell(row, PARTS + 2 if few else PARTS + 3), row)


def plan(shape: Shape, settings: Settings) -> Plan:
    """Weights for any input shape; images are taken unit by unit."""
    n_in, n_out = prod(shape), int(settings["units"])
    weight = Tensor(
        name="weight",
        shape=(n_out, n_in),
        fan_in=n_in,
        fan_out=n_out,
        to_store=lambda array: np.ascontiguousarray(array.T),
        from_store=lambda flat: np.ascontiguousarray(flat.reshape(n_in, n_out).T),
    )
    bias = Tensor(name="bias", shape=(n_out,), fill=0.0)
    return Plan(output=(n_out,), tensors=(weight, bias), scratch_units=SCRATCH_UNITS if n_out >= LEAST_IN_PANEL else 0)


DENSE = Layer(
    name="dense",
    prefix="dense",
    title="Dense",
    summary="Every unit sees every input: a weighted sum and a bias.",
    formula="y = W x + b",
    paper="Rosenblatt 1958, doi:10.1037/h0042519",
    params=(Param(name="units", default=8, low=1, high=65536, unit="units", summary="Outputs of the layer."),),
    plan=plan,
    forward=forward,
    backward=backward,
    parts=(forward_few, forward_many, backward_few, backward_many),
    takes_activation=True,
    width="units",
    sums=Sums(identity=lambda shape, settings: np.ones(())),
    graph=lambda x, at: x.flat(at.input).op("Gemm", *at.weights, transB=1),
)
