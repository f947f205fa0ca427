"""Clipping by the norm of the whole gradient: its direction stays. PyTorch's `clip_grad_norm_`, ε = 1e-6 in the
divisor.

Keras's `clipnorm` clips each tensor by its own norm; its `global_clipnorm` is this one. A norm past the largest
float32 is measured on a scaled gradient, so that a huge finite gradient is clipped instead of zeroed.
"""

from __future__ import annotations

import numpy as np

from ..kernel import GW, HYPER, Address, N, Row, cell, get64, helper, kernel, least
from ..registry import Param
from ..simd import load, splat, store, total
from .base import Regularizer

_SMALL = 2.0**-80
_STRETCH = 256
"""Vectors summed in float32 before the sum moves on to float64."""


@helper
def _norm(gw: Address, n: int, scale: float) -> float:
    """Euclidean norm of `scale` times n vectors, float64."""
    factor = np.float32(scale)
    result = 0.0
    for start in range(0, n, _STRETCH):
        squares = splat(np.float32(0.0))
        for i in range(start, least(start + _STRETCH, n)):
            g = load(gw, i) * factor
            squares = squares + g * g
        result += np.float64(total(squares))
    return float(np.sqrt(result))


@kernel
def on_gradient(row: Row) -> None:
    """g *= min(1, c / (‖g‖ + 1e-6))."""
    gw, n = cell(row, GW), cell(row, N)
    norm = _norm(gw, n, 1.0)
    if norm == np.inf:
        norm = _norm(gw, n, _SMALL) / _SMALL
    factor = get64(cell(row, HYPER), 1) / (norm + 1e-6)
    if not factor >= 1.0:
        scale = np.float32(factor)
        for i in range(n):
            store(gw, i, load(gw, i) * scale)


CLIP_NORM = Regularizer(
    name="clip_norm",
    title="Clip norm",
    summary="Shortens a gradient that is too long, without turning it.",
    formula="g ← g · min(1, c / (‖g‖ + 1e-6))",
    paper="Pascanu, Mikolov, Bengio 2013, arXiv:1211.5063",
    strength=Param(
        name="clip_norm",
        default=0.0,
        low=0.0,
        high=1e6,
        scale="log",
        summary="Longest gradient that is let through; 0 is off.",
    ),
    order=20,
    on_gradient=on_gradient,
    torch="torch.nn.utils.clip_grad_norm_(weights, {strength})",
)
