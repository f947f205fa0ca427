"""Normal noise on the inputs of every training batch, in units of the scaled inputs: samples become little clouds.

For small noise it acts as a penalty on the slope of the network (the paper). It is Keras's `GaussianNoise` as first
layer.
"""

from __future__ import annotations

import numpy as np

from ..kernel import CONTROL, HYPER, N_IN, N_ROWS, N_VECTORS, ROW_INDEX, SEED, STEP, STRIDE, Row, X, cell, get64, kernel
from ..kernel.random import NOISE, hash64, normal16
from ..registry import Param
from ..simd import LANES, lanes_below, load, splat, store, where
from .base import Regularizer


@kernel
def on_batch(row: Row) -> None:
    """x += s · normal, for the samples of the batch."""
    control, x = cell(row, CONTROL), cell(row, X)
    n_rows, n_vectors, stride = cell(control, N_ROWS), cell(control, N_VECTORS), cell(control, STRIDE)
    size = np.float32(get64(cell(row, HYPER), 1))
    zero = splat(np.float32(0.0))
    key = hash64(cell(control, SEED), NOISE, cell(control, STEP), cell(row, ROW_INDEX))
    for u in range(cell(row, N_IN)):
        for v in range(n_vectors):
            i = u * stride + v
            noise = where(lanes_below(n_rows - LANES * v), normal16(key, i) * size, zero)
            store(x, i, load(x, i) + noise)


INPUT_NOISE = Regularizer(
    name="input_noise",
    title="Input noise",
    summary="Shakes every training sample, so that no single point can be learned by heart.",
    formula="x ← x + s n, n normal",
    paper="Bishop 1995, doi:10.1162/neco.1995.7.1.108",
    strength=Param(
        name="input_noise", default=0.0, low=0.0, high=100.0, scale="log", summary="Standard deviation of the noise."
    ),
    order=10,
    on_batch=on_batch,
)
