"""The dense layer at the borders of its tiles: batches that fill one vector or more, widths beside 4, 8 and 16."""

from __future__ import annotations

import numpy as np
import pytest

from dltui.core.conformance.layer_run import LayerRun
from dltui.core.layers.dense import DENSE

WIDTHS = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33)
WIDE = ((130, 20), (300, 49), (7, 130), (1024, 64))


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


@pytest.mark.parametrize("n_rows", [17, 40, 300])
@pytest.mark.parametrize(("n_in", "n_out"), WIDE)
def test_the_products_of_wide_layers_are_those_of_matrices(n_in: int, n_out: int, n_rows: int) -> None:
    rng = np.random.default_rng(n_rows)
    x, dy = rng.normal(size=(n_rows, n_in)), rng.normal(size=(n_rows, n_out))
    weight, bias = rng.normal(size=(n_out, n_in)), rng.normal(size=n_out)
    got = LayerRun(DENSE, (n_in,), {"units": n_out}, n_rows, spare=1).passes(
        {"x": x, "dy": dy, "weight": weight, "bias": bias}
    )
    wanted = {"y": x @ weight.T + bias, "dx": dy @ weight, "dweight": dy.T @ x, "dbias": dy.sum(axis=0)}
    for name, array in wanted.items():
        np.testing.assert_allclose(got[name], array, atol=2e-4, err_msg=name)


def fused(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """a b + c in float32, rounded once: the product of two float32 is exact in float64."""
    result: np.ndarray = (a.astype(np.float64) * b + c).astype(np.float32)
    return result


@pytest.mark.parametrize(("n_in", "n_out", "n_rows"), [(5, 8, 17), (130, 36, 40), (300, 33, 100), (36, 300, 300)])
def test_every_sum_takes_its_terms_in_one_order(n_in: int, n_out: int, n_rows: int) -> None:
    """However a product is cut into blocks and tiles, its bits are those of a plain loop."""
    rng = np.random.default_rng(n_rows)
    x, dy = (rng.normal(size=(n_rows, n)).astype(np.float32) for n in (n_in, n_out))
    weight, bias = (rng.normal(size=shape).astype(np.float32) for shape in ((n_out, n_in), (n_out,)))
    got = LayerRun(DENSE, (n_in,), {"units": n_out}, n_rows).passes({"x": x, "dy": dy, "weight": weight, "bias": bias})
    y, dx = np.tile(bias, (n_rows, 1)), np.zeros_like(x)
    for i in range(n_in):
        y = fused(weight[:, i], x[:, i, None], y)
    for o in range(n_out):
        dx = fused(weight[o], dy[:, o, None], dx)
    np.testing.assert_array_equal(got["y"], y)
    np.testing.assert_array_equal(got["dx"], dx)
    # A gradient of a weight is sixteen sums over every sixteenth sample, added up in pairs.
    lanes = [np.zeros((n_out, n_in), np.float32) for _ in range(16)]
    for s in range(n_rows):
        lanes[s % 16] = fused(dy[s, :, None], x[s], lanes[s % 16])
    while len(lanes) > 1:
        lanes = [a + b for a, b in zip(lanes[::2], lanes[1::2], strict=True)]
    tiles = np.s_[: n_out // 4 * 4, : n_in // 4 * 4]
    np.testing.assert_array_equal(got["dweight"][tiles], lanes[0][tiles])
