"""The products of matrices against NumPy: sums over units, and sums over samples."""

import numpy as np
import pytest

from dltui.core.kernel import DY, EXTRA, GB, GW, W, X, Y, cell, kernel
from dltui.core.kernel.arrays import aligned, flat, padded, to_lanes
from dltui.core.kernel.row import StandaloneRow
from dltui.core.simd import LANES, load, store, store_four
from dltui.core.simd.products import (
    products4,
    store_products,
    store_sums,
    transposed8,
    transposed16,
    weighted4,
)


@kernel
def weighted(row):
    y, n = cell(row, Y), cell(row, EXTRA)
    a, b, c, d = load(y, 0), load(y, 1), load(y, 2), load(y, 3)
    a, b, c, d = weighted4(a, b, c, d, cell(row, W), n, 1, cell(row, X), 2, n)
    store_four(y, 1, a, b, c, d)


@kernel
def lane_by_lane(row):
    y, n = cell(row, Y), cell(row, EXTRA)
    a, b, c, d = load(y, 0), load(y, 1), load(y, 2), load(y, 3)
    a, b, c, d = products4(a, b, c, d, cell(row, X), 1, cell(row, DY), n, 1, n)
    store_four(y, 1, a, b, c, d)


@kernel
def transpose(row):
    x, y = cell(row, X), cell(row, Y)
    eight = transposed8(x, 1, cell(row, EXTRA))
    for k in range(8):
        store(y, k, eight[k])
    sixteen = transposed16(x, 1, cell(row, EXTRA))
    for k in range(16):
        store(y, 8 + k, sixteen[k])


@kernel
def over_samples(row):
    n, n_source, n_rows = cell(row, EXTRA), cell(row, EXTRA + 1), cell(row, EXTRA + 2)
    if n <= 8:
        eight = transposed8(cell(row, DY), 1, n)
        store_sums(cell(row, GB), eight, n)
        store_products(cell(row, GW), n, eight, n, cell(row, X), 1, n_source, n_rows)
    else:
        sixteen = transposed16(cell(row, DY), 1, n)
        store_sums(cell(row, GB), sixteen, n)
        store_products(cell(row, GW), n, sixteen, n, cell(row, X), 1, n_source, n_rows)


@pytest.mark.parametrize("n", [0, 1, 7])
def test_four_sums_of_weighted_vectors(n):
    rng = np.random.default_rng(n)
    start, x, weights = rng.normal(size=(4, 16)), rng.normal(size=(2 * n + 1, 16)), rng.normal(size=(4, n))
    y = flat(start)
    StandaloneRow().set(y=y, x=flat(x), w=flat(weights), extra=n).run(weighted)
    np.testing.assert_allclose(y.reshape(4, 16), start + weights @ x[: 2 * n : 2], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("n", [0, 1, 7])
def test_four_sums_of_products_lane_by_lane(n):
    rng = np.random.default_rng(n)
    start, x, dy = rng.normal(size=(4, 16)), rng.normal(size=(n, 16)), rng.normal(size=(4, n, 16))
    y = flat(start)
    StandaloneRow().set(y=y, x=flat(x), dy=flat(dy), extra=n).run(lane_by_lane)
    np.testing.assert_allclose(y.reshape(4, 16), start + (x * dy).sum(axis=1), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("n", [3, 8, 16])
def test_transposed_vectors(n):
    x = np.arange(256.0).reshape(16, 16)
    y = aligned(24 * LANES)
    StandaloneRow().set(x=flat(x), y=y, extra=n).run(transpose)
    repeated = x[np.minimum(np.arange(16), n - 1)]
    np.testing.assert_array_equal(y[: 8 * LANES].reshape(16, 8), repeated[:8].T)
    np.testing.assert_array_equal(y[8 * LANES :].reshape(16, 16), repeated.T)


@pytest.mark.parametrize("n", [1, 5, 8, 9, 16])
@pytest.mark.parametrize("n_source", [1, 4, 6])
@pytest.mark.parametrize("n_rows", [1, 12, 13, 16])
def test_sums_over_samples(n, n_source, n_rows):
    rng = np.random.default_rng(n)
    dy, x = rng.normal(size=(n_rows, n)), rng.normal(size=(n_rows, n_source))
    gw, gb = aligned(padded(n * n_source) + LANES), aligned(2 * LANES)
    gw[:] = gb[:] = 7.0
    row = StandaloneRow(n_rows).set(dy=to_lanes(dy, 1), x=to_lanes(x, 1, padding=1e3), gw=gw, gb=gb)
    row.cells[EXTRA : EXTRA + 3] = n, n_source, n_rows
    row.run(over_samples)
    np.testing.assert_allclose(gw[: n * n_source].reshape(n_source, n), x.T @ dy, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(gb[:n], dy.sum(axis=0), rtol=1e-4, atol=1e-4)
    assert (gw[n * n_source :] == 7.0).all() and (gb[n:] == 7.0).all()
