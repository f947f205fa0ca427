"""The rows of a step after the gradient: hooks, finite check, optimizer, averages."""

from __future__ import annotations

from math import prod

import numpy as np

from ..config import Config
from ..kernel import (
    CHANNELS,
    COLUMNS,
    GW,
    HEIGHT,
    HYPER,
    INNER,
    N_IN,
    N_OUT,
    ROWS,
    SCRATCH,
    SLOTS,
    TARGET,
    WIDTH,
    Kernel,
    N,
    W,
    X,
)
from ..kernel.arrays import aligned
from ..registry import kernel_numbers
from ..regularizers.base import Regularizer
from ..simd import FLOAT_BYTES
from . import builtin, loops
from .memory import Memory
from .network import Network, TensorSpan
from .table import TableBuilder, numbers


class Updates:
    """Adds the rows to a table, and reads back what they count.

    Args:
        table: Receives the rows.
        network: Layout.
        config: In force.
        memory: What the rows change.
        inputs: Buffer of the batch's inputs.
        target: Buffer of its targets.
    """

    def __init__(
        self,
        table: TableBuilder,
        network: Network,
        config: Config,
        memory: Memory,
        inputs: np.ndarray,
        target: np.ndarray,
    ) -> None:
        self._table, self._network, self._config, self._memory = table, network, config, memory
        self._everything = (0, network.n_floats)
        self._optimizer_numbers: list[np.ndarray] = []
        self._output_axes = {
            span.name: stage.sums.outputs for stage in network.stages if stage.sums for span in stage.weights[:1]
        }
        """Weights of sums -> axis of their outputs."""
        self._average_numbers = np.zeros(0)
        self.hooks_gradients = False
        """Whether `memory.raw_gradients` holds the gradient before the hooks."""
        active = sorted(config.regularization.active, key=lambda item: (item[0].order, item[0].name))
        for member, strength in active:
            self._hook(member, strength, inputs, target)
        if self.hooks_gradients:
            self._forget_frozen()
        table.weights_row(loops.CHECK, 0, numbers([]), self._everything)
        self._optimizer()
        if config.averaging.on:
            self._average()

    def _hook(self, member: Regularizer, strength: float, inputs: np.ndarray, target: np.ndarray) -> None:
        if member.on_batch is not None:
            self._batch_hook(member.on_batch, strength, inputs, target)
        if member.on_gradient is not None:
            self._keep_gradient()
        hooks = (
            (member.on_gradient, loops.GRADIENT_HOOKS),
            (member.before_update, loops.BEFORE_HOOKS),
            (member.on_weights, loops.WEIGHT_HOOKS),
        )
        for hook, section in hooks:
            if hook is None:
                continue
            if member.per_tensor:
                for tensor in self._trained_tensors():
                    self._tensor_row(section, hook.address, numbers([0.0, strength]), tensor)
                continue
            for span in [self._everything] if section == loops.GRADIENT_HOOKS else self._trained_spans():
                self._table.weights_row(section, hook.address, numbers([0.0, strength]), span)

    def _keep_gradient(self) -> None:
        """Keep the gradient before the first of the hooks that change it."""
        if not self.hooks_gradients:
            address = builtin.keep_gradient.address
            row = self._table.weights_row(loops.GRADIENT_HOOKS, address, numbers([]), self._everything)
            row[W] = self._memory.raw_gradients.ctypes.data
            self.hooks_gradients = True

    def _forget_frozen(self) -> None:
        """Take the gradients of frozen weights out of what the hooks see: they count in no norm, as in PyTorch."""
        frozen = set(self._config.network.frozen)
        rows = self._table.rows[loops.GRADIENT_HOOKS]
        n_rows = len(rows)
        for span in (span for stage in self._network.stages if stage.owner in frozen for span in stage.weights):
            row = self._table.weights_row(loops.GRADIENT_HOOKS, builtin.keep_gradient.address, numbers([]), span.bounds)
            row[W], row[GW] = row[GW], self._table.keep(aligned(span.bounds[1] - span.bounds[0]))
        # Behind the row that keeps the gradient, although made last: rows that draw random numbers keep their numbers.
        made = rows[n_rows:]
        del rows[n_rows:]
        rows[1:1] = made

    def _batch_hook(self, hook: Kernel, strength: float, inputs: np.ndarray, target: np.ndarray) -> None:
        table, n_inputs, n_outputs = self._table, prod(self._network.stages[0].input), self._network.n_outputs
        row = table.row(loops.BATCH_HOOKS, hook.address)
        row[[X, TARGET]] = inputs.ctypes.data, target.ctypes.data
        row[[N_IN, N_OUT, N]] = n_inputs, n_outputs, n_inputs * table.stride
        row[HYPER] = table.keep(numbers([0.0, strength]))
        row[SCRATCH] = table.values((n_inputs + n_outputs,)).ctypes.data
        if self._network.image_shape:
            row[[CHANNELS, HEIGHT, WIDTH]] = self._network.image_shape

    def _trained_tensors(self) -> list[TensorSpan]:
        frozen = set(self._config.network.frozen)
        return [span for stage in self._network.stages if stage.owner not in frozen for span in stage.weights]

    def _trained_spans(self) -> list[tuple[int, int]]:
        """Stretches of the flat weights that are not frozen, as few as possible."""
        spans: list[tuple[int, int]] = []
        for first, last in (span.bounds for span in self._trained_tensors()):
            if spans and spans[-1][1] == first:
                spans[-1] = (spans[-1][0], last)
            else:
                spans.append((first, last))
        return spans

    def _tensor_row(self, section: int, forward: int, hyper: np.ndarray, span: TensorSpan) -> np.ndarray:
        row = self._table.weights_row(section, forward, hyper, span.bounds)
        # Memory holds the axes of a matrix in reverse, so what comes before the axis of the outputs lies side by side
        # for each of them; other tensors are no matrices.
        row[[ROWS, COLUMNS, INNER]] = span.size, 0, 1
        if span.to_store is not None:
            axis = self._output_axes.get(span.name, 0)
            outputs = span.shape[axis]
            row[[ROWS, COLUMNS, INNER]] = span.size // outputs, outputs, prod(span.shape[:axis])
        return row

    def _optimizer(self) -> None:
        member = self._config.optimizer.member
        if not member.per_tensor:
            for first, last in self._trained_spans():
                row = self._table.weights_row(loops.OPTIMIZER, member.step.address, self._hyper(), (first, last))
                self._point_at_state(row, first)
            return
        for tensor in self._trained_tensors():
            row = self._tensor_row(loops.OPTIMIZER, member.step.address, self._hyper(), tensor)
            self._point_at_state(row, tensor.offset)
            if member.scratch and row[COLUMNS]:
                row[SCRATCH] = self._table.keep(aligned(member.scratch(int(row[ROWS]), int(row[COLUMNS]))))

    def _hyper(self) -> np.ndarray:
        """Numbers of one row of the optimizer: learning rate, steps its state has seen, settings."""
        config = self._config.optimizer
        hyper = numbers([0.0, float(self._memory.t), *kernel_numbers(config.member.params, config.settings)])
        self._optimizer_numbers.append(hyper)
        return hyper

    def _point_at_state(self, row: np.ndarray, first: int) -> None:
        for k, meaning in enumerate(self._config.optimizer.member.slots):
            row[SLOTS + k] = self._memory.slots[meaning].ctypes.data + FLOAT_BYTES * first

    def _average(self) -> None:
        config, memory = self._config.averaging, self._memory
        decay = config.decay if config.name == "ema" else 0.0
        hyper = numbers([0.0, float(memory.n_averaged), float(config.every), decay, memory.waited])
        row = self._table.weights_row(loops.WEIGHT_HOOKS, builtin.average.address, hyper, self._everything)
        row[GW] = memory.average.ctypes.data
        self._average_numbers = hyper

    def store_counts(self) -> None:
        """Write the counts the rows have kept back to the memory."""
        if self._optimizer_numbers:
            self._memory.t = int(self._optimizer_numbers[0][1])
        if self._average_numbers.size:
            self._memory.n_averaged = int(self._average_numbers[builtin.N_AVERAGED])
            self._memory.waited = float(self._average_numbers[builtin.WAITED])
