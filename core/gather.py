"""Copying samples into the lanes of the input and target buffers."""

from __future__ import annotations

import numpy as np

from .kernel import N_ROWS, N_VECTORS, STRIDE, cell, get, helper, put, set_cell
from .simd import LANES

DATA_X, DATA_Y, DATA_ROWS, DATA_INPUTS, DATA_TARGETS, DATA_CLASSES = range(6)
"""Entries of `data`: addresses of inputs (rows, inputs) and targets, their sizes; with DATA_CLASSES > 0 targets are
class numbers (rows, 1) spread over so many outputs."""
DATA_CELLS = 6


@helper
def gather_row(data, source, x, target, stride, lane):  # type: ignore[no-untyped-def]
    """Copy one sample into a lane of the input and target buffers."""
    n_inputs, n_targets = cell(data, DATA_INPUTS), cell(data, DATA_TARGETS)
    for i in range(n_inputs):
        put(x, LANES * i * stride + lane, get(cell(data, DATA_X), source * n_inputs + i))
    if cell(data, DATA_CLASSES) > 0:
        label = int(get(cell(data, DATA_Y), source))
        for k in range(cell(data, DATA_CLASSES)):
            put(target, LANES * k * stride + lane, np.float32(1.0) if k == label else np.float32(0.0))
    else:
        for k in range(n_targets):
            put(target, LANES * k * stride + lane, get(cell(data, DATA_Y), source * n_targets + k))


@helper
def _clear_lanes(address, n_units, stride, first, last):  # type: ignore[no-untyped-def]
    for i in range(n_units):
        for lane in range(first, last):
            put(address, LANES * i * stride + lane, np.float32(0.0))


@helper
def set_batch(data, control, x, target, n):  # type: ignore[no-untyped-def]
    """Set the size of the batch; lanes a larger batch before it filled become 0."""
    before = cell(control, N_ROWS)
    if n < before:
        outputs = cell(data, DATA_CLASSES) if cell(data, DATA_CLASSES) > 0 else cell(data, DATA_TARGETS)
        last = LANES * cell(control, N_VECTORS)
        _clear_lanes(x, cell(data, DATA_INPUTS), cell(control, STRIDE), n, last)
        _clear_lanes(target, outputs, cell(control, STRIDE), n, last)
    set_cell(control, N_ROWS, n)
    set_cell(control, N_VECTORS, (n + LANES - 1) // LANES)
