"""Rows of the engine's own: an activation fading into another, the gradient as it was, the average of the weights.

They belong to no family: nobody chooses them by name, they follow from what else is chosen.
"""

from __future__ import annotations

import numpy as np

from ..kernel import (
    BACKWARD,
    CONTROL,
    DX,
    DY,
    EXTRA,
    FORWARD,
    GW,
    HYPER,
    STEP,
    N,
    Row,
    W,
    Y,
    call,
    cell,
    get64,
    helper,
    kernel,
    put64,
)
from ..simd import fma, load, splat, store

OLD, NEW, FIRST, STEPS = EXTRA, EXTRA + 1, EXTRA + 2, EXTRA + 3
"""Cells of a blend: addresses of the two rows, step of the change, steps it takes."""


@helper
def share_of_old(row: Row) -> float:
    """1 at the step of the change, falling to 0 after `STEPS` steps."""
    past = cell(cell(row, CONTROL), STEP) - cell(row, FIRST)
    steps = cell(row, STEPS)
    return 1.0 - past / steps if past < steps else 0.0


@kernel
def blend(row: Row) -> None:
    """Mix the values: a = share·f_old(z) + (1 - share)·f_new(z)."""
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
def blend_backward(row: Row) -> None:
    """Mix the gradients: dz = share·f_old'(z) da + (1 - share)·f_new'(z) da."""
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


BLEND = (blend, blend_backward)
"""A changed activation fading in over a number of steps. The row names two complete rows of activations, which write to
buffers of their own; these mix them."""


@kernel
def keep_gradient(row: Row) -> None:
    """Keep the gradient as it is before the hooks change it."""
    w, g = cell(row, W), cell(row, GW)
    for i in range(cell(row, N)):
        store(w, i, load(g, i))


N_AVERAGED, EVERY, DECAY, WAITED = 1, 2, 3, 4
"""Numbers of an average's HYPER after the learning rate."""


@kernel
def average(row: Row) -> None:
    """Take the weights into their average, every so many steps.

    Mathematics: avg += (w - avg) / (n + 1), or with a decay d > 0: avg = d avg + (1 - d) w; the first average is a copy
    of the weights, as in `torch.optim.swa_utils.AveragedModel`.

    Paper: equal weights: Izmailov et al. 2018, arXiv:1803.05407; exponential: Polyak, Juditsky 1992.
    """
    hyper = cell(row, HYPER)
    waited = get64(hyper, WAITED) + 1.0
    if waited < get64(hyper, EVERY):
        put64(hyper, WAITED, waited)
        return
    put64(hyper, WAITED, 0.0)
    n, decay = get64(hyper, N_AVERAGED), get64(hyper, DECAY)
    put64(hyper, N_AVERAGED, n + 1.0)
    share = 1.0 / (n + 1.0)
    if decay > 0.0 and n > 0.0:
        share = 1.0 - decay
    w, averaged = cell(row, W), cell(row, GW)
    portion = splat(np.float32(share))
    for i in range(cell(row, N)):
        a = load(averaged, i)
        store(averaged, i, fma(portion, load(w, i) - a, a))
