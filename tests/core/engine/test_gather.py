"""Samples are copied into the lanes of the batch: sixteen side by side, classes spread over outputs, the rest 0."""

from __future__ import annotations

import numpy as np
import pytest

from dltui.core.engine.gather import EngineData, gather, set_batch
from dltui.core.kernel import CONTROL_CELLS, N_ROWS, N_VECTORS, STRIDE, compiled
from dltui.core.kernel.arrays import aligned, from_lanes
from dltui.core.simd import LANES
from dltui.core.simd.types import VOID


@compiled(VOID, 7)
def fetch(data: int, control: int, order: int, first: int, n: int, x: int, target: int) -> None:
    """One batch, as the loops fetch it."""
    set_batch(data, control, x, target, n)
    gather(data, order, first, n, x, target, 3)


class Batch:
    """Buffers of three vectors a unit, for up to 48 samples."""

    def __init__(self, data: EngineData, n_outputs: int) -> None:
        self.data, self.n_outputs = data, n_outputs
        self.x, self.target = (aligned(n * 3 * LANES) for n in (data.x.shape[1], n_outputs))
        self.control = np.zeros(CONTROL_CELLS, np.int64)
        self.control[STRIDE] = 3

    def fetch(self, first: int, n: int, order: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        where = 0 if order is None else order.ctypes.data
        buffers = self.x.ctypes.data, self.target.ctypes.data
        fetch(self.data.address, self.control.ctypes.data, where, first, n, *buffers)
        return from_lanes(self.x, n, self.data.x.shape[1]), from_lanes(self.target, n, self.n_outputs)


RNG = np.random.default_rng(5)
X = RNG.normal(size=(50, 4)).astype(np.float32)
VALUES = RNG.normal(size=(50, 2)).astype(np.float32)
CLASSES = RNG.integers(0, 3, 50)


@pytest.mark.parametrize(("first", "n"), [(0, 1), (0, 16), (0, 17), (7, 40), (2, 48)])
def test_rows_are_taken_in_their_own_order(first: int, n: int) -> None:
    x, y = Batch(EngineData(X, VALUES, 2), 2).fetch(first, n)
    np.testing.assert_array_equal(x, X[first : first + n])
    np.testing.assert_array_equal(y, VALUES[first : first + n])


def test_rows_are_taken_in_the_order_of_the_epoch() -> None:
    order = RNG.permutation(50)
    x, y = Batch(EngineData(X, VALUES, 2), 2).fetch(20, 25, order)
    np.testing.assert_array_equal(x, X[order[20:45]])
    np.testing.assert_array_equal(y, VALUES[order[20:45]])


@pytest.mark.parametrize("n_columns", [15, 16, 17, 40])
@pytest.mark.parametrize("n", [16, 31, 48])
def test_wide_rows_are_turned_sixteen_at_a_time(n_columns: int, n: int) -> None:
    wide, order = RNG.normal(size=(50, n_columns)).astype(np.float32), RNG.permutation(50)
    batch = Batch(EngineData(wide, VALUES, 2), 2)
    np.testing.assert_array_equal(batch.fetch(2, n)[0], wide[2 : 2 + n])
    np.testing.assert_array_equal(batch.fetch(2, n, order)[0], wide[order[2 : 2 + n]])
    batch.fetch(0, 3, order)
    assert not batch.x.reshape(n_columns, -1)[:, 3:n].any()


def test_classes_are_spread_over_their_outputs() -> None:
    _, y = Batch(EngineData(X, CLASSES, 3), 3).fetch(3, 30)
    np.testing.assert_array_equal(y, np.eye(3, dtype=np.float32)[CLASSES[3:33]])


def test_two_classes_that_share_an_output_stay_numbers() -> None:
    data = EngineData(X, CLASSES % 2, 2, single=True)
    _, y = Batch(data, 1).fetch(0, 20)
    np.testing.assert_array_equal(y[:, 0], CLASSES[:20] % 2)
    assert (data.n_targets, EngineData(X, CLASSES, 3).n_targets, EngineData(X, VALUES, 2).n_targets) == (1, 3, 2)


def test_lanes_a_larger_batch_filled_are_emptied() -> None:
    batch = Batch(EngineData(X, VALUES, 2), 2)
    batch.fetch(0, 40)
    assert batch.control[[N_ROWS, N_VECTORS]].tolist() == [40, 3]
    batch.fetch(40, 10)
    assert batch.control[[N_ROWS, N_VECTORS]].tolist() == [10, 1]
    for buffer in (batch.x, batch.target):
        assert not buffer.reshape(-1, 3 * LANES)[:, 10:].any()


def test_pictures_are_read_as_rows_and_data_without_targets_as_inputs_alone() -> None:
    data = EngineData(np.zeros((5, 2, 3, 4), np.float32))
    assert data.x.shape == (5, 24) and len(data) == 5 and data.n_targets == 0 and data.spreads.size == 0


def test_the_spread_of_targets_is_what_r2_divides_by() -> None:
    y = np.c_[VALUES, np.full(50, 0.1, np.float32)]
    expected = 50 * np.var(VALUES.astype(np.float64), axis=0)
    assert EngineData(X, y, 3).spreads == pytest.approx([*expected, 0.0], rel=1e-6)
