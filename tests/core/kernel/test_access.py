"""Reading, writing and calling by address, from within a kernel."""

import platform

import numpy as np
import pytest

from dltui.core.kernel import (
    EXTRA,
    PARTS,
    RESULT,
    X,
    Y,
    call,
    cell,
    flush_denormals,
    get,
    get64,
    kernel,
    on_stack,
    put,
    put64,
    set_cell,
)
from dltui.core.kernel.arrays import aligned
from dltui.core.kernel.row import StandaloneRow

two_vectors = on_stack(2)


@kernel
def turned_around(row):
    y, held = cell(row, Y), two_vectors()
    set_cell(row, EXTRA, held)
    for k in range(32):
        put(held, k, get(y, k))
    for k in range(32):
        put(y, k, get(held, 31 - k))


@kernel
def add_one(row):
    put(cell(row, Y), 0, get(cell(row, Y), 0) + np.float32(1.0))


@kernel
def through_all(row):
    x, y, result = cell(row, X), cell(row, Y), cell(row, RESULT)
    put(y, 1, get(x, 2) * np.float32(2.0))
    put64(result, 1, get64(result, 0) + 0.1)
    set_cell(row, EXTRA + 1, cell(row, EXTRA) * 3)
    call(cell(row, PARTS), row)
    call(cell(row, PARTS), row)


@kernel
def halve(row):
    put(cell(row, Y), 0, get(cell(row, X), 0) * np.float32(0.5))


@kernel
def halve_flushed(row):
    state = flush_denormals(-1)
    call(cell(row, PARTS), row)
    flush_denormals(state)


def test_memory_is_read_and_written_and_kernels_are_called():
    x, y, result = aligned(16), aligned(16), np.array([1.0, 0.0])
    x[2], y[0] = 4.0, 10.0
    row = StandaloneRow().set(x=x, y=y, result=result, extra=7, parts=add_one.address)
    row.run(through_all)
    assert y[:2].tolist() == [12.0, 8.0]
    assert result[1] == 1.1
    assert row.cells[EXTRA + 1] == 21


def test_a_kernel_has_room_of_its_own_at_a_cache_line():
    y = aligned(32)
    y[:] = range(32)
    row = StandaloneRow().set(y=y)
    row.run(turned_around)
    assert y.tolist() == list(range(31, -1, -1))
    assert row.cells[EXTRA] % 64 == 0


@pytest.mark.skipif(platform.machine().lower() not in ("x86_64", "amd64"), reason="not run: x86 alone has the switch")
def test_denormals_are_flushed_while_asked():
    x, y = aligned(16), aligned(16)
    x[0] = np.finfo(np.float32).tiny
    row = StandaloneRow().set(x=x, y=y, parts=halve.address)
    for kernel_run, flushed in ((halve, False), (halve_flushed, True), (halve, False)):
        row.run(kernel_run)
        assert (y[0] == 0.0) == flushed
