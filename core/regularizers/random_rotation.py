"""Turns every training picture about its center by up to so many degrees, either way.

torchvision's `RandomRotation` with bilinear interpolation, but the border goes on where the picture has left it.
"""

from __future__ import annotations

import numpy as np

from ..kernel import CONTROL, HYPER, N_ROWS, ROW_INDEX, SEED, STEP, Row, cell, get64, kernel
from ..kernel.pictures import move_picture
from ..kernel.random import ROTATION, hash64, mix, unit_number
from ..registry import Param
from .base import Regularizer

_DEGREE = np.pi / 180.0


@kernel
def on_batch(row: Row) -> None:
    """x at a place = x at the place turned by an angle uniform in (-s, s)."""
    control = cell(row, CONTROL)
    most = get64(cell(row, HYPER), 1) * _DEGREE
    key = hash64(cell(control, SEED), ROTATION, cell(control, STEP), cell(row, ROW_INDEX))
    for sample in range(cell(control, N_ROWS)):
        angle = most * (2.0 * unit_number(mix(key, np.uint64(sample))) - 1.0)
        along, aside = np.cos(angle), np.sin(angle)
        move_picture(row, sample, (along, -aside, aside, along), (0.0, 0.0))


RANDOM_ROTATION = Regularizer(
    name="random_rotation",
    title="Random rotation",
    summary="Turns every training picture a little, so that it does not matter how a thing leans.",
    formula="x at p ← x at R(a) p from the center, a uniform in (-s, s)",
    paper="Simard, Steinkraus, Platt 2003, doi:10.1109/ICDAR.2003.1227801",
    strength=Param(name="random_rotation", default=0.0, low=0.0, high=180.0, summary="Most degrees, either way."),
    order=6,
    on_batch=on_batch,
    of_pictures=True,
)
