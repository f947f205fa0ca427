"""The functions of the vector type against double precision: how far off they are, and what they do with extremes."""

from __future__ import annotations

from collections.abc import Callable
from math import erf

import numpy as np
import pytest

from dltui.core import simd
from dltui.core.kernel import Kernel, N, X, Y, cell, kernel, random, set_cell
from dltui.core.kernel.arrays import flat
from dltui.core.kernel.row import StandaloneRow
from dltui.core.simd import load, store


@kernel
def _exp(row: int) -> None:
    for i in range(cell(row, N)):
        store(cell(row, Y), i, simd.exp(load(cell(row, X), i)))


@kernel
def _log(row: int) -> None:
    for i in range(cell(row, N)):
        store(cell(row, Y), i, simd.log(load(cell(row, X), i)))


@kernel
def _tanh(row: int) -> None:
    for i in range(cell(row, N)):
        store(cell(row, Y), i, simd.tanh(load(cell(row, X), i)))


@kernel
def _erf(row: int) -> None:
    for i in range(cell(row, N)):
        store(cell(row, Y), i, simd.erf(load(cell(row, X), i)))


@kernel
def _sigmoid(row: int) -> None:
    for i in range(cell(row, N)):
        store(cell(row, Y), i, simd.sigmoid(load(cell(row, X), i)))


@kernel
def _log1p_exp(row: int) -> None:
    for i in range(cell(row, N)):
        store(cell(row, Y), i, simd.log1p_exp(load(cell(row, X), i)))


@kernel
def _uniform(row: int) -> None:
    key = random.hash64(7, random.NOISE, 3, 0)
    for i in range(cell(row, N)):
        store(cell(row, Y), i, random.uniform16(key, i))


@kernel
def _normal(row: int) -> None:
    key = random.hash64(7, random.NOISE, 3, 0)
    for i in range(cell(row, N)):
        store(cell(row, Y), i, random.normal16(key, i))


@kernel
def _bits(row: int) -> None:
    for i in range(cell(row, N)):
        set_cell(cell(row, Y), i, random.hash64(5, 2, 9, i))


def _run(function: Kernel, values: np.ndarray) -> np.ndarray:
    x, y = flat(values), flat(np.zeros(values.size))
    StandaloneRow().set(x=x, y=y, n=x.size // 16).run(function)
    return y


def _double_sigmoid(x: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-x))


LINE = np.linspace(-1.0, 1.0, 16 * 8192)
CASES: dict[str, tuple[Kernel, Callable[[np.ndarray], np.ndarray], np.ndarray, float]] = {
    "exp": (_exp, np.exp, 87.0 * LINE, 1.0),
    "log": (_log, np.log, np.exp(80.0 * LINE), 2.5),
    "tanh": (_tanh, np.tanh, 12.0 * LINE, 5.0),
    "erf": (_erf, np.vectorize(erf), 5.0 * LINE, 6.0),
    "sigmoid": (_sigmoid, _double_sigmoid, 80.0 * LINE, 3.0),
    "log1p_exp": (_log1p_exp, lambda x: np.logaddexp(0.0, x), 80.0 * LINE, 4.0),
}
"""Name -> (kernel, truth, where, largest error in units of the last place)."""


@pytest.mark.parametrize("name", CASES)
def test_functions_are_right_to_the_last_places(name: str, note: Callable[..., None]) -> None:
    function, truth, x, bound = CASES[name]
    x = x.astype(np.float32)
    exact = truth(x.astype(np.float64))
    normal = np.abs(exact) > np.finfo(np.float32).tiny
    errors = np.abs(_run(function, x) - exact)[normal] / np.spacing(np.abs(exact[normal]).astype(np.float32))
    note("simd", name, ulp=errors.max())
    assert errors.max() <= bound


@pytest.mark.parametrize(
    ("name", "infinity", "minus"),
    [("exp", np.inf, 0.0), ("log", np.inf, np.nan), ("tanh", 1.0, -1.0), ("erf", 1.0, -1.0), ("sigmoid", 1.0, 0.0)],
)
def test_extremes_and_nan(name: str, infinity: float, minus: float) -> None:
    x = np.resize(np.array([np.nan, np.inf, -np.inf], np.float32), 16)
    y = _run(CASES[name][0], x)
    assert np.isnan(y[0])
    assert y[1] == pytest.approx(infinity, abs=2e-7)
    assert y[2] == pytest.approx(minus, abs=2e-7, nan_ok=True)


def test_random_lanes_are_uniform_and_normal() -> None:
    n = 16 * 20_000
    u, z = (_run(function, np.zeros(n)).astype(np.float64) for function in (_uniform, _normal))
    assert u.min() > 0.0
    assert u.max() < 1.0
    assert np.histogram(u, bins=20, range=(0, 1))[0] == pytest.approx(n / 20, rel=0.03)
    assert np.abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 0.01
    moments = [z.mean(), z.std(), (z**3).mean(), (z**4).mean()]
    assert moments == pytest.approx([0.0, 1.0, 0.0, 3.0], abs=0.06)
    assert np.unique(u).size > 0.95 * n


def test_kernels_and_numpy_draw_the_same_bits() -> None:
    found = np.zeros(64, np.int64)
    StandaloneRow().set(y=found, n=64).run(_bits)
    assert np.array_equal(found.view(np.uint64), random.bits(5, 2, 9, 64))
    assert not np.array_equal(random.bits(5, 2, 9, 64), random.bits(5, 2, 10, 64))
