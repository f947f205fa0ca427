"""One row of the program table at a time: what the engine hands a kernel, made from arrays of samples.

The battery that checks a member, shipped or a user's own, runs its kernels through this, without a network around them.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..simd import LANES
from . import cells as k
from .compile import Kernel


def floats(n: int) -> np.ndarray:
    """Compute n zeros (n rounded up to whole vectors), float32, on a cache line."""
    n = -(-n // LANES) * LANES
    room = np.zeros(n + LANES, np.float32)
    start = (-room.ctypes.data // 4) % LANES
    return room[start : start + n]


def flat(values: np.ndarray) -> np.ndarray:
    """Any array as aligned float32, zero behind its end."""
    result = floats(values.size)
    result[: values.size] = np.ravel(values)
    return result


def lay(values: np.ndarray, stride: int, padding: float = 0.0) -> np.ndarray:
    """(samples, units) as unit-major vectors of samples; lanes without a sample hold `padding`."""
    n_rows, units = values.shape
    result = floats(units * stride * LANES)
    result[:] = padding
    result.reshape(units, stride * LANES)[:, :n_rows] = values.T
    return result


def unlay(flat_values: np.ndarray, n_rows: int, units: int) -> np.ndarray:
    """The inverse of `lay`: float64 (samples, units)."""
    return flat_values.reshape(units, -1)[:, :n_rows].T.astype(np.float64)


class Row:
    """A table row with its control block; cells are set by name, arrays by themselves."""

    def __init__(self, n_rows: int = 16, stride: int | None = None, **control: int) -> None:
        self.cells = np.zeros(k.ROW_CELLS, np.int64)
        self.control = np.zeros(k.CONTROL_CELLS, np.int64)
        self._kept: list[np.ndarray] = []
        self.n_rows = n_rows
        self.stride = stride or -(-n_rows // LANES)
        settings = {
            "n_rows": n_rows,
            "n_vectors": -(-n_rows // LANES),
            "stride": self.stride,
            "train": 1,
            "batch": n_rows,
        }
        for name, value in (settings | control).items():
            self.control[getattr(k, name.upper())] = value
        self.cells[k.CONTROL] = self.control.ctypes.data

    def set(self, **cells: Any) -> Row:
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

    def slots(self, arrays: Sequence[np.ndarray]) -> Row:
        """Set the addresses of an optimizer's state."""
        for i, array in enumerate(arrays):
            self._kept.append(array)
            self.cells[k.SLOTS + i] = array.ctypes.data
        return self

    def run(self, kernel: Kernel) -> None:
        """Call a kernel on this row."""
        ctypes.CFUNCTYPE(None, ctypes.c_int64)(kernel.address)(self.cells.ctypes.data)


def numbers(member: Any, settings: Mapping[str, Any] | None = None) -> list[float]:
    """The settings of a member as kernels get them: in the order of `params`, a word as its place among the choices."""
    found = []
    for param in member.params:
        value = (settings or {}).get(param.name, param.default)
        if isinstance(value, str):
            value = param.choices.index(value) if param.choices else 0
        found.append(0.0 if isinstance(value, tuple) else float(value))
    return found
