"""Averages of the weights over time, as rows after the optimizer.

Equal weights: Izmailov et al. 2018, arXiv 1803.05407; exponential: Polyak and Juditsky 1992. Both as in
`torch.optim.swa_utils.AveragedModel`: the first average is a copy of the weights.
"""

from __future__ import annotations

import numpy as np

from ..kernel import GW, HYPER, N, W, cell, get64, kernel, put64
from ..simd import fma, load, splat, store

N_AVERAGED, EVERY, DECAY, WAITED = 1, 2, 3, 4
"""Numbers of the row's HYPER after the learning rate."""


@kernel
def average(row):  # type: ignore[no-untyped-def]
    """Avg += (w - avg) / (n + 1), or with a decay d > 0: avg = d avg + (1 - d) w; every so many steps."""
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
