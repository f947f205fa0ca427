"""What the stages of a network do, measured by running them: values on the training data, statistics, activations.

The compiled kernels themselves are run, so whatever a member computes is what is measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod

import numpy as np

from ..activations.base import Activation
from ..config import Config
from ..kernel import STEP
from ..kernel.arrays import aligned, from_lanes, to_lanes, vectors_for
from ..kernel.row import StandaloneRow
from ..registry import Settings, kernel_numbers
from ..simd import LANES
from . import loops
from .gather import EngineData
from .memory import Memory
from .network import Network, Stage
from .program import Program

BLOCK = 256
"""Rows of a block."""
LEAST_ROWS = 64
"""Rows that are measured in any case, where there are so many."""
MOST_VALUES = 1 << 20
"""Most numbers kept of one stage: wide layers are measured on fewer rows."""
MOST_WORK = 1 << 30
"""Most multiplications of one measurement: large networks are measured on fewer rows."""


def values_before(
    network: Network, config: Config, arrays: tuple[np.ndarray, np.ndarray], stop: int, x: np.ndarray, step: int = 0
) -> np.ndarray:
    """What stage number `stop` is given when evaluating: float64 (n, units), for as many rows as there is room for.

    Args:
        network: The stages.
        config: Settings of the loss.
        arrays: Flat weights and kept statistics.
        stop: Number of the stage; the number of stages for the outputs of the last.
        x: Scaled inputs.
        step: Step for stages that depend on it.
    """
    shape = network.stages[stop].input if stop < len(network.stages) else network.stages[-1].output
    units = prod(shape)
    rows = x[: _n_rows(network.stages[:stop], units)]
    flat = np.ascontiguousarray(rows.reshape(len(rows), -1), np.float32)
    if stop == 0:
        return flat.astype(np.float64)
    part = replace(network, stages=network.stages[:stop], n_outputs=units)
    program = _program(part, config, arrays)
    program.control[STEP] = step
    outputs = np.zeros(len(rows) * units, np.float32)
    _run(program, flat, 0, len(flat), outputs, units)
    return outputs.reshape(len(rows), units).astype(np.float64)


def _n_rows(stages: Sequence[Stage], units: int) -> int:
    """Rows on which stages are measured of which so many units are kept: it must take little memory and little time."""
    work = sum(span.size * prod(stage.output[1:]) for stage in stages for span in stage.weights)
    return max(LEAST_ROWS, min(MOST_VALUES // units, MOST_WORK // max(work, 1)))


def stage_values(
    network: Network, config: Config, arrays: tuple[np.ndarray, np.ndarray], index: int, x: np.ndarray, step: int = 0
) -> np.ndarray:
    """What one stage makes of values it is given, when evaluating: float64 (n, units).

    Args:
        network: The stages.
        config: Settings of the loss.
        arrays: Flat weights and kept statistics.
        index: Number of the stage.
        x: Values (n, units) it is given.
        step: Step for stages that depend on it.
    """
    stage = network.stages[index]
    return values_before(replace(network, stages=(stage,)), config, arrays, 1, x, step)


def batch_statistics(
    network: Network, config: Config, arrays: tuple[np.ndarray, np.ndarray], x: np.ndarray, step: int
) -> None:
    """Measure the kept statistics of batch normalization; `arrays[1]` is overwritten.

    They are those of one batch of all training rows, whatever their order: mean and unbiased variance of what a
    normalization is given while those before it use that batch's. So does `torch.optim.swa_utils.update_bn` with such a
    batch, but for dropout, which is off here as it is when the network answers. One normalization after the other, the
    rows go through in blocks.
    """
    weights, buffers = arrays
    measured = aligned(buffers.size)
    measured[:] = buffers
    for index, stage in enumerate(network.stages):
        if stage.normalizes == "batch":
            mean, squares, n = _moments(network, config, (weights, measured), index, x, step)
            if n > 1:
                for span, values, kept in zip(
                    stage.buffers, (mean, squares / n), (mean, squares / (n - 1)), strict=True
                ):
                    span.write(measured, values)
                    span.write(buffers, kept)


def _moments(
    network: Network, config: Config, arrays: tuple[np.ndarray, np.ndarray], index: int, x: np.ndarray, step: int
) -> tuple[np.ndarray, np.ndarray, int]:
    """(mean, sum of squared distances from it, values) of every channel that a stage is given, over all rows.

    Blocks are put together as Chan, Golub and LeVeque (1983) do, so that nothing is lost between distant ones.
    """
    shape = network.stages[index].input
    flat = np.ascontiguousarray(x.reshape(len(x), -1), np.float32)
    program = None
    if index:
        part = replace(network, stages=network.stages[:index], n_outputs=prod(shape))
        program = _program(part, config, arrays)
        program.control[STEP] = step
    mean, squares, n = np.zeros(shape[0]), np.zeros(shape[0]), 0
    for first in range(0, len(flat), BLOCK):
        values = flat[first : first + BLOCK]
        if program is not None:
            outputs = np.zeros(len(values) * prod(shape), np.float32)
            _run(program, flat, first, first + len(values), outputs, prod(shape))
            values = outputs
        columns = np.moveaxis(values.reshape(-1, shape[0], prod(shape[1:])), 1, 2).reshape(-1, shape[0])
        columns = columns.astype(np.float64)
        added = len(columns)
        off = columns.mean(axis=0) - mean
        squares += columns.var(axis=0) * added + off**2 * (n * added / (n + added))
        mean += off * (added / (n + added))
        n += added
    return mean, squares, n


def activation_values(member: Activation, settings: Settings, z: np.ndarray) -> np.ndarray:
    """An activation at the points z (n,): float64 (n,)."""
    stride = vectors_for(len(z))
    x, y, learned = to_lanes(z[:, None].astype(np.float32), stride), aligned(stride * LANES), aligned(LANES)
    learned[: len(member.learned)] = [param.default for param in member.learned]
    row = StandaloneRow(len(z), stride, train=0)
    row.set(x=x, y=y, w=learned, n=stride, n_in=1, n_out=1, extra=1, params=kernel_numbers(member.params, settings))
    row.run(member.forward)
    return from_lanes(y, len(z), 1)[:, 0]


def _program(network: Network, config: Config, arrays: tuple[np.ndarray, np.ndarray]) -> Program:
    memory = Memory(0, 0)
    memory.weights, memory.buffers = arrays
    return Program(network, config, memory, BLOCK, train=False)


def _run(program: Program, flat: np.ndarray, first: int, last: int, outputs: np.ndarray, n_outputs: int) -> None:
    data, sums = EngineData(flat), np.zeros(3, np.float64)
    loops.run_rows(*program.addresses, data.address, first, last, outputs.ctypes.data, n_outputs, sums.ctypes.data)
