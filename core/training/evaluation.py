"""Loss and metrics on a part of the data, and predictions: forward only, in large blocks, over the weights in force.

While weights are averaged, the average is what is evaluated, with the statistics of batch normalization measured
for it over all training rows.
"""

from __future__ import annotations

import numpy as np

from ..engine import loops
from ..engine.gather import EngineData
from ..engine.measure import BLOCK, batch_statistics
from ..engine.memory import aligned_copy
from ..engine.program import Program
from ..engine.state import TrainState
from ..kernel import STEP


class Evaluator:
    """Evaluates one training state; each switch makes another."""

    def __init__(self, state: TrainState, train: EngineData, val: EngineData, class_weights: np.ndarray | None) -> None:
        self.state, self.train, self.val = state, train, val
        self._class_weights = class_weights
        self._program = self._make_program(averaged=False)
        self._averaged: Program | None = None
        self._statistics = np.zeros(0, np.float32)
        """Those of batch normalization for the average, measured at `_measured_at`."""
        self._measured_at = (-1, -1)

    def _make_program(self, *, averaged: bool) -> Program:
        state = self.state
        return Program(
            state.network,
            state.config,
            state.memory,
            BLOCK,
            train=False,
            class_weights=self._class_weights,
            averaged=averaged,
        )

    def _in_force(self) -> Program:
        if not self.state.config.averaging.on or not self.state.memory.n_averaged:
            return self._program
        if self._averaged is None:
            self._averaged = self._make_program(averaged=True)
        return self._averaged

    def _run(self, data: EngineData, first: int, last: int, outputs: np.ndarray) -> np.ndarray:
        program = self._in_force()
        memory = self.state.memory
        saved = aligned_copy(memory.buffers) if program is self._averaged and memory.buffers.size else None
        if saved is not None:
            memory.buffers[:] = self._statistics_of_average()
        program.control[STEP] = self.state.step
        sums = np.zeros(3 + data.n_targets, np.float64)
        _run_rows(program, data, first, last, outputs, sums)
        if saved is not None:
            memory.buffers[:] = saved
        return sums

    def memory_in_force(self) -> tuple[np.ndarray, np.ndarray]:
        """The flat weights and kept statistics that answers are made with; not to be changed."""
        memory = self.state.memory
        if self._in_force() is not self._averaged:
            return memory.weights, memory.buffers
        return memory.average, self._statistics_of_average() if memory.buffers.size else memory.buffers

    def _statistics_of_average(self) -> np.ndarray:
        """Statistics of batch normalization for the average, measured once a step: that takes all training rows."""
        state, memory = self.state, self.state.memory
        now = (state.step, memory.n_averaged)
        if self._measured_at != now:
            measured = aligned_copy(memory.buffers)
            batch_statistics(state.network, state.config, (memory.average, measured), state.data.x_train, state.step)
            self._statistics, self._measured_at = measured, now
        return self._statistics

    def metrics(self, data: EngineData) -> dict[str, float]:
        """Loss and accuracy (classes) or R² (values) over some data; {} where there is none.

        R² is scikit-learn's `r2_score`: the plain mean over the outputs, whatever their spread. An output whose targets
        do not vary counts 1 where it is met exactly and else 0; a single row has none. Only where the targets are the
        inputs (autoencoder) are all outputs one quantity, of whose whole spread it is (`variance_weighted`): nearly
        every picture has pixels that hardly vary.
        """
        n = len(data)
        if not n:
            return {}
        sums = self._run(data, 0, n, np.zeros(0, np.float32))
        result = {"loss": float(sums[0] / sums[1])}
        if self.state.data.task == "classes":
            result["accuracy"] = float(sums[2] / n)
        else:
            errors, spreads = sums[3:], data.spreads
            if self.state.data.target_is_input:
                errors, spreads = errors.sum(keepdims=True), spreads.sum(keepdims=True)
            result["r2"] = _r2(errors, spreads) if n > 1 else float("nan")
        return result

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Outputs through the loss's link, float32 (n, n_outputs), for scaled inputs."""
        data = EngineData(x)
        n_outputs = self.state.network.n_outputs
        outputs = np.zeros(len(data) * n_outputs, np.float32)
        if len(data):
            self._run(data, 0, len(data), outputs)
        with np.errstate(all="ignore"):  # outputs beyond the range of floats: what comes of them is shown as it is
            linked: np.ndarray = self.state.network.loss.link(outputs.reshape(-1, n_outputs))
            return linked.astype(np.float32)

    def stage_values(self, x: np.ndarray) -> list[np.ndarray]:
        """Outputs of every stage for at most one block of scaled inputs: (units, n) each."""
        data = EngineData(x[:BLOCK])
        self._run(data, 0, len(data), np.zeros(0, np.float32))
        program = self._in_force()
        return [program.values_of(k)[:, : len(data)].copy() for k in range(len(program.outputs))]


def _r2(errors: np.ndarray, spreads: np.ndarray) -> float:
    """The mean R² of outputs with these sums of squared errors and these spreads of their targets."""
    varies = spreads > 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        each = np.where(varies, 1.0 - errors / np.where(varies, spreads, 1.0), errors == 0.0)
        return float(each.mean())


def _run_rows(program: Program, data: EngineData, first: int, last: int, outputs: np.ndarray, sums: np.ndarray) -> None:
    n_outputs = outputs.size // max(1, last - first)
    loops.run_rows(*program.addresses, data.address, first, last, outputs.ctypes.data, n_outputs, sums.ctypes.data)
