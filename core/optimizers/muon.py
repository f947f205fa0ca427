"""Muon: momentum whose matrix is made orthogonal before it steps, in Keller Jordan's and PyTorch's form.

The matrix of a layer is (outputs, everything else); five Newton-Schulz steps with his coefficients bring its singular
values near 1, in float32 (PyTorch and he use bfloat16, so theirs agrees to two digits only). The rate is scaled by
√max(1, outputs / inputs), or after Moonshot's rule with "match_rms_adamw".

Biases and other vectors have no singular values. PyTorch refuses them and the paper hands them to AdamW: so does this
member, at the same rate, with β1 = momentum. The second moment is kept for matrices too, so that a switch to Adam
finds it.
"""

from __future__ import annotations

import numpy as np

from ..kernel import (
    COLUMNS,
    GW,
    HYPER,
    INNER,
    ROWS,
    SCRATCH,
    SLOTS,
    Address,
    N,
    Row,
    W,
    cell,
    get,
    get64,
    helper,
    kernel,
    least,
    most,
    put,
)
from ..kernel.arrays import padded
from ..registry import Param
from ..simd import LANES, VECTOR_BYTES, load, splat, sqrt, store, store4_at, store_four, total, total4
from ..simd.products import products4, weighted4
from .base import Optimizer, unbiased

_A, _B, _C = 3.4445, -4.7750, 2.0315
_STEPS = 5
_SMALLEST_NORM = 1e-7


@helper
def _gram(x: Address, n_rows: int, width: int, gram: Address, gram_width: int) -> None:
    """gram = x xᵀ.

    Args:
        x: n_rows rows, one after the other.
        n_rows: How many, a multiple of 4.
        width: Vectors of a row.
        gram: Receives n_rows rows of gram_width vectors.
        gram_width: Vectors of one of its rows.
    """
    zero = splat(np.float32(0.0))
    for i in range(n_rows):
        for j in range(0, n_rows, 4):
            left, right = x + VECTOR_BYTES * i * width, x + VECTOR_BYTES * j * width
            s0, s1, s2, s3 = products4(zero, zero, zero, zero, left, 1, right, width, 1, width)
            store4_at(gram, i * gram_width * LANES + j, total4(s0, s1, s2, s3))


@helper
def _polynomial(x: Address, n_rows: int, width: int, factor: Address, gram_width: int, result: Address) -> None:
    """result = a x + factor x, four rows at a time.

    Args:
        x: n_rows rows of `width` vectors.
        n_rows: How many, a multiple of 4.
        width: Vectors of a row.
        factor: n_rows rows of gram_width vectors.
        gram_width: Vectors of one of its rows.
        result: Receives rows like those of x.
    """
    for i in range(0, n_rows, 4):
        weights = factor + VECTOR_BYTES * i * gram_width
        for k in range(width):
            at = i * width + k
            s0, s1 = load(x, at) * _A, load(x, at + width) * _A
            s2, s3 = load(x, at + 2 * width) * _A, load(x, at + 3 * width) * _A
            s0, s1, s2, s3 = weighted4(
                s0, s1, s2, s3, weights, LANES * gram_width, 1, x + VECTOR_BYTES * k, width, n_rows
            )
            store_four(result + VECTOR_BYTES * at, width, s0, s1, s2, s3)


@helper
def _orthogonal(
    x: Address, other: Address, gram: Address, factor: Address, n_rows: int, width: int, gram_width: int
) -> Address:
    """Newton-Schulz: x ← a x + (b x xᵀ + c (x xᵀ)²) x, five times.

    Args:
        x: n_rows rows of `width` vectors; overwritten.
        other: Room for as much again.
        gram: Room for n_rows rows of gram_width vectors.
        factor: Room for as much.
        n_rows: How many rows, a multiple of 4.
        width: Vectors of a row.
        gram_width: Vectors of a row of the products.

    Returns:
        Where the result lies: x or other.
    """
    squares = 0.0
    for i in range(n_rows * width):
        v = load(x, i)
        squares += np.float64(total(v * v))
    norm = np.sqrt(squares)
    scale = np.float32(1.0 / (norm if norm > _SMALLEST_NORM else _SMALLEST_NORM))
    for i in range(n_rows * width):
        store(x, i, load(x, i) * scale)
    for _ in range(_STEPS):
        source, into, length = x, gram, width
        for _ in range(2):
            _gram(source, n_rows, length, into, gram_width)
            source, into, length = gram, factor, gram_width
        for i in range(n_rows * gram_width):
            store(factor, i, load(gram, i) * _B + load(factor, i) * _C)
        _polynomial(x, n_rows, width, factor, gram_width, other)
        x, other = other, x
    return x


@helper
def _averages(row: Row) -> None:
    """Both moments take in the gradient."""
    gw, first, second, hyper = cell(row, GW), cell(row, SLOTS), cell(row, SLOTS + 1), cell(row, HYPER)
    new1, new2 = np.float32(1.0 - get64(hyper, 2)), np.float32(1.0 - get64(hyper, 5))
    keep2 = np.float32(get64(hyper, 5))
    for i in range(cell(row, N)):
        g, m = load(gw, i), load(first, i)
        store(first, i, m + (g - m) * new1)
        store(second, i, load(second, i) * keep2 + g * g * new2)


@helper
def _vector(row: Row) -> None:
    """AdamW."""
    w, first, second, hyper = cell(row, W), cell(row, SLOTS), cell(row, SLOTS + 1), cell(row, HYPER)
    t = get64(hyper, 1)
    decay = np.float32(get64(hyper, 0) * get64(hyper, 3))
    rate = np.float32(get64(hyper, 0) / unbiased(get64(hyper, 2), t))
    root = np.float32(1.0 / np.sqrt(unbiased(get64(hyper, 5), t)))
    eps = np.float32(get64(hyper, 6))
    for i in range(cell(row, N)):
        weight = load(w, i)
        store(w, i, weight - weight * decay - load(first, i) * rate / (sqrt(load(second, i)) * root + eps))


@helper
def _matrix(row: Row, n_in: int, n_out: int) -> None:
    """The orthogonal step of a matrix; how it lies in memory says `kernel.cells.INNER`."""
    w, gw, first, hyper = cell(row, W), cell(row, GW), cell(row, SLOTS), cell(row, HYPER)
    run = most(1, cell(row, INNER))
    short, long = least(n_in, n_out), most(n_in, n_out)
    # Rows in fours and columns in sixteens, zero past the matrix, so that the products leave no remainders.
    n_rows, width = (short + 3) // 4 * 4, (long + (LANES - 1)) // LANES
    gram_width = (n_rows + (LANES - 1)) // LANES
    x = cell(row, SCRATCH)
    other = x + VECTOR_BYTES * n_rows * width
    gram = other + VECTOR_BYTES * n_rows * width
    factor = gram + VECTOR_BYTES * n_rows * gram_width
    zero = splat(np.float32(0.0))
    for i in range(n_rows * (width + width + gram_width + gram_width)):
        store(x, i, zero)
    momentum = np.float32(get64(hyper, 2))
    along_in, along_out = (1, LANES * width) if n_in > n_out else (LANES * width, 1)
    for a in range(n_in // run):
        for o in range(n_out):
            for b in range(run):
                at = (a * n_out + o) * run + b
                g = get(gw, at)
                u = g + (get(first, at) - g) * momentum
                put(x, (a * run + b) * along_in + o * along_out, u)
    x = _orthogonal(x, other, gram, factor, n_rows, width, gram_width)
    scale = np.sqrt(n_out / n_in) if n_out > n_in else 1.0
    if get64(hyper, 4) == 1.0:
        scale = 0.2 * np.sqrt(np.float64(long))
    decay = np.float32(get64(hyper, 0) * get64(hyper, 3))
    rate = np.float32(get64(hyper, 0) * scale)
    for a in range(n_in // run):
        for o in range(n_out):
            for b in range(run):
                at = (a * n_out + o) * run + b
                u = get(x, (a * run + b) * along_in + o * along_out)
                weight = get(w, at)
                put(w, at, weight - weight * decay - rate * u)


@kernel
def step(row: Row) -> None:
    """w -= η s orthogonal(g + μ (m - g)) for matrices, AdamW's step for vectors."""
    _averages(row)
    if cell(row, COLUMNS):
        _matrix(row, cell(row, ROWS), cell(row, COLUMNS))
    else:
        _vector(row)


def scratch(rows: int, columns: int) -> int:
    """Floats of working memory for a matrix: twice itself and twice its smaller Gram matrix, padded."""
    n_rows = (min(rows, columns) + 3) // 4 * 4
    return 2 * n_rows * (padded(max(rows, columns)) + padded(n_rows))


MUON = Optimizer(
    name="muon",
    title="Muon",
    summary="Momentum made orthogonal, one matrix at a time: all directions move equally far.",
    formula="m ← μ m + (1-μ) g;  w ← (1 - η λ) w - η √max(1, out/in) · orthogonal((1-μ) g + μ m)",
    paper="Jordan et al. 2024, kellerjordan.github.io/posts/muon; Liu et al. 2025, arXiv:2502.16982",
    params=(
        Param(
            name="momentum",
            default=0.95,
            low=0.0,
            high=1.0,
            open_high=True,
            summary="Share of the mean gradient kept.",
        ),
        Param(name="weight_decay", default=0.1, low=0.0, high=1e3, scale="log", summary="Decay, times the rate."),
        Param(
            name="adjust_lr_fn",
            default="original",
            choices=("original", "match_rms_adamw"),
            summary="How the rate depends on the shape of the matrix.",
        ),
        Param(
            name="beta2",
            default=0.999,
            low=0.0,
            high=1.0,
            open_high=True,
            summary="For vectors such as biases: share of the mean square kept.",
        ),
        Param(
            name="eps",
            default=1e-8,
            low=1e-15,
            high=1.0,
            scale="log",
            summary="For vectors such as biases: keeps the divisor away from zero.",
        ),
    ),
    step=step,
    slots=("first_moment", "second_moment"),
    usual_rate=0.02,
    adaptive=True,
    corrected=(("first_moment", "momentum"), ("second_moment", "beta2")),
    averaged=("first_moment", "second_moment"),
    per_tensor=True,
    scratch=scratch,
)
