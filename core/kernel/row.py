"""A row of the program's table outside of any program, made from arrays of samples.

What checks a member, shipped or a user's own, runs its kernels on these, without a network around them.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from ..simd import LANES
from . import cells as k
from .arrays import vectors_for
from .compile import Kernel

CellValue: TypeAlias = np.ndarray | Sequence[float] | int


class StandaloneRow:
    """A table row with its control block; cells are set by name, arrays by themselves."""

    def __init__(self, n_rows: int = LANES, stride: int | None = None, **control: int) -> None:
        self.cells = np.zeros(k.ROW_CELLS, np.int64)
        self.control = np.zeros(k.CONTROL_CELLS, np.int64)
        self._kept: list[np.ndarray] = []
        self.n_rows = n_rows
        self.stride = stride or vectors_for(n_rows)
        settings = {
            "n_rows": n_rows,
            "n_vectors": vectors_for(n_rows),
            "stride": self.stride,
            "train": 1,
            "batch": n_rows,
        }
        for name, value in (settings | control).items():
            self.control[getattr(k, name.upper())] = value
        self.cells[k.CONTROL] = self.control.ctypes.data

    def set(self, **cells: CellValue) -> StandaloneRow:
        """Set cells by lower-case name: an array by its address, a number as it is, a list of floats as float64."""
        for name, value in cells.items():
            place = getattr(k, name.upper())
            if isinstance(value, (list, tuple)):
                value = np.array([*value, 0.0], np.float64)
            if isinstance(value, np.ndarray):
                self._kept.append(value)
                value = value.ctypes.data
            self.cells[place] = value
        return self

    def slots(self, arrays: Sequence[np.ndarray]) -> StandaloneRow:
        """Set the addresses of an optimizer's state."""
        for i, array in enumerate(arrays):
            self._kept.append(array)
            self.cells[k.SLOTS + i] = array.ctypes.data
        return self

    def run(self, kernel: Kernel) -> None:
        """Call a kernel on this row."""
        ctypes.CFUNCTYPE(None, ctypes.c_int64)(kernel.address)(self.cells.ctypes.data)
