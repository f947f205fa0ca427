"""Stages -> a table of rows over flat arrays: the network as the engine sees it.

The table is made anew at each switch; only the arrays in `Memory` live on. A training program has all parts, an
evaluation program only layers and loss, over the same weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from . import averaging, engine, hooks
from .blend import BLEND
from .config import Config
from .kernel import (
    BACKWARD,
    BATCH,
    COLUMNS,
    CONTROL,
    CONTROL_CELLS,
    DX,
    DY,
    EXTRA,
    FORWARD,
    GB,
    GW,
    HYPER,
    N_IN,
    N_OUT,
    PARAMS,
    RESULT,
    ROW_CELLS,
    ROW_INDEX,
    ROWS,
    SCRATCH,
    SEED,
    SLOTS,
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
from .memory import Memory, aligned
from .registry import families
from .stages import LANES, Network, Slot, Stage


def stride_of(batch: int) -> int:
    """Vectors from one unit to the next: odd for large batches, so that units do not fall into the same cache lines."""
    n_vectors = (batch + LANES - 1) // LANES
    return n_vectors if n_vectors < 8 else n_vectors | 1


class Program:
    """A table, and the buffers its rows work in."""

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
        self.network, self.config, self.memory = network, config, memory
        self.train = train
        self.control = np.zeros(CONTROL_CELLS, np.int64)
        self.stride = stride_of(batch)
        self.control[[STRIDE, TRAIN, SEED, BATCH]] = self.stride, int(train), config.training.seed, batch
        self.result = np.zeros(4, np.float64)
        self.weights = memory.average if averaged else memory.weights
        self._keep: list[np.ndarray] = []
        self._rows: list[list[np.ndarray]] = [[] for _ in range(engine.N_PARTS)]
        self.inputs = self._values(network.stages[0].input)
        self.outputs: list[np.ndarray] = []
        """Output buffer of each stage."""
        self.output_gradients: list[np.ndarray] = []
        """Gradient buffer of each stage's output; evaluation programs have none."""
        self._forward_stages()
        self.target = self._values((network.n_outputs,))
        self._loss_row(class_weights)
        if train:
            self._hook_rows()
        counts = np.cumsum([0, *(len(part) for part in self._rows)])
        self.bounds = counts.astype(np.int64)
        self.table = np.stack([row for part in self._rows for row in part])

    def _values(self, shape: tuple[int, ...]) -> np.ndarray:
        array = aligned(prod(shape) * self.stride * LANES)
        self._keep.append(array)
        return array

    def _numbers(self, values: list[float]) -> int:
        array = np.array(values or [0.0], np.float64)
        self._keep.append(array)
        return int(array.ctypes.data)

    def _row(self, part: int, forward: int, backward: int = 0) -> np.ndarray:
        row = np.zeros(ROW_CELLS, np.int64)
        row[[FORWARD, BACKWARD, CONTROL]] = forward, backward, self.control.ctypes.data
        row[ROW_INDEX] = 1000 * part + len(self._rows[part])
        self._rows[part].append(row)
        return row

    def _forward_stages(self) -> None:
        x = self.inputs
        gradient = np.zeros(0, np.float32)
        for stage in self.network.stages:
            if stage.plan is not None and stage.plan.alias:
                self.outputs.append(x)
                self.output_gradients.append(gradient)
                continue
            y = self._values(stage.output)
            before = gradient
            if self.train and not (stage.elementwise and before.size):
                gradient = self._values(stage.output)
            forward, backward = _kernels(stage)
            row = self._row(engine.LAYERS, forward.address, backward.address if self.train else 0)
            row[[X, Y]] = x.ctypes.data, y.ctypes.data
            if self.train:
                row[[DX, DY]] = before.ctypes.data if before.size else 0, gradient.ctypes.data
                if stage.elementwise and not before.size:
                    row[DX] = row[DY]
            row[[N_IN, N_OUT, N]] = prod(stage.input), prod(stage.output), prod(stage.output) * self.stride
            row[PARAMS] = self._numbers(encoded(stage.member.params, stage.settings))
            self._tensor_cells(row, stage)
            if stage.earlier is not None:
                self._blend_row(row, stage, x, y)
            self.outputs.append(y)
            self.output_gradients.append(gradient)
            x = y

    def _tensor_cells(self, row: np.ndarray, stage: Stage) -> None:
        for slot, at, gradient_at in zip(stage.weights, (W, B), (GW, GB), strict=False):
            row[at] = self.weights.ctypes.data + 4 * slot.offset
            row[gradient_at] = self.memory.gradients.ctypes.data + 4 * slot.offset
        if stage.buffers:
            row[STATE] = self.memory.buffers.ctypes.data + 4 * stage.buffers[0].offset
        if stage.plan is not None:
            if stage.plan.scratch_units:
                row[SCRATCH] = self._values((stage.plan.scratch_units,)).ctypes.data
            cells = stage.plan.cells
            row[EXTRA : EXTRA + len(cells)] = cells
        elif len(stage.input) == 3:
            row[EXTRA] = prod(stage.input[1:])
        elif stage.kind != "layer":
            row[EXTRA] = 1

    def _blend_row(self, row: np.ndarray, stage: Stage, x: np.ndarray, y: np.ndarray) -> None:
        """Turn the row of an activation into a row that mixes it with the one it follows."""
        member, settings, first, n_steps = stage.earlier
        new, old = row.copy(), row.copy()
        old[[FORWARD, BACKWARD]] = member.forward.address, member.backward.address if self.train else 0
        old[PARAMS] = self._numbers(encoded(member.params, settings))
        parts = [self._values(stage.output) for _ in range(4)]
        for sub, (part, gradient) in zip((old, new), ((parts[0], parts[1]), (parts[2], parts[3])), strict=True):
            sub[[Y, DX, DY]] = part.ctypes.data, gradient.ctypes.data, gradient.ctypes.data
            self._keep.append(sub)
        row[[FORWARD, BACKWARD]] = BLEND[0].address, BLEND[1].address if self.train else 0
        row[EXTRA : EXTRA + 4] = old.ctypes.data, new.ctypes.data, first, n_steps

    def _loss_row(self, class_weights: np.ndarray | None) -> None:
        loss = self.network.loss
        y = self.outputs[-1]
        row = self._row(engine.LOSS, loss.gradient.address)
        gradient = self.output_gradients[-1] if self.train else self._values((self.network.n_outputs,))
        row[[X, DX, TARGET]] = y.ctypes.data, gradient.ctypes.data, self.target.ctypes.data
        row[[N_IN, N_OUT, RESULT]] = self.network.n_outputs, self.network.n_outputs, self.result.ctypes.data
        row[PARAMS] = self._numbers(encoded(loss.params, self.config.loss.settings))
        if class_weights is not None:
            weights = np.ascontiguousarray(class_weights, np.float32)
            self._keep.append(weights)
            row[STATE] = weights.ctypes.data

    def _weights_row(self, part: int, forward: int, hyper: list[float], span: tuple[int, int]) -> np.ndarray:
        row = self._row(part, forward)
        first, last = span
        row[[W, GW]] = self.weights.ctypes.data + 4 * first, self.memory.gradients.ctypes.data + 4 * first
        row[N] = (last - first) // LANES
        row[HYPER] = self._numbers(hyper)
        return row

    def _hook_rows(self) -> None:
        everything = (0, self.network.n_floats)
        for member, strength in self._active_hooks():
            if member.on_batch is not None:
                row = self._row(engine.BATCH_HOOKS, member.on_batch.address)
                row[[X, TARGET]] = self.inputs.ctypes.data, self.target.ctypes.data
                row[[N_IN, N_OUT]] = prod(self.network.stages[0].input), self.network.n_outputs
                row[N] = row[N_IN] * self.stride
                row[HYPER] = self._numbers([0.0, strength])
                row[PARAMS] = self._numbers([strength])
                if member.name == "mixup":
                    row[SCRATCH] = self._values(
                        (prod(self.network.stages[0].input) + self.network.n_outputs,)
                    ).ctypes.data
            if member.on_gradient is not None:
                if not self._rows[engine.GRADIENT_HOOKS]:
                    copy = self._weights_row(engine.GRADIENT_HOOKS, hooks.copy.address, [0.0], everything)
                    copy[W] = self.memory.raw_gradients.ctypes.data
                if member.per_tensor:
                    for slot in self._trained_slots():
                        self._tensor_row(engine.GRADIENT_HOOKS, member.on_gradient.address, [0.0, strength], slot)
                else:
                    self._weights_row(engine.GRADIENT_HOOKS, member.on_gradient.address, [0.0, strength], everything)
            for hook, part in ((member.before_update, engine.BEFORE_HOOKS), (member.on_weights, engine.WEIGHT_HOOKS)):
                if hook is None:
                    continue
                if member.per_tensor:
                    for slot in self._trained_slots():
                        self._tensor_row(part, hook.address, [0.0, strength], slot)
                else:
                    for span in self._trained_spans():
                        self._weights_row(part, hook.address, [0.0, strength], span)
        self._weights_row(engine.CHECK, 0, [0.0], everything)
        self._optimizer_rows()
        averaging_config = self.config.averaging
        if averaging_config.name != "none":
            decay = averaging_config.decay if averaging_config.name == "ema" else 0.0
            hyper = [0.0, float(self.memory.n_averaged), float(averaging_config.every), decay, self.memory.waited]
            row = self._weights_row(engine.WEIGHT_HOOKS, averaging.average.address, hyper, everything)
            row[GW] = self.memory.average.ctypes.data
            self._averaging_hyper = self._keep[-1]

    def _active_hooks(self) -> list[tuple[Any, float]]:
        values = self.config.regularization.values
        active = [(families["regularizers"][name], float(value)) for name, value in values.items() if value]
        return sorted(active, key=lambda item: (item[0].order, item[0].name))

    @property
    def gradients_are_hooked(self) -> bool:
        """Whether `memory.raw_gradients` holds the gradient before the hooks."""
        return bool(self._rows[engine.GRADIENT_HOOKS])

    def _trained_slots(self) -> list[Slot]:
        frozen = set(self.config.network.frozen)
        return [slot for stage in self.network.stages if stage.owner not in frozen for slot in stage.weights]

    def _trained_spans(self) -> list[tuple[int, int]]:
        """Stretches of the flat weights that are not frozen, as few as possible."""
        spans: list[list[int]] = []
        for slot in self._trained_slots():
            end = slot.offset + (slot.size + LANES - 1) // LANES * LANES
            if spans and spans[-1][1] == slot.offset:
                spans[-1][1] = end
            else:
                spans.append([slot.offset, end])
        return [(first, last) for first, last in spans]

    def _tensor_row(self, part: int, forward: int, hyper: list[float], slot: Slot) -> np.ndarray:
        end = slot.offset + (slot.size + LANES - 1) // LANES * LANES
        row = self._weights_row(part, forward, hyper, (slot.offset, end))
        if slot.to_store is not None:
            # A matrix lies in memory as (inputs, outputs), whatever its outside shape; other tensors are no matrices.
            row[[ROWS, COLUMNS]] = prod(slot.shape[1:]), slot.shape[0]
        else:
            row[[ROWS, COLUMNS]] = slot.size, 0
        return row

    def _optimizer_rows(self) -> None:
        config = self.config.optimizer
        member = families["optimizers"][config.name]
        hyper = [0.0, float(self.memory.t), *encoded(member.params, config.settings)]
        self._optimizer_hypers: list[np.ndarray] = []
        spans: list[Any] = self._trained_slots() if member.per_tensor else self._trained_spans()
        for span in spans:
            if member.per_tensor:
                row = self._tensor_row(engine.OPTIMIZER, member.step.address, hyper, span)
                first = span.offset
            else:
                row = self._weights_row(engine.OPTIMIZER, member.step.address, hyper, span)
                first = span[0]
            self._optimizer_hypers.append(self._keep[-1])
            if member.scratch and row[COLUMNS]:
                room = aligned(member.scratch(int(row[ROWS]), int(row[COLUMNS])))
                self._keep.append(room)
                row[SCRATCH] = room.ctypes.data
            for k, meaning in enumerate(member.slots):
                row[SLOTS + k] = self.memory.slots[meaning].ctypes.data + 4 * first

    def store_counts(self) -> None:
        """Write the counts the rows have kept back to the memory."""
        if self._optimizer_hypers:
            self.memory.t = int(self._optimizer_hypers[0][1])
        if self.config.averaging.name != "none":
            self.memory.n_averaged = int(self._averaging_hyper[averaging.N_AVERAGED])
            self.memory.waited = float(self._averaging_hyper[averaging.WAITED])

    def values_of(self, index: int) -> np.ndarray:
        """Outputs of a stage on the last batch, (units, samples)."""
        return self._view(self.outputs[index])

    def gradients_of(self, index: int) -> np.ndarray:
        """Gradient of the loss by the outputs of a stage on the last batch, (units, samples)."""
        return self._view(self.output_gradients[index])

    def _view(self, array: np.ndarray) -> np.ndarray:
        n = int(self.control[0])
        return array.reshape(-1, self.stride * LANES)[:, :n]


def encoded(params: tuple[Any, ...], settings: Mapping[str, Any]) -> list[float]:
    """Settings as the numbers a kernel reads, in the order of `params`: a choice is its place among the choices."""
    numbers = []
    for param in params:
        value = settings.get(param.name, param.default)
        if isinstance(value, str):
            numbers.append(float(param.choices.index(value)) if param.choices else 0.0)
        elif isinstance(value, tuple):
            numbers.append(0.0)
        else:
            numbers.append(float(value))
    return numbers


def _kernels(stage: Stage) -> tuple[Any, Any]:
    if stage.kind == "hook":
        forward, backward = stage.member.on_hidden
        return forward, backward
    return stage.member.forward, stage.member.backward
