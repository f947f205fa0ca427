"""A rectifier that lets a little through below zero, so that no unit dies.

The slope's default, 0.01, is the paper's and PyTorch's (Keras has 0.3, TensorFlow's function 0.2); at exactly 0 it
counts as below, as in PyTorch.
"""

from __future__ import annotations

import math

import numpy as np

from ..kernel import DX, DY, PARAMS, N, Row, X, Y, cell, get64, kernel
from ..registry import Param
from ..simd import load, store, where
from .base import Activation


@kernel
def forward(row: Row) -> None:
    """a = z where z > 0, else s z."""
    x, y = cell(row, X), cell(row, Y)
    slope = np.float32(get64(cell(row, PARAMS), 0))
    for i in range(cell(row, N)):
        z = load(x, i)
        store(y, i, where(z > 0.0, z, z * slope))


@kernel
def backward(row: Row) -> None:
    """dz = da where z > 0, else s da."""
    x, dy, dx = cell(row, X), cell(row, DY), cell(row, DX)
    slope = np.float32(get64(cell(row, PARAMS), 0))
    for i in range(cell(row, N)):
        da = load(dy, i)
        store(dx, i, where(load(x, i) > 0.0, da, da * slope))


LEAKY_RELU = Activation(
    name="leaky_relu",
    title="Leaky ReLU",
    summary="ReLU with a small slope below zero: no unit dies.",
    formula="z if z > 0 else s z",
    paper="Maas, Hannun, Ng 2013, ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf",
    params=(Param(name="negative_slope", default=0.01, low=0.0, high=1.0, scale="log", summary="Slope below zero."),),
    forward=forward,
    backward=backward,
    graph=lambda z, at: z.op("LeakyRelu", alpha=at.settings["negative_slope"]),
    gain="he_normal",
    gain_factor=lambda settings: math.sqrt(2.0 / (1.0 + float(settings["negative_slope"]) ** 2)),
)
