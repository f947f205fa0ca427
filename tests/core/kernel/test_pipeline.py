"""Helpers are compiled into the kernels that use them, each as itself."""

import numpy as np

from dltui.core.kernel import X, Y, cell, get, helper, kernel, put
from dltui.core.kernel.arrays import aligned
from dltui.core.kernel.jit import compile_kernel
from dltui.core.kernel.row import StandaloneRow


@helper
def twice(x, k):
    return get(x, k) * np.float32(2.0)


@helper
def thrice(x, k):
    return get(x, k) * np.float32(3.0)


@helper
def six_times(x, k):
    return twice(x, k) * np.float32(3.0)


@kernel
def both(row):
    x, y = cell(row, X), cell(row, Y)
    put(y, 0, twice(x, 0))
    put(y, 1, thrice(x, 0))
    put(y, 2, six_times(x, 0))


def test_helpers_of_one_signature_are_told_apart():
    x, y = aligned(16), aligned(16)
    x[0] = 5.0
    StandaloneRow().set(x=x, y=y).run(both)
    assert list(y[:4]) == [10.0, 15.0, 30.0, 0.0]


def test_a_kernel_is_inlined_into_its_entry():
    made = compile_kernel(both.function, cache=False)
    defined = [line for line in made.inspect_llvm().splitlines() if line.startswith("define")]
    assert len(defined) == 1
    assert "@cfunc." in defined[0]
