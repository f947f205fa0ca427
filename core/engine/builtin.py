"""A changed activation fading in: a = share·old + (1 - share)·new over a number of steps.

The row names two complete rows of activations, which write to buffers of their own; this one mixes them.
"""

from __future__ import annotations

import numpy as np

from ..kernel import BACKWARD, CONTROL, DX, DY, EXTRA, FORWARD, STEP, N, Y, call, cell, helper, kernel
from ..simd import fma, load, splat, store

OLD, NEW, FIRST, STEPS = EXTRA, EXTRA + 1, EXTRA + 2, EXTRA + 3
"""Cells: addresses of the two rows, step of the change, steps it takes."""


@helper
def share_of_old(row):  # type: ignore[no-untyped-def]
    """1 at the step of the change, falling to 0 after `STEPS` steps."""
    past = cell(cell(row, CONTROL), STEP) - cell(row, FIRST)
    steps = cell(row, STEPS)
    return 1.0 - past / steps if past < steps else 0.0


@kernel
def forward(row):  # type: ignore[no-untyped-def]
    """A = share·f_old(z) + (1 - share)·f_new(z)."""
    old, new, y = cell(row, OLD), cell(row, NEW), cell(row, Y)
    call(cell(new, FORWARD), new)
    share = share_of_old(row)
    a = cell(new, Y)
    if share <= 0.0:
        for i in range(cell(row, N)):
            store(y, i, load(a, i))
        return
    call(cell(old, FORWARD), old)
    b, portion = cell(old, Y), splat(np.float32(share))
    for i in range(cell(row, N)):
        v = load(a, i)
        store(y, i, fma(portion, load(b, i) - v, v))


@kernel
def backward(row):  # type: ignore[no-untyped-def]
    """Dz = share·f_old'(z) da + (1 - share)·f_new'(z) da."""
    old, new, dx, dy = cell(row, OLD), cell(row, NEW), cell(row, DX), cell(row, DY)
    share = share_of_old(row)
    d_old, d_new = cell(old, DY), cell(new, DY)
    for i in range(cell(row, N)):
        g = load(dy, i)
        store(d_old, i, g)
        store(d_new, i, g)
    call(cell(new, BACKWARD), new)
    if share <= 0.0:
        for i in range(cell(row, N)):
            store(dx, i, load(d_new, i))
        return
    call(cell(old, BACKWARD), old)
    portion = splat(np.float32(share))
    for i in range(cell(row, N)):
        v = load(d_new, i)
        store(dx, i, fma(portion, load(d_old, i) - v, v))


BLEND = (forward, backward)
