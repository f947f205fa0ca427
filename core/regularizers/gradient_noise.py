"""Normal noise on the gradient that fades with the steps of the run: it helps out of narrow valleys early on.

The strength s is the standard deviation at the first step, σ_t = s / (1 + t)^0.275: the paper's η is s², its γ is
0.55. It is called once per tensor, because the padding after a tensor must stay zero.
"""

from __future__ import annotations

import numpy as np

from ..kernel import COLUMNS, CONTROL, GW, HYPER, ROW_INDEX, ROWS, SEED, STEP, N, Row, cell, get64, kernel, most
from ..kernel.random import NOISE, hash64, normal16
from ..registry import Param
from ..simd import LANES, lanes_below, load, splat, store, where
from .base import Regularizer


@kernel
def on_gradient(row: Row) -> None:
    """g += s / (1 + t)^0.275 · normal."""
    control, gw = cell(row, CONTROL), cell(row, GW)
    size = np.float32(get64(cell(row, HYPER), 1) / (1.0 + cell(control, STEP)) ** 0.275)
    n_floats = cell(row, ROWS) * most(1, cell(row, COLUMNS))
    zero = splat(np.float32(0.0))
    key = hash64(cell(control, SEED), NOISE, cell(control, STEP), cell(row, ROW_INDEX))
    for i in range(cell(row, N)):
        noise = where(lanes_below(n_floats - LANES * i), normal16(key, i) * size, zero)
        store(gw, i, load(gw, i) + noise)


GRADIENT_NOISE = Regularizer(
    name="gradient_noise",
    title="Gradient noise",
    summary="Shakes the gradient, less and less as the run goes on.",
    formula="g ← g + s / (1 + t)^0.275 · n, n normal",
    paper="Neelakantan et al. 2015, arXiv:1511.06807",
    strength=Param(
        name="gradient_noise",
        default=0.0,
        low=0.0,
        high=1e3,
        scale="log",
        summary="Standard deviation of the noise at the first step.",
    ),
    order=30,
    on_gradient=on_gradient,
    per_tensor=True,
)
