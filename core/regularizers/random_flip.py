"""Mirrors a share of the training pictures left to right: torchvision's `RandomHorizontalFlip`.

Only for things that may face either way: a mirrored digit is no digit.
"""

from __future__ import annotations

import numpy as np

from ..kernel import CONTROL, HYPER, N_ROWS, ROW_INDEX, SEED, STEP, Row, cell, get64, kernel
from ..kernel.pictures import move_picture
from ..kernel.random import FLIP, hash64, mix, unit_number
from ..registry import Param
from .base import Regularizer


@kernel
def on_batch(row: Row) -> None:
    """x[i, j] = x[i, W - 1 - j] for a sample whose uniform number is below p."""
    control = cell(row, CONTROL)
    share = get64(cell(row, HYPER), 1)
    key = hash64(cell(control, SEED), FLIP, cell(control, STEP), cell(row, ROW_INDEX))
    for sample in range(cell(control, N_ROWS)):
        if unit_number(mix(key, np.uint64(sample))) < share:
            move_picture(row, sample, (1.0, 0.0, 0.0, -1.0), (0.0, 0.0))


RANDOM_FLIP = Regularizer(
    name="random_flip",
    title="Random flip",
    summary="Mirrors some of the training pictures, for things that may face either way.",
    formula="x[i, j] ← x[i, W - 1 - j] with probability p",
    paper="common practice (Krizhevsky, Sutskever, Hinton 2012, §4.1)",
    strength=Param(
        name="random_flip", default=0.0, low=0.0, high=1.0, summary="Share of the pictures that is mirrored."
    ),
    order=7,
    on_batch=on_batch,
    of_pictures=True,
)
