"""Trains on mixtures of pairs of samples and of their targets, with one share λ ~ Beta(α, α) a batch, as the paper's
code.

The partner of a sample is the one a random number of places further on in the shuffled batch, which pairs at random
without a permutation. Jöhnk's method draws λ: u^(1/α) / (u^(1/α) + v^(1/α)) for the first pair of uniform numbers
whose sum of powers is at most 1.
"""

from __future__ import annotations

import numpy as np

from ..kernel import (
    CONTROL,
    HYPER,
    N_IN,
    N_OUT,
    N_ROWS,
    N_VECTORS,
    ROW_INDEX,
    SCRATCH,
    SEED,
    STEP,
    STRIDE,
    TARGET,
    Address,
    Row,
    X,
    cell,
    get,
    get64,
    helper,
    kernel,
    put,
)
from ..kernel.random import MIXUP as PURPOSE
from ..kernel.random import hash64, mix, unit_number
from ..registry import Param
from ..simd import LANES, load, store
from .base import Regularizer

_TRIES = 1000


@helper
def _beta(key: np.uint64, alpha: float) -> float:
    """λ ~ Beta(α, α); the powers are compared by their logarithms, which do not underflow for a small α.

    For the very smallest even the logarithms have no end: then the sample with the larger number is taken whole.
    """
    state = key
    for _ in range(_TRIES):
        state = mix(state, np.uint64(1))
        first = np.log(unit_number(state))
        state = mix(state, np.uint64(2))
        second = np.log(unit_number(state))
        a, b = first / alpha, second / alpha
        if a == -np.inf and b == -np.inf:
            return 1.0 if first > second else 0.0
        if np.exp(a) + np.exp(b) <= 1.0:
            return float(1.0 / (1.0 + np.exp(b - a)))
    return 0.5


@helper
def _blend(row: Row, values: Address, n_units: int, shift: int, share: float) -> None:
    """Mix every sample with the one `shift` places further; `before` holds a unit as it was."""
    control, before = cell(row, CONTROL), cell(row, SCRATCH)
    n_rows, n_vectors, stride = cell(control, N_ROWS), cell(control, N_VECTORS), cell(control, STRIDE)
    rest = np.float32(1.0 - share)
    keep = np.float32(share)
    for u in range(n_units):
        for v in range(n_vectors):
            store(before, v, load(values, u * stride + v))
        start = LANES * u * stride
        for s in range(n_rows):
            partner = s + shift if s + shift < n_rows else s + shift - n_rows
            put(values, start + s, keep * get(before, s) + rest * get(before, partner))


@kernel
def on_batch(row: Row) -> None:
    """x, t = λ (x, t) + (1 - λ) (x, t) of the partner."""
    control = cell(row, CONTROL)
    n_rows = cell(control, N_ROWS)
    if n_rows > 1:
        key = hash64(cell(control, SEED), PURPOSE, cell(control, STEP), cell(row, ROW_INDEX))
        shift = 1 + int(unit_number(mix(key, np.uint64(0))) * (n_rows - 1))
        share = _beta(key, get64(cell(row, HYPER), 1))
        _blend(row, cell(row, X), cell(row, N_IN), shift, share)
        _blend(row, cell(row, TARGET), cell(row, N_OUT), shift, share)


MIXUP = Regularizer(
    name="mixup",
    title="Mixup",
    summary="Trains on blends of two samples, so that the network is nearly linear between them.",
    formula="x ← λ x + (1-λ) x', t ← λ t + (1-λ) t', λ ~ Beta(α, α)",
    paper="Zhang, Cisse, Dauphin, Lopez-Paz 2018, arXiv:1710.09412",
    strength=Param(
        name="mixup",
        default=0.0,
        low=0.0,
        high=4.0,
        summary="α: small values rarely mix, 1 mixes in all proportions alike.",
    ),
    order=20,
    on_batch=on_batch,
)
