"""What the stages of a network do, measured by running them: values on the training data, statistics, activations.

The compiled kernels themselves are run, so whatever a member computes is what is measured.
"""

from __future__ import annotations

from dataclasses import replace
from math import prod

import numpy as np

from ..activations.base import Activation
from ..config import Config
from ..kernel import STEP, TRAIN
from ..kernel.arrays import aligned, from_lanes, to_lanes, vectors_for
from ..kernel.row import StandaloneRow
from ..registry import Settings, kernel_numbers
from ..simd import LANES
from . import loops as engine
from .gather import EngineData
from .memory import Memory
from .network import Network
from .program import Program

BLOCK = 256
"""Rows of a block."""
MOST = 1 << 22
"""Most numbers kept of one stage: wide layers are measured on fewer rows."""
MOST_WORK = 1 << 32
"""Most rows times weights of one measurement: large networks are measured on fewer rows."""


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
    passed = network.stages[:stop]
    widest = max([units, *(prod(stage.output) for stage in passed)])
    n_weights = sum(span.size for stage in passed for span in stage.weights)
    rows = x[: max(2, min(MOST // widest, max(BLOCK, MOST_WORK // max(n_weights, 1))))]
    flat = np.ascontiguousarray(rows.reshape(len(rows), -1), np.float32)
    if stop == 0:
        return flat.astype(np.float64)
    part = replace(network, stages=network.stages[:stop], n_outputs=units)
    program = _program(part, config, arrays)
    program.control[STEP] = step
    outputs = np.zeros(len(rows) * units, np.float32)
    _run(program, flat, 0, len(flat), outputs, units)
    return outputs.reshape(len(rows), units).astype(np.float64)


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
    """Compute the kept statistics of batch normalization again: the mean over all blocks of the training data.

    As `torch.optim.swa_utils.update_bn` does for any momentum; `arrays[1]` is overwritten.
    """
    weights, buffers = arrays
    if not buffers.size or not len(x):
        return
    stages = [
        replace(stage, settings={**stage.settings, "momentum": 1.0}) if stage.normalizes == "batch" else stage
        for stage in network.stages
    ]
    measured = aligned(buffers.size)
    measured[:] = buffers
    program = _program(replace(network, stages=tuple(stages)), config, (weights, measured))
    program.control[[TRAIN, STEP]] = 1, step
    flat = np.ascontiguousarray(x.reshape(len(x), -1), np.float32)
    sums, n = np.zeros(buffers.size, np.float64), 0
    for first in range(0, len(flat), BLOCK):
        last = min(first + BLOCK, len(flat))
        if n and last - first == 1:
            break  # One sample has no variance.
        _run(program, flat, first, last, np.zeros(0, np.float32), 0)
        sums += measured
        n += 1
    buffers[:] = sums / n


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
    engine.run_rows(*program.addresses, data.address, first, last, outputs.ctypes.data, n_outputs, sums.ctypes.data)
