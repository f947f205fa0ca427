"""Contract of an optimizer.

The kernel gets a row over a stretch of the flat weights: `W` weights, `GW` gradients, `N` vectors of 16 floats,
`SLOTS` and the cells after it the addresses of the state arrays in the order of `slots`, `HYPER` the address of
float64 [learning rate, t, settings in the order of `params` ...] where t counts this optimizer's steps from 1. With
`per_tensor` the row is one tensor, `ROWS` and `COLUMNS` the inputs and outputs of its matrix (0 columns for a vector),
and `INNER` how they lie (see `kernel.cells`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..kernel import Kernel, helper
from ..registry import Param, Settings


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """One way to turn a gradient into a step."""

    name: str
    """Key in presets: "adam"."""
    title: str
    """Name for people."""
    summary: str
    """One line for the picker."""
    formula: str
    """In plain text."""
    paper: str
    """Authors, year and identifier, or "common practice"."""
    params: tuple[Param, ...] = ()
    """Settings, in the order in which kernels read them."""
    step: Kernel
    """Updates weights and state in place."""
    slots: tuple[str, ...] = ()
    """State arrays by meaning: "velocity", "first_moment", "second_moment", "squared_sum", "squared_update" …"""
    usual_rate: float = 0.01
    """The learning rate people start with."""
    adaptive: bool = False
    """Whether the size of a step does not depend on the size of the gradient."""
    rate_gain: str = ""
    """Name of the setting β for which a steady gradient is amplified by 1/(1-β); "" for none."""
    corrected: tuple[tuple[str, str], ...] = ()
    """(slot, β setting): slots that hold m(1-β^t)-biased averages, which a switch corrects."""
    divided_by: tuple[tuple[str, Callable[[Settings, int], float]], ...] = ()
    """(slot, (settings, t) -> number): what its step divides a slot by after t steps, where that is not the share of
    `corrected`. It tells what a slot is worth to the optimizer itself, where one of its settings is changed."""
    averaged: tuple[str, ...] = ()
    """Slots that hold averages (1-β)·x, as against sums."""
    per_tensor: bool = False
    """Whether it is called once per tensor instead of once for all weights."""
    scratch: Callable[[int, int], int] | None = None
    """(ROWS, COLUMNS) -> floats of working memory at cell `SCRATCH`; None for none. Rows may share it."""
    torch: str = ""
    """The same step in PyTorch, `weights` and `rate` given, settings in braces; "" where PyTorch has none."""
    torch_slots: tuple[tuple[str, str], ...] = ()
    """(slot, what PyTorch calls it)."""
    torch_carries: bool = True
    """Whether these and the count of steps are all of the state that PyTorch has."""


@helper
def unbiased(beta: float, t: float) -> float:
    """1 - β^t: the share of a running average that is not its start at zero.

    Mathematics: β^t by repeated squaring, in a third of the time of the library's power; β^t ≤ exp(-t (1-β)), which
    past an exponent of 40 is negligible beside 1 and is not computed.
    """
    power, square, bits = 1.0, beta, np.int64(t)
    if t * (1.0 - beta) > 40.0:
        return 1.0
    while bits:
        power *= square if bits & 1 else 1.0
        square *= square
        bits >>= 1
    return 1.0 - power
