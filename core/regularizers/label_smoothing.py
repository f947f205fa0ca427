"""Targets are moved a little toward all classes alike, so that the network need not become certain.

This is PyTorch's `label_smoothing`: a share ε is spread over all K classes, the true one included. Only training
batches are smoothed, so the validation loss keeps its meaning. With a single output for two classes K is 2.
"""

from __future__ import annotations

import numpy as np

from ..kernel import CONTROL, HYPER, N_OUT, N_ROWS, N_VECTORS, STRIDE, TARGET, Row, cell, get64, kernel, most
from ..registry import Param
from ..simd import LANES, lanes_below, load, splat, store, where
from .base import Regularizer


@kernel
def on_batch(row: Row) -> None:
    """t = (1 - ε) t + ε / K, for the samples of the batch."""
    control, target, n_out = cell(row, CONTROL), cell(row, TARGET), cell(row, N_OUT)
    n_rows, n_vectors, stride = cell(control, N_ROWS), cell(control, N_VECTORS), cell(control, STRIDE)
    strength = get64(cell(row, HYPER), 1)
    keep, each = np.float32(1.0 - strength), np.float32(strength / most(2, n_out))
    zero = splat(np.float32(0.0))
    for u in range(n_out):
        for v in range(n_vectors):
            i = u * stride + v
            store(target, i, where(lanes_below(n_rows - LANES * v), load(target, i) * keep + each, zero))


LABEL_SMOOTHING = Regularizer(
    name="label_smoothing",
    title="Label smoothing",
    summary="Asks for a little less than certainty.",
    formula="t ← (1 - ε) t + ε / K",
    paper="Szegedy, Vanhoucke, Ioffe, Shlens, Wojna 2016, arXiv:1512.00567",
    strength=Param(
        name="label_smoothing",
        default=0.0,
        low=0.0,
        high=1.0,
        open_high=True,
        summary="Share that is spread over all classes.",
    ),
    order=30,
    on_batch=on_batch,
    smooths=True,
    tasks=("classes",),
)
