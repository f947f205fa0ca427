"""Where samples lie, and how they are copied into the lanes of the input and target buffers."""

from __future__ import annotations

from math import prod

import numpy as np

from ..kernel import N_ROWS, N_VECTORS, STRIDE, Address, cell, get, helper, least, on_stack, put, set_cell
from ..simd import FLOAT_BYTES, LANES, VECTOR_BYTES
from ..simd.products import turn16

DATA_X, DATA_Y, DATA_ROWS, DATA_INPUTS, DATA_TARGETS, DATA_CLASSES = range(6)
"""Entries of `data`: addresses of inputs (rows, inputs) and targets, their sizes; with DATA_CLASSES > 0 targets are
class numbers (rows, 1) spread over so many outputs."""
DATA_CELLS = 6


class EngineData:
    """Samples as the compiled loops read them.

    Args:
        x: Scaled inputs, (n, ...).
        y: Targets, class numbers (n,) or values (n, n_outputs); None: there are none.
        n_outputs: Classes, or values a sample.
        single: Whether two classes share one output.
    """

    def __init__(self, x: np.ndarray, y: np.ndarray | None = None, n_outputs: int = 0, *, single: bool = False) -> None:
        self.x = np.ascontiguousarray(x.reshape(len(x), prod(x.shape[1:])), np.float32)
        self.cells = np.zeros(DATA_CELLS, np.int64)
        self.n_targets = 0
        """Columns of the targets as the loops spread them; 0 without targets."""
        self.spreads = np.zeros(0)
        """Sum of the squared distances of each target from its mean, for R²."""
        if y is None:
            self.y = np.zeros((0, 0), np.float32)
        elif y.ndim == 1:
            self.y = np.ascontiguousarray(y, np.float32)
            self.cells[DATA_TARGETS] = 1
            self.cells[DATA_CLASSES] = 0 if single else n_outputs
            self.n_targets = 1 if single else n_outputs
        else:
            self.y = np.ascontiguousarray(y, np.float32)
            self.cells[DATA_TARGETS] = self.n_targets = y.shape[1]
            self.spreads = _spreads(y.astype(np.float64))
        addresses = self.x.ctypes.data, self.y.ctypes.data
        self.cells[[DATA_X, DATA_Y]] = addresses
        self.cells[[DATA_ROWS, DATA_INPUTS]] = len(x), self.x.shape[1]
        self.address = self.cells.ctypes.data
        """Where `cells` lie."""

    def __len__(self) -> int:
        return len(self.x)


def _spreads(y: np.ndarray) -> np.ndarray:
    """Sum of the squared distances of each column of y (n, targets) from its mean."""
    columns = np.ascontiguousarray(y.T)
    # Not left to the sum: the mean of equal numbers may be rounded away from them.
    varies = [bool(column.size) and column.min() < column.max() for column in columns]
    return np.array([np.square(c - c.mean()).sum() if v else 0.0 for c, v in zip(columns, varies, strict=True)])


sixteen_rows = on_stack(2)
"""Room for the addresses of sixteen samples."""


@helper
def gather(data: Address, order: Address, first: int, n: int, x: Address, target: Address, stride: int) -> None:
    """Copy n samples into the lanes of the input and target buffers.

    Args:
        data: Where the samples lie, (DATA_CELLS,).
        order: Numbers of the samples; 0: they are taken in their own order.
        first: Place of the first in that order.
        n: How many.
        x: Input buffer.
        target: Target buffer.
        stride: Vectors from one unit to the next.
    """
    _gather_columns(cell(data, DATA_X), cell(data, DATA_INPUTS), order, first, n, x, stride)
    n_classes, labels = cell(data, DATA_CLASSES), cell(data, DATA_Y)
    if n_classes == 0:
        _gather_columns(labels, cell(data, DATA_TARGETS), order, first, n, target, stride)
    for k in range(n_classes):
        unit = target + VECTOR_BYTES * k * stride
        for lane in range(n):
            label = np.int64(get(labels, cell(order, first + lane) if order else first + lane))
            put(unit, lane, np.float32(1.0) if k == label else np.float32(0.0))


@helper
def _gather_columns(
    values: Address, n_columns: int, order: Address, first: int, n: int, buffer: Address, stride: int
) -> None:
    # Sixteen samples are turned sixteen columns at a time, the last ones perhaps twice.
    whole_vectors = n // LANES if n_columns >= LANES else 0
    rows = sixteen_rows()
    for v in range(whole_vectors):
        for lane in range(LANES):
            place = first + LANES * v + lane
            set_cell(rows, lane, values + FLOAT_BYTES * n_columns * (cell(order, place) if order else place))
        for i in range(0, n_columns, LANES):
            column = least(i, n_columns - LANES)
            turn16(rows, column, buffer + VECTOR_BYTES * (column * stride + v), stride)
    for i in range(n_columns):
        unit = buffer + VECTOR_BYTES * i * stride
        for lane in range(LANES * whole_vectors, n):
            row = cell(order, first + lane) if order else first + lane
            put(unit, lane, get(values, row * n_columns + i))


@helper
def _clear_lanes(address: Address, n_units: int, stride: int, first: int, last: int) -> None:
    for i in range(n_units):
        for lane in range(first, last):
            put(address, LANES * i * stride + lane, np.float32(0.0))


@helper
def set_batch(data: Address, control: Address, x: Address, target: Address, n: int) -> None:
    """Set the size of the batch; lanes a larger batch before it filled become 0."""
    before = cell(control, N_ROWS)
    if n < before:
        outputs = cell(data, DATA_CLASSES) if cell(data, DATA_CLASSES) > 0 else cell(data, DATA_TARGETS)
        last = LANES * cell(control, N_VECTORS)
        _clear_lanes(x, cell(data, DATA_INPUTS), cell(control, STRIDE), n, last)
        _clear_lanes(target, outputs, cell(control, STRIDE), n, last)
    set_cell(control, N_ROWS, n)
    set_cell(control, N_VECTORS, (n + LANES - 1) // LANES)
