"""A table under construction: rows in their sections, numbered for good, pointing at what stays alive."""

from __future__ import annotations

import gc

import numpy as np

from dltui.core.engine import loops as engine
from dltui.core.engine.table import SECTION_ROWS, TableBuilder, numbers
from dltui.core.kernel import BACKWARD, CONTROL, CONTROL_CELLS, FORWARD, GW, HYPER, ROW_INDEX, STRIDE, N, W
from dltui.core.kernel.arrays import aligned
from dltui.core.simd import FLOAT_BYTES, LANES


def table(stride: int = 3) -> TableBuilder:
    control = np.zeros(CONTROL_CELLS, np.int64)
    control[STRIDE] = stride
    return TableBuilder(control, aligned(160), aligned(160))


def test_rows_stand_in_the_order_of_their_sections_whatever_the_order_they_were_made_in() -> None:
    made = table()
    for section, forward in ((engine.OPTIMIZER, 5), (engine.LAYERS, 1), (engine.LOSS, 3), (engine.LAYERS, 2)):
        made.row(section, forward, backward=10 * forward)
    rows, bounds = made.build()
    assert rows[:, FORWARD].tolist() == [1, 2, 3, 5]
    assert rows[:, BACKWARD].tolist() == [10, 20, 30, 50]
    assert len(bounds) == engine.N_SECTIONS + 1
    for section in range(engine.N_SECTIONS):
        expected = {engine.LAYERS: 2, engine.LOSS: 1, engine.OPTIMIZER: 1}.get(section, 0)
        assert bounds[section + 1] - bounds[section] == expected
    assert (rows[:, CONTROL] == made.control.ctypes.data).all()


def test_the_number_of_a_row_keys_its_random_numbers_and_never_changes() -> None:
    made = table()
    assert SECTION_ROWS == 1000
    assert [int(made.row(section, 1)[ROW_INDEX]) for section in (1, 1, 6, 1)] == [1000, 1001, 6000, 1002]


def test_a_row_over_weights_points_into_the_flat_arrays() -> None:
    made = table()
    row = made.weights_row(engine.OPTIMIZER, 1, numbers([0.1, 2.0]), (32, 96))
    assert row[W] == made.weights.ctypes.data + 32 * FLOAT_BYTES
    assert row[GW] == made.gradients.ctypes.data + 32 * FLOAT_BYTES
    assert row[N] == (96 - 32) // LANES


def test_what_a_row_points_at_lives_as_long_as_the_table() -> None:
    made = table()
    rows = [made.weights_row(engine.OPTIMIZER, 1, numbers([float(k)] * 100), (0, 16)) for k in range(50)]
    gc.collect()
    _ = [np.full(100, -1.0) for _ in range(200)]  # would take the place of what was let go
    for k, row in enumerate(rows):
        kept = next(array for array in made._keep if array.ctypes.data == row[HYPER])
        assert (kept == k).all()


def test_values_have_room_for_every_sample_of_every_unit() -> None:
    made = table(stride=3)
    assert made.values((4, 5)).size == 4 * 5 * 3 * LANES
    assert made.values((7,)).ctypes.data % 64 == 0


def test_numbers_are_at_least_one() -> None:
    assert numbers([]).tolist() == [0.0]
    assert numbers([1, 2.5]).tolist() == [1.0, 2.5] and numbers([1]).dtype == np.float64
