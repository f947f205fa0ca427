"""The weights into each unit are kept within a ball: after the step, columns that are too long are shortened.

The norm is that of one output unit's incoming weights (of one filter), as in Keras's `MaxNorm` on a dense layer;
biases are left alone. PyTorch's `torch.renorm` along dimension 0 is the same; for a transposed convolution, whose
outputs are dimension 1 of its weights, along that.
"""

from __future__ import annotations

import numpy as np

from ..kernel import COLUMNS, HYPER, INNER, ROWS, Address, Row, W, cell, get, get64, helper, kernel, most, put
from ..registry import Param
from ..simd import FLOAT_BYTES, LANES, load_at, splat, sqrt, store_at, where
from .base import Regularizer


@helper
def _one(w: Address, n_runs: int, run: int, hop: int, limit: float) -> None:
    """Shorten the weights into one output: runs of so many, `hop` floats apart."""
    squares = 0.0
    for a in range(n_runs):
        for b in range(run):
            squares += np.float64(get(w, a * hop + b)) ** 2
    norm = np.sqrt(squares)
    if norm > limit:
        scale = np.float32(limit / norm)
        for a in range(n_runs):
            for b in range(run):
                put(w, a * hop + b, get(w, a * hop + b) * scale)


@kernel
def on_weights(row: Row) -> None:
    """w[:, o] *= min(1, c / ‖w[:, o]‖)."""
    w, n_in, n_out, run = cell(row, W), cell(row, ROWS), cell(row, COLUMNS), most(1, cell(row, INNER))
    limit = get64(cell(row, HYPER), 1)
    bound = splat(np.float32(limit))
    o = 0
    while run == 1 and o + LANES <= n_out:
        squares = splat(np.float32(0.0))
        for i in range(n_in):
            v = load_at(w, i * n_out + o)
            squares = squares + v * v
        norm = sqrt(squares)
        scale = where(norm > bound, bound / norm, splat(np.float32(1.0)))
        for i in range(n_in):
            store_at(w, i * n_out + o, load_at(w, i * n_out + o) * scale)
        o += LANES
    while o < n_out:
        _one(w + FLOAT_BYTES * o * run, n_in // run, run, n_out * run, limit)
        o += 1


MAX_NORM = Regularizer(
    name="max_norm",
    title="Max norm",
    summary="Keeps the weights into each unit from growing longer than a bound.",
    formula="w_o ← w_o · min(1, c / ‖w_o‖), for each output unit o",
    paper="Srebro, Rennie, Jaakkola 2005; Srivastava et al. 2014, jmlr.org/papers/v15/srivastava14a.html",
    strength=Param(
        name="max_norm",
        default=0.0,
        low=0.0,
        high=1e6,
        scale="log",
        summary="Largest length of the weights into a unit; 0 is off.",
    ),
    on_weights=on_weights,
    per_tensor=True,
)
