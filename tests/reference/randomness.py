"""Random numbers by the documented hash of (seed, purpose, step, index), in Python's whole numbers.

Where a network draws masks, sample s and unit u share the number of lane s mod 16 of vector u·stride + s div 16, with
as many vectors to a unit (`stride`) as the largest batch fills: odd from 8 on.
"""

from __future__ import annotations

import math

import numpy as np

from dltui.core.kernel.random import DROPOUT, FLIP, MIXUP, NOISE, ORDER, ROTATION, SHIFT

WORD = 2**64
BATCH_HOOKS, LAYERS, GRADIENT_HOOKS = 0, 1000, 3000
"""First row number of each part of a step; the row number is the last of the four numbers hashed."""

__all__ = [
    "BATCH_HOOKS",
    "DROPOUT",
    "FLIP",
    "GRADIENT_HOOKS",
    "LAYERS",
    "MIXUP",
    "NOISE",
    "ORDER",
    "ROTATION",
    "SHIFT",
]


def mix(state: int, number: int) -> int:
    """One round of SplitMix64's finalizer (Steele, Lea, Flood 2014)."""
    z = ((state ^ (number % WORD)) + 0x9E3779B97F4A7C15) % WORD
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % WORD
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % WORD
    return z ^ (z >> 31)


def hash64(seed: int, purpose: int, step: int, index: int) -> int:
    """64 random bits."""
    state = 0
    for number in (seed, purpose, step, index):
        state = mix(state, number)
    return state


def unit(bits: int) -> float:
    """64 random bits as a number in (0, 1)."""
    return ((bits >> 11) + 0.5) * 2.0**-53


def uniforms(key: int, vectors: np.ndarray, lanes: np.ndarray) -> np.ndarray:
    """Numbers in (0, 1) for lanes of vectors under a key: 23 bits of a keyed 32-bit hash of their places."""
    x = ((vectors.astype(np.uint64) << np.uint64(4)) + lanes.astype(np.uint64)).astype(np.uint32)
    for half in (key % 2**32, key >> 32):
        x = x ^ np.uint32(half)
        for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
            x = (x ^ (x >> np.uint32(shift))) * np.uint32(factor)
        x = x ^ (x >> np.uint32(16))
    return ((x >> np.uint32(9)).astype(np.float64) + 0.5) * 2.0**-23


def normals(key: int, vectors: np.ndarray, lanes: np.ndarray) -> np.ndarray:
    """Standard normal numbers by Box and Muller, from the uniform vectors 2k and 2k + 1."""
    u, v = uniforms(key, 2 * vectors, lanes), uniforms(key, 2 * vectors + 1, lanes)
    return np.sqrt(-2.0 * np.log(u)) * np.cos(2.0 * np.pi * v)


def stride_of(batch: int) -> int:
    """Vectors of a unit."""
    n = math.ceil(batch / 16)
    return n if n < 8 or n % 2 else n + 1


def places(n: int, units: int, batch: int) -> tuple[np.ndarray, np.ndarray]:
    """(vectors, lanes) of the numbers of n samples by `units`, each (n, units)."""
    samples = np.arange(n)[:, None]
    vectors = np.arange(units)[None, :] * stride_of(batch) + samples // 16
    return vectors, np.broadcast_to(samples % 16, vectors.shape)


def kept(key: int, shape: tuple[int, ...], batch: int, share: float, *, whole_channels: bool = False) -> np.ndarray:
    """Which values of a batch a mask keeps: True for a number above the share that is dropped.

    Args:
        key: Of this layer at this step.
        shape: (samples, units) or (samples, channels, rows, columns).
        batch: Samples of a full batch.
        share: Share dropped.
        whole_channels: One number a channel instead of one a unit.
    """
    n = shape[0]
    if whole_channels:
        mask = uniforms(key, *places(n, shape[1], batch)) > np.float32(share)
        return np.broadcast_to(mask.reshape(n, shape[1], *(1,) * (len(shape) - 2)), shape)
    mask = uniforms(key, *places(n, int(np.prod(shape[1:])), batch)) > np.float32(share)
    return mask.reshape(shape)
