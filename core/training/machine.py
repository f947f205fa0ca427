"""A training state made ready to run: its table, its data as the engine reads it, its order of rows, its evaluator."""

from __future__ import annotations

from math import ceil

import numpy as np

from ..engine import loops
from ..engine.gather import EngineData
from ..engine.program import Program
from ..engine.state import TrainState
from ..kernel import EPOCH, POSITION, STEP
from .cadence import TRAIN_ROWS, sampled_rows, step_cost_ns
from .evaluation import Evaluator
from .rates import future_rates


class Machine:
    """What runs one training state; each switch makes another.

    Args:
        state: Advanced in place by `run`.

    Raises:
        ConfigError: The network cannot be built.
    """

    def __init__(self, state: TrainState) -> None:
        self.state = state
        config, data, network = state.config, state.data, state.network
        single = network.loss.outputs == "single"
        weights = data.class_weights if config.loss.balanced else None
        self.train = EngineData(data.x_train, data.y_train, data.n_outputs, single=single)
        self.val = EngineData(data.x_val, data.y_val, data.n_outputs, single=single)
        self.sample = self.train
        """Training rows that the curves are measured on."""
        if len(self.train) > TRAIN_ROWS:
            rows = sampled_rows(len(self.train), TRAIN_ROWS, config.training.seed)
            self.sample = EngineData(data.x_train[rows], data.y_train[rows], data.n_outputs, single=single)
        self.program = Program(network, config, state.memory, state.batch, train=True, class_weights=weights)
        self.evaluator = Evaluator(state, self.train, self.val, weights)
        self.rates = np.zeros(0)
        """Learning rates of the last `run`, float64."""
        self._order = np.empty(len(self.train), np.int64)
        self._shuffled = int(config.training.shuffle)
        seed = config.training.seed
        loops.fill_order(self._order.ctypes.data, len(self._order), seed, state.epoch, self._shuffled)
        self._addresses = (*self.program.addresses, self.train.address, self._order.ctypes.data)
        floats = state.memory.weights.size * (2 + len(state.memory.slots))
        copy_ns = 20_000.0 + 0.5 * floats
        self.copy_every = ceil(50.0 * copy_ns / step_cost_ns(state))
        """Steps between two copies of the state, so that copying costs two percent."""

    def run(self, n_steps: int, losses: np.ndarray) -> tuple[int, int]:
        """Make at most `n_steps` steps.

        Args:
            n_steps: How many.
            losses: Receives the loss of each step, float32 (≥ n_steps,).

        Returns:
            (steps made, why it ended: a constant of `loops`).
        """
        outcome, rates = np.zeros(1, np.int64), future_rates(self.state, n_steps)
        self.rates = rates
        self._set_counters()
        results = (array.ctypes.data for array in (rates, losses, outcome))
        done = loops.train_chunk(n_steps, *self._addresses, self._shuffled, *results)
        control = self.program.control
        self.state.step, self.state.epoch, self.state.position = (int(control[k]) for k in (STEP, EPOCH, POSITION))
        self.program.store_counts()
        return int(done), int(outcome[0])

    @property
    def flat_gradients(self) -> np.ndarray:
        """Gradient of the last step before the hooks, laid out as the weights."""
        memory = self.state.memory
        return memory.raw_gradients if self.program.gradients_are_hooked else memory.gradients

    def next_loss(self) -> float:
        """Loss of the next step's batch with the weights in force; nothing changes."""
        buffers = self.state.memory.buffers
        saved = buffers.copy()
        self._set_counters()
        loss = loops.batch_loss(*self._addresses, self.state.position)
        buffers[:] = saved
        return float(loss)

    def _set_counters(self) -> None:
        self.program.control[[STEP, EPOCH, POSITION]] = self.state.step, self.state.epoch, self.state.position
