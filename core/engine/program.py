"""Stages -> a table of rows over flat arrays: the network as the engine sees it.

Each switch makes another table; only the arrays in `Memory` live on. A training program has all sections, an evaluation
program only layers and loss, over the same weights.
"""

from __future__ import annotations

from math import prod

import numpy as np

from ..config import Config
from ..kernel import (
    BACKWARD,
    BATCH,
    CONTROL_CELLS,
    DX,
    DY,
    EXTRA,
    FORWARD,
    GB,
    GW,
    N_IN,
    N_OUT,
    N_ROWS,
    PARAMS,
    PARTS,
    RESULT,
    SCRATCH,
    SEED,
    STATE,
    STRIDE,
    TARGET,
    TRAIN,
    B,
    N,
    W,
    X,
    Y,
)
from ..kernel.arrays import vectors_for
from ..registry import kernel_numbers
from ..simd import FLOAT_BYTES, LANES
from . import loops
from .builtin import BLEND
from .memory import Memory
from .network import Blend, Network, Stage
from .table import TableBuilder, numbers
from .updates import Updates


def stride_of(batch: int) -> int:
    """Vectors from one unit to the next: odd for large batches, so that units do not fall into the same cache lines."""
    n_vectors = vectors_for(batch)
    return n_vectors if n_vectors < 8 else n_vectors | 1


class Program:
    """A table, and the buffers its rows work in.

    Args:
        network: Stages and layout.
        config: In force.
        memory: The arrays the rows change.
        batch: Most samples at a time.
        train: Whether to add the rows of a training step.
        class_weights: float32 (classes,) for the loss; None for equal weights.
        averaged: Whether to work on the averaged weights.
    """

    def __init__(
        self,
        network: Network,
        config: Config,
        memory: Memory,
        batch: int,
        *,
        train: bool,
        class_weights: np.ndarray | None = None,
        averaged: bool = False,
    ) -> None:
        self._network, self._config, self._memory, self._train = network, config, memory, train
        self.control = np.zeros(CONTROL_CELLS, np.int64)
        self.control[[STRIDE, TRAIN, SEED, BATCH]] = stride_of(batch), int(train), config.training.seed, batch
        self._weights = memory.average if averaged else memory.weights
        self._rows = TableBuilder(self.control, self._weights, memory.gradients)
        self.outputs: list[np.ndarray] = []
        """Output buffer of each stage."""
        self._gradients: list[np.ndarray] = []
        inputs, target = self._rows.values(network.stages[0].input), self._rows.values((network.n_outputs,))
        self._inputs = inputs
        self._stage_rows(inputs)
        self._loss_row(target, class_weights)
        self._updates = Updates(self._rows, network, config, memory, inputs, target) if train else None
        self.table, self.bounds = self._rows.build()
        self.addresses = tuple(array.ctypes.data for array in (self.table, self.bounds, self.control))
        """Where those three lie."""

    def _stage_rows(self, x: np.ndarray) -> None:
        gradient = np.zeros(0, np.float32)
        for stage in self._network.stages:
            if stage.runs:
                before, y = gradient, self._rows.values(stage.output)
                if self._train and not (stage.elementwise and before.size):
                    gradient = self._rows.values(stage.output)
                self._stage_row(stage, x, y, before, gradient)
                x = y
            self.outputs.append(x)
            self._gradients.append(gradient)

    def _stage_row(self, stage: Stage, x: np.ndarray, y: np.ndarray, dx: np.ndarray, dy: np.ndarray) -> None:
        forward, backward = stage.kernels
        row = self._rows.row(loops.LAYERS, forward.address, backward.address if self._train else 0)
        row[[X, Y]] = x.ctypes.data, y.ctypes.data
        if self._train:
            row[[DX, DY]] = dx.ctypes.data if dx.size else 0, dy.ctypes.data
            if stage.elementwise and not dx.size:
                row[DX] = row[DY]
        row[[N_IN, N_OUT, N]] = prod(stage.input), prod(stage.output), prod(stage.output) * self._rows.stride
        row[PARAMS] = self._rows.keep(numbers(kernel_numbers(stage.member.params, stage.settings)))
        for span, at, gradient_at in zip(stage.weights, (W, B), (GW, GB), strict=False):
            row[at] = self._weights.ctypes.data + FLOAT_BYTES * span.offset
            row[gradient_at] = self._memory.gradients.ctypes.data + FLOAT_BYTES * span.offset
        if stage.buffers:
            row[STATE] = self._memory.buffers.ctypes.data + FLOAT_BYTES * stage.buffers[0].offset
        if stage.plan is not None:
            if stage.plan.scratch_units:
                row[SCRATCH] = self._rows.values((stage.plan.scratch_units,)).ctypes.data
            row[EXTRA : EXTRA + len(stage.plan.cells)] = stage.plan.cells
            row[PARTS : PARTS + len(stage.parts)] = [part.address for part in stage.parts]
        else:
            # Pixels of a channel, for hooks that treat channels as wholes.
            row[EXTRA] = prod(stage.input[1:])
        if stage.earlier is not None:
            self._blend_row(row, stage, stage.earlier)

    def _blend_row(self, row: np.ndarray, stage: Stage, blend: Blend) -> None:
        """Turn the row of an activation into a row that mixes it with the one it follows."""
        member, settings = blend.activation, blend.settings
        new, old = row.copy(), row.copy()
        old[[FORWARD, BACKWARD]] = member.forward.address, member.backward.address if self._train else 0
        old[PARAMS] = self._rows.keep(numbers(kernel_numbers(member.params, settings)))
        if member.learned:
            # What it learned stays as it was; its gradient goes nowhere.
            kept = np.array([settings.get(param.name, param.default) for param in member.learned], np.float32)
            old[W], old[GW] = self._rows.keep(kept), self._rows.keep(np.zeros_like(kept))
        for sub in (old, new):
            values, gradient = self._rows.values(stage.output), self._rows.values(stage.output)
            sub[[Y, DX, DY]] = values.ctypes.data, gradient.ctypes.data, gradient.ctypes.data
        row[[FORWARD, BACKWARD]] = BLEND[0].address, BLEND[1].address if self._train else 0
        row[EXTRA : EXTRA + 4] = self._rows.keep(old), self._rows.keep(new), blend.first_step, blend.n_steps

    def _loss_row(self, target: np.ndarray, class_weights: np.ndarray | None) -> None:
        loss, n_outputs = self._network.loss, self._network.n_outputs
        row = self._rows.row(loops.LOSS, loss.gradient.address)
        gradient = self._gradients[-1] if self._train else self._rows.values((n_outputs,))
        row[[X, DX, TARGET]] = self.outputs[-1].ctypes.data, gradient.ctypes.data, target.ctypes.data
        kept = prod(1.0 - strength for member, strength in self._config.regularization.active if member.smooths)
        result = numbers([0.0, 0.0, 1.0 - kept if self._train else 0.0, 0.0])
        row[[N_IN, N_OUT, RESULT]] = n_outputs, n_outputs, self._rows.keep(result)
        row[PARAMS] = self._rows.keep(numbers(kernel_numbers(loss.params, self._config.loss.settings)))
        if class_weights is not None:
            row[STATE] = self._rows.keep(np.ascontiguousarray(class_weights, np.float32))

    @property
    def gradients_are_hooked(self) -> bool:
        """Whether `memory.raw_gradients` holds the gradient before the hooks."""
        return self._updates is not None and self._updates.hooks_gradients

    def store_counts(self) -> None:
        """Write the counts the rows have kept back to the memory."""
        if self._updates is not None:
            self._updates.store_counts()

    @property
    def batch_inputs(self) -> np.ndarray:
        """Inputs of the last batch after the hooks on it, (units, samples): a view that the next step overwrites."""
        return self._inputs.reshape(-1, self._rows.stride * LANES)[:, : int(self.control[N_ROWS])]

    def values_of(self, index: int) -> np.ndarray:
        """Outputs of a stage on the last batch, (units, samples): a view that the next step overwrites."""
        return self.outputs[index].reshape(-1, self._rows.stride * LANES)[:, : int(self.control[N_ROWS])]

    def gradients_of(self, index: int) -> np.ndarray:
        """Slopes of the loss by what a stage made of the last batch, (units, samples), as `values_of`.

        A function that works on each value by itself writes over what it is given: behind it and before it lie the
        slopes by its inputs.
        """
        return self._gradients[index].reshape(-1, self._rows.stride * LANES)[:, : int(self.control[N_ROWS])]
