"""How large a network may be: counted from its plan, so that nothing is allocated for one that is too large.

A weight takes several numbers (gradient, optimizer's state, copies to return to), and every unit one for each sample of
a batch, in the pass forward and in the pass back. Either can fill the memory without the other.
"""

from __future__ import annotations

from math import prod

from ..errors import ConfigError
from ..simd import LANES
from .network import Network
from .program import stride_of

MAX_VALUES = 1 << 28
"""Most values of units and their gradients in one batch: 1 GiB."""


def n_values(network: Network, batch: int, *, train: bool) -> int:
    """Numbers a program needs for the samples of a batch (see `Program`)."""
    units, has_gradient = prod(network.stages[0].input) + network.n_outputs, False
    for stage in network.stages:
        if not stage.runs:
            continue
        size = prod(stage.output)
        units += size
        if train and not (stage.elementwise and has_gradient):
            units, has_gradient = units + size, True
        if stage.plan is not None:
            units += stage.plan.scratch_units
        if stage.earlier is not None:
            units += 4 * size
    if not train:
        units += network.n_outputs
    return units * stride_of(batch) * LANES


def check_values(network: Network, batch: int, block: int) -> None:
    """Refuse a network whose values would fill the memory.

    Args:
        network: Its plan.
        batch: Samples of a step.
        block: Samples that are evaluated at once.

    Raises:
        ConfigError: There are more than `MAX_VALUES`; says how many.
    """
    for rows, train in ((block, False), (batch, True)):
        count = n_values(network, rows, train=train)
        if count > MAX_VALUES:
            field, doing, or_else = ("training.batch_size", "training on", " or samples") if train else (
                "network", "evaluating", "")  # fmt: skip
            raise ConfigError(
                f"is too large: {doing} {rows} samples at once takes {count:,} values",
                field=field,
                allowed=f"at most {MAX_VALUES:,} values, so fewer units{or_else}",
            )
