"""The dense layer at the borders of its tiles: batches that fill one vector or more, widths beside 4, 8 and 16."""

from __future__ import annotations

import numpy as np
import pytest

from dltui.core.conformance.layer_run import LayerRun
from dltui.core.layers.dense import DENSE

WIDTHS = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33)


@pytest.mark.parametrize("n_rows", [1, 7, 8, 9, 12, 13, 16, 17, 40])
def test_the_products_are_those_of_matrices(n_rows: int) -> None:
    rng = np.random.default_rng(n_rows)
    for n_in in WIDTHS:
        for n_out in WIDTHS:
            layer = LayerRun(DENSE, (n_in,), {"units": n_out}, n_rows)
            x, dy = rng.normal(size=(n_rows, n_in)), rng.normal(size=(n_rows, n_out))
            weight, bias = rng.normal(size=(n_out, n_in)), rng.normal(size=n_out)
            got = layer.passes({"x": x, "dy": dy, "weight": weight, "bias": bias})
            wanted = {"y": x @ weight.T + bias, "dx": dy @ weight, "dweight": dy.T @ x, "dbias": dy.sum(axis=0)}
            for name, array in wanted.items():
                np.testing.assert_allclose(got[name], array, atol=2e-5, err_msg=f"{name} of {n_in} to {n_out}")
