"""A program's table under construction: rows by section, and everything their addresses point to.

A row is one call of the engine: whole numbers, most of them addresses, in cells that `kernel` names. As an example, the
row of a dense layer in a training program:

    FORWARD BACKWARD    its two compiled functions
    CONTROL             step, seed and batch, the same block for all rows
    X Y                 values of its inputs and outputs: a unit after the other, samples in the lanes
    DX DY               gradients of those
    W B, GW GB          its weights and biases in the flat memory, and their gradients
    N_IN N_OUT N        units in, units out, vectors out
    PARAMS              its settings as float64 numbers
    PARTS ...           functions it calls itself
    ROW_INDEX           its number, part of the key of its random numbers
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from ..kernel import BACKWARD, CONTROL, FORWARD, GW, HYPER, ROW_CELLS, ROW_INDEX, STRIDE, N, W
from ..kernel.arrays import aligned
from ..simd import FLOAT_BYTES, LANES
from .loops import N_SECTIONS

SECTION_ROWS = 1000
"""Numbers of rows set aside for each section. A row's number is part of the key of its random numbers (dropout, noise):
another value here would draw other masks, and no kept run could be replayed, so it stays as it is for good."""


class TableBuilder:
    """Rows in the making.

    Args:
        control: Control block every row refers to; STRIDE is set.
        weights: Flat weights the rows work on.
        gradients: Flat gradients, laid out alike.
    """

    def __init__(self, control: np.ndarray, weights: np.ndarray, gradients: np.ndarray) -> None:
        self.control, self.weights, self.gradients = control, weights, gradients
        self.stride = int(control[STRIDE])
        self.rows: list[list[np.ndarray]] = [[] for _ in range(N_SECTIONS)]
        self._keep: list[np.ndarray] = []

    def keep(self, array: np.ndarray) -> int:
        """Address of an array that lives as long as the table."""
        self._keep.append(array)
        return int(array.ctypes.data)

    def values(self, shape: Sequence[int]) -> np.ndarray:
        """A buffer for the values of units of this shape."""
        array = aligned(prod(shape) * self.stride * LANES)
        self.keep(array)
        return array

    def row(self, section: int, forward: int, backward: int = 0) -> np.ndarray:
        """A new row at the end of a section."""
        row = np.zeros(ROW_CELLS, np.int64)
        row[[FORWARD, BACKWARD, CONTROL]] = forward, backward, self.control.ctypes.data
        row[ROW_INDEX] = SECTION_ROWS * section + len(self.rows[section])
        self.rows[section].append(row)
        return row

    def weights_row(self, section: int, forward: int, hyper: np.ndarray, span: tuple[int, int]) -> np.ndarray:
        """A new row over a stretch of the flat weights, with its own float64 numbers."""
        row = self.row(section, forward)
        first, last = span
        row[[W, GW]] = self.weights.ctypes.data + FLOAT_BYTES * first, self.gradients.ctypes.data + FLOAT_BYTES * first
        row[N], row[HYPER] = (last - first) // LANES, self.keep(hyper)
        return row

    def build(self) -> tuple[np.ndarray, np.ndarray]:
        """(rows, first row of each section and the end of the last), as the engine takes them."""
        bounds = np.cumsum([0, *(len(section) for section in self.rows)])
        return np.stack([row for section in self.rows for row in section]), bounds.astype(np.int64)


def numbers(values: Sequence[float]) -> np.ndarray:
    """float64 numbers of a row, at least one."""
    return np.array(values or [0.0], np.float64)
