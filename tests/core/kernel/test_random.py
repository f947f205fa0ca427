"""Numbers as a function of seed, purpose, step and index: the same in NumPy and in kernels, evenly spread."""

from __future__ import annotations

import numpy as np
import pytest

from dltui.core.kernel import compiled, random, set_cell
from dltui.core.kernel.arrays import aligned
from dltui.core.simd import store
from dltui.core.simd.types import VOID


@compiled(VOID, 5)
def hashes(out: int, n: int, seed: int, purpose: int, step: int) -> None:
    """The 64 bits of the first n indices, as kernels draw them."""
    for i in range(n):
        set_cell(out, i, np.int64(random.hash64(seed, purpose, step, i)))


@compiled(VOID, 4)
def vectors(uniform: int, normal: int, n: int, seed: int) -> None:
    """n vectors of each kind under one key."""
    key = random.hash64(seed, 3, 7, 0)
    for k in range(n):
        store(uniform, k, random.uniform16(key, k))
        store(normal, k, random.normal16(key, k))


def drawn(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    uniform, normal = aligned(16 * n), aligned(16 * n)
    vectors(uniform.ctypes.data, normal.ctypes.data, n, seed)
    return uniform, normal


@pytest.mark.parametrize("numbers", [(0, 1, 0), (3, random.DROPOUT, 12345), (2**63 - 1, random.NOISE, 2**40)])
def test_kernels_and_numpy_draw_the_same_bits(numbers: tuple[int, int, int]) -> None:
    found = np.empty(100, np.int64)
    hashes(found.ctypes.data, 100, *numbers)
    assert np.array_equal(found.view(np.uint64), random.bits(*numbers, 100))


def test_every_number_depends_on_all_four() -> None:
    base = (5, random.DATA, 9)
    bits = random.bits(*base, 1000)
    assert len(np.unique(bits)) == 1000
    for moved in ((6, random.DATA, 9), (5, random.DATA + 1, 9), (5, random.DATA, 10)):
        other = random.bits(*moved, 1000)
        assert not np.intersect1d(bits, other).size
        assert abs(np.unpackbits((bits ^ other).view(np.uint8)).mean() - 0.5) < 0.01


def test_numbers_may_be_drawn_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = random.uniform(1, random.INITIAL, 2, 100)
    assert np.array_equal(whole[30:70], random.uniform(1, random.INITIAL, 2, 40, start=30))
    normal = random.normal(1, random.INITIAL, 2, 100)
    monkeypatch.setattr(random, "_BLOCK", 7)
    assert np.array_equal(random.uniform(1, random.INITIAL, 2, 100), whole)
    assert np.array_equal(random.normal(1, random.INITIAL, 2, 100), normal)


def moments(values: np.ndarray, mean: float, variance: float, fourth: float) -> None:
    """First, second and fourth moment within five standard errors."""
    n = len(values)
    deviation = variance**0.5
    assert abs(values.mean() - mean) < 5 * deviation / n**0.5
    assert abs(values.var() - variance) < 5 * variance * ((fourth - 1) / n) ** 0.5
    assert abs(((values - mean) ** 4).mean() / variance**2 - fourth) < 0.1


@pytest.mark.parametrize("seed", [0, 1])
def test_uniform_numbers_fill_the_open_interval_evenly(seed: int) -> None:
    for values in (random.uniform(seed, random.ORDER, 0, 200_000), drawn(12_500, seed)[0].astype(np.float64)):
        assert 0 < values.min() < 1e-4 and 1 - 1e-4 < values.max() < 1
        moments(values, 0.5, 1 / 12, 1.8)
        counts = np.bincount((values * 64).astype(int), minlength=64)
        assert ((counts - 3125) ** 2 / 3125).sum() < 120, "chi squared with 63 degrees of freedom"


@pytest.mark.parametrize("seed", [0, 1])
def test_normal_numbers_are_standard_normal(seed: int) -> None:
    for values in (random.normal(seed, random.NOISE, 0, 200_000), drawn(12_500, seed)[1].astype(np.float64)):
        moments(values, 0.0, 1.0, 3.0)
        assert 4 < np.abs(values).max() < 6.5
        assert (np.abs(values) < 1).mean() == pytest.approx(0.6827, abs=0.005)


def test_neighbors_know_nothing_of_each_other() -> None:
    uniform, normal = drawn(12_500, 4)
    for values in (uniform.astype(np.float64) - 0.5, normal.astype(np.float64)):
        values = values / values.std()
        for lag in (1, 2, 15, 16, 17, 32):
            assert abs((values[:-lag] * values[lag:]).mean()) < 5 / len(values) ** 0.5, lag
