"""A muted unit: from here on it says nothing, in training and in answers, and what it has learned waits.

It is a hook of its own behind the layer, one for each unit, and belongs to no family: nobody chooses it by a strength.
"""

from __future__ import annotations

import numpy as np

from ..kernel import DX, DY, EXTRA, N_OUT, PARAMS, Address, N, Row, X, Y, cell, get64, helper, kernel
from ..registry import Param
from ..regularizers.base import Regularizer
from ..simd import load, splat, store


@helper
def _without(row: Row, source: Address, into: Address) -> None:
    """All values but those of one unit, or of one channel."""
    of_one = cell(row, N) // cell(row, N_OUT) * cell(row, EXTRA)
    first = int(get64(cell(row, PARAMS), 0)) * of_one
    if source != into:
        for i in range(cell(row, N)):
            store(into, i, load(source, i))
    zero = splat(np.float32(0.0))
    for i in range(first, first + of_one):
        store(into, i, zero)


@kernel
def forward(row: Row) -> None:
    """a = 0 for the unit."""
    _without(row, cell(row, X), cell(row, Y))


@kernel
def backward(row: Row) -> None:
    """dz = 0 for the unit."""
    _without(row, cell(row, DY), cell(row, DX))


MUTE = Regularizer(
    name="mute",
    title="Muted unit",
    summary="Says nothing.",
    formula="a_k = 0",
    paper="common practice",
    strength=Param(name="mute", default=0.0, low=0.0, high=1e9, summary="Which unit, counted from 0."),
    on_hidden=(forward, backward),
)
"""What stands behind a layer for each of its muted units; its setting is the number of the unit."""
