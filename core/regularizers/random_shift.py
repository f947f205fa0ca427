"""Shifts every training picture by up to so many pixels each way: what is learned holds wherever a thing stands.

Keras's `RandomTranslation` and torchvision's `RandomAffine(translate=…)`, in pixels. Parts of a pixel are bilinear, and
the border goes on where the picture has left it.
"""

from __future__ import annotations

import numpy as np

from ..kernel import CONTROL, HYPER, N_ROWS, ROW_INDEX, SEED, STEP, Row, cell, get64, kernel
from ..kernel.pictures import move_picture
from ..kernel.random import SHIFT, hash64, mix, unit_number
from ..registry import Param
from .base import Regularizer


@kernel
def on_batch(row: Row) -> None:
    """x[i, j] = x[i + a, j + b], with a and b uniform in (-s, s)."""
    control = cell(row, CONTROL)
    most = get64(cell(row, HYPER), 1)
    key = hash64(cell(control, SEED), SHIFT, cell(control, STEP), cell(row, ROW_INDEX))
    for sample in range(cell(control, N_ROWS)):
        down = most * (2.0 * unit_number(mix(key, np.uint64(2 * sample))) - 1.0)
        across = most * (2.0 * unit_number(mix(key, np.uint64(2 * sample + 1))) - 1.0)
        move_picture(row, sample, (1.0, 0.0, 0.0, 1.0), (down, across))


RANDOM_SHIFT = Regularizer(
    name="random_shift",
    title="Random shift",
    summary="Shifts every training picture a little, so that it does not matter where a thing stands.",
    formula="x[i, j] ← x[i + a, j + b], a, b uniform in (-s, s)",
    paper="Simard, Steinkraus, Platt 2003, doi:10.1109/ICDAR.2003.1227801",
    strength=Param(
        name="random_shift", default=0.0, low=0.0, high=1000.0, summary="Most pixels up or down, left or right."
    ),
    order=5,
    on_batch=on_batch,
    of_pictures=True,
)
