"""Sums over the samples of many vectors against NumPy, at the borders of panels and tiles."""

import numpy as np
import pytest

from dltui.core.kernel import CONTROL, DY, EXTRA, GW, N_IN, N_ROWS, N_VECTORS, SCRATCH, STRIDE, X, cell, kernel
from dltui.core.kernel.arrays import aligned, padded, to_lanes, vectors_for
from dltui.core.kernel.row import StandaloneRow
from dltui.core.simd import LANES
from dltui.core.simd.lane_sums import PANEL, fill_panel, store_lane_sums


@kernel
def over_lanes(row):
    control, n, panel = cell(row, CONTROL), cell(row, EXTRA), cell(row, SCRATCH)
    stride, n_vectors = cell(control, STRIDE), cell(control, N_VECTORS)
    fill_panel(panel, cell(row, DY), stride, n, n_vectors)
    store_lane_sums(cell(row, GW), n, cell(row, X), stride, cell(row, N_IN), panel, n, n_vectors, cell(control, N_ROWS))


@pytest.mark.parametrize("n", [1, 9, 16, 17, 31, 32])
@pytest.mark.parametrize("n_inputs", [1, 4, 7, 9])
@pytest.mark.parametrize("n_rows", [1, 15, 17, 32, 33, 95])
def test_sums_over_the_lanes_of_many_vectors(n, n_inputs, n_rows):
    rng = np.random.default_rng(n)
    stride = vectors_for(n_rows) + 1
    dy, x = rng.normal(size=(n_rows, n)), rng.normal(size=(n_rows, n_inputs))
    gw, panel = aligned(padded(n * n_inputs) + LANES), aligned(PANEL * LANES * stride * LANES)
    gw[:], panel[:] = 7.0, np.nan
    row = StandaloneRow(n_rows, stride).set(gw=gw, scratch=panel, n_in=n_inputs, extra=n)
    row.set(dy=to_lanes(dy, stride), x=to_lanes(x, stride, padding=1e3)).run(over_lanes)
    np.testing.assert_allclose(gw[: n * n_inputs].reshape(n_inputs, n), x.T @ dy, rtol=1e-4, atol=1e-4)
    assert (gw[n * n_inputs :] == 7.0).all()
