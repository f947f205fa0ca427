"""Kernels and loops: compiled when first needed and once, known by a name that no other function has."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from dltui.core.kernel import Kernel, N, Y, bytecode_size, cell, compiled, helper, kernel, kernels_of, put
from dltui.core.kernel.row import StandaloneRow
from dltui.core.simd.types import INT


@helper
def square(x: float) -> float:
    """A helper."""
    return x * x


@kernel
def squares(row: int) -> None:
    """y[i] = i²."""
    for i in range(cell(row, N)):
        put(cell(row, Y), i, square(float(i)))


@kernel
def zeros(row: int) -> None:
    """y[i] = 0."""
    for i in range(cell(row, N)):
        put(cell(row, Y), i, np.float32(0.0))


def test_a_kernel_is_compiled_when_its_address_is_asked_for_and_once() -> None:
    fresh = Kernel(squares.function)
    assert not fresh.compiled and fresh.name == f"{__name__}.squares" and fresh.__doc__ == "y[i] = i²."
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(fresh.address)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fresh.compiled and len(found) == 4 and len(set(found)) == 1
    y = np.full(4, 9.0, np.float32)
    StandaloneRow().set(y=y, n=3).run(fresh)
    assert y.tolist() == [0.0, 1.0, 4.0, 9.0]


def test_the_size_of_a_function_counts_its_helpers_at_each_use() -> None:
    def uses_it_twice(row: int) -> None:
        put(cell(row, Y), 0, square(2.0))

    alone = len(zeros.function.__code__.co_code)
    assert bytecode_size(zeros.function) == alone
    inside = len(square.py_func.__code__.co_code)  # type: ignore[attr-defined]
    assert bytecode_size(squares.function) == len(squares.function.__code__.co_code) + inside
    assert bytecode_size(uses_it_twice) == len(uses_it_twice.__code__.co_code) + inside


def test_the_kernels_of_a_member_are_found_in_its_record() -> None:
    @dataclass(frozen=True)
    class Record:
        name: str
        step: Kernel
        pair: tuple[Kernel, Kernel] | None
        none: Kernel | None = None

    assert kernels_of(Record("a", zeros, (squares, zeros))) == [zeros, squares, zeros]
    assert kernels_of(Record("a", zeros, None)) == [zeros]


@compiled(INT, 2)
def add(a: int, b: int) -> int:
    """a + b."""
    return a + b


def test_a_loop_is_compiled_for_its_signature_when_it_is_first_called() -> None:
    assert add.name == f"{__name__}.add" and add.__doc__ == "a + b."
    assert add(2, 3) == 5 and add.compiled
    assert add.prepare() is add.prepare()
    assert add(2**40, 2**41) == 3 * 2**40
