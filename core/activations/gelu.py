"""The Gaussian error linear unit, exact by default; `approximate = "tanh"` is the form GPT-2 and BERT were trained
with.

Both are PyTorch's; TensorFlow has the same two, Keras takes the exact one. They differ by at most 5e-4. Past |z| = 5.5
the Gaussian's tail is below float32's rounding of 1 and is cut off, so that no huge input multiplies it.
"""

from __future__ import annotations

import numpy as np

from ..kernel import DX, DY, PARAMS, N, Row, X, Y, cell, get64, helper, kernel
from ..registry import Param
from ..simd import Vector, absolute, erf, exp, load, splat, store, where
from .base import Activation

_ROOT_HALF = 0.7071067811865476
_DENSITY = 0.3989422804014327
_TAIL = 5.5
_ROOT_2_PI = 0.7978845608028654
_CUBE = 0.044715


@helper
def _cut(z: Vector, share: Vector) -> Vector:
    """The share of the Gaussian below z, with 0 and 1 in the tails."""
    return where(z > _TAIL, splat(np.float32(1.0)), where(z < -_TAIL, splat(np.float32(0.0)), share))


@helper
def _exact(z: Vector) -> tuple[Vector, Vector]:
    """Φ(z) and z Φ'(z)."""
    density = where(absolute(z) > _TAIL, splat(np.float32(0.0)), exp(z * z * -0.5) * _DENSITY * z)
    return _cut(z, erf(z * _ROOT_HALF) * 0.5 + 0.5), density


@helper
def _approximate(z: Vector) -> tuple[Vector, Vector]:
    """The same two of the form with tanh, whose tails keep their digits in e = exp(-2 |argument|)."""
    square = z * z
    e = exp(absolute(z) * (square * _CUBE + 1.0) * (-2.0 * _ROOT_2_PI))
    above = 1.0 / (1.0 + e)
    slope = e * above * above * (square * (3.0 * _CUBE) + 1.0) * (2.0 * _ROOT_2_PI) * z
    return _cut(z, where(z < 0.0, e * above, above)), where(absolute(z) > _TAIL, splat(np.float32(0.0)), slope)


@kernel
def forward(row: Row) -> None:
    """a = z Φ(z)."""
    x, y, n = cell(row, X), cell(row, Y), cell(row, N)
    if get64(cell(row, PARAMS), 0) == 0.0:
        for i in range(n):
            z = load(x, i)
            store(y, i, z * _cut(z, erf(z * _ROOT_HALF) * 0.5 + 0.5))
    else:
        for i in range(n):
            z = load(x, i)
            store(y, i, z * _approximate(z)[0])


@kernel
def backward(row: Row) -> None:
    """dz = da (Φ(z) + z Φ'(z))."""
    x, dy, dx, n = cell(row, X), cell(row, DY), cell(row, DX), cell(row, N)
    if get64(cell(row, PARAMS), 0) == 0.0:
        for i in range(n):
            share, slope = _exact(load(x, i))
            store(dx, i, load(dy, i) * (share + slope))
    else:
        for i in range(n):
            share, slope = _approximate(load(x, i))
            store(dx, i, load(dy, i) * (share + slope))


GELU = Activation(
    name="gelu",
    title="GELU",
    summary="A smooth ReLU with a dip: the input times the chance that normal noise stays below it.",
    formula="z Φ(z); tanh form: z/2 (1 + tanh(√(2/π) (z + 0.044715 z³)))",
    paper="Hendrycks, Gimpel 2016, arXiv:1606.08415",
    params=(
        Param(
            name="approximate", default="none", choices=("none", "tanh"), summary="Exact, or approximated with tanh."
        ),
    ),
    forward=forward,
    backward=backward,
    graph=lambda z, at: z.op("Gelu", approximate=at.settings["approximate"]),
    gain="he_normal",
)
