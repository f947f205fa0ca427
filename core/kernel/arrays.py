"""Arrays as kernels take them: float32 in whole vectors that begin at a cache line, with the samples in the lanes."""

from __future__ import annotations

import numpy as np

from ..simd import FLOAT_BYTES, LANES, VECTOR_BYTES


def vectors_for(n: int) -> int:
    """Vectors that n floats fill, the last one perhaps in part."""
    return -(-n // LANES)


def padded(n: int) -> int:
    """A number of floats rounded up to whole vectors."""
    return vectors_for(n) * LANES


def aligned(n: int) -> np.ndarray:
    """Zeros, float32 (n,), that begin at a cache line, with room for one vector past their end."""
    room = np.zeros(n + 2 * LANES, np.float32)
    start = (-room.ctypes.data % VECTOR_BYTES) // FLOAT_BYTES
    return room[start : start + n]


def flat(values: np.ndarray) -> np.ndarray:
    """An aligned, flattened copy of any array, padded with zeros to whole vectors."""
    result = aligned(padded(values.size))
    result[: values.size] = np.ravel(values)
    return result


def to_lanes(values: np.ndarray, stride: int, padding: float = 0.0) -> np.ndarray:
    """Samples as kernels take them: one unit after the other, its values for all samples side by side.

    Args:
        values: (samples, units).
        stride: Vectors from one unit to the next.
        padding: What lanes without a sample hold.
    """
    n_samples, n_units = values.shape
    result = aligned(n_units * stride * LANES)
    result[:] = padding
    result.reshape(n_units, stride * LANES)[:, :n_samples] = values.T
    return result


def from_lanes(lanes: np.ndarray, n_samples: int, n_units: int) -> np.ndarray:
    """The inverse of `to_lanes`: float64 (samples, units)."""
    return lanes.reshape(n_units, -1)[:, :n_samples].T.astype(np.float64)
