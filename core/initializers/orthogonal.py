"""Orthogonal rows or columns, so that a deep linear network keeps the length of every signal exactly.

PyTorch's `orthogonal_`: QR of normal numbers, signs fixed by R's diagonal so that every rotation is equally likely; a
convolution is taken as (out, in * kh * kw).
"""

from __future__ import annotations

import math

import numpy as np

from ..registry import Param, Settings
from .base import Draw, Initializer


def draw(request: Draw, settings: Settings) -> np.ndarray:
    """w = gain Q, with the rows or the columns of Q orthogonal, whichever are fewer."""
    rows = request.shape[0]
    columns = math.prod(request.shape[1:])
    normal = request.normal(rows * columns).reshape(rows, columns)
    q, r = np.linalg.qr(normal.T if rows < columns else normal)
    q = q * np.where(np.diag(r) < 0.0, -1.0, 1.0)
    return float(settings["gain"]) * np.ascontiguousarray(q.T if rows < columns else q).reshape(request.shape)


ORTHOGONAL = Initializer(
    name="orthogonal",
    title="Orthogonal",
    summary="A random rotation: keeps the length of signals through deep networks.",
    formula="w = gain Q with Q Qᵀ = 1 or Qᵀ Q = 1",
    paper="Saxe, McClelland, Ganguli 2013, arXiv:1312.6120",
    params=(
        Param(name="gain", default=1.0, low=0.0, high=10.0, summary="Factor on the weights; 5/3 is usual for tanh."),
    ),
    draw=draw,
)
