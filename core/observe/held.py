"""The unit in hand: its weighted sum written out for one sample, its gradients, its answers over plane and data."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from ..activations.base import Activation
from ..commands import Hold
from ..engine.measure import BLOCK
from ..snapshot import HeldUnit, Signals
from ..training.evaluation import Evaluator
from .probes import grid
from .signals import signals_of

if TYPE_CHECKING:
    from ..data import Data
    from ..engine.network import Stage
    from ..training.trainer import Trainer

INPUT = "input"
"""Layer of what the network is given."""
MOST_SOURCES = 1024
"""Most inputs of a unit that are told one by one."""
MAP_CELLS = 16
"""Cells of its map along each side: one evaluation block in all."""
BINS = 20
_NOTHING = np.zeros(0)


def held_unit(trainer: Trainer, asked: Hold) -> HeldUnit | None:
    """What there is to say about a unit; None where there is none of that name.

    Args:
        trainer: Not changed.
        asked: Layer, unit and sample.
    """
    data, stages = trainer.data, trainer.network.stages
    if not data.n_train:
        return None
    row = asked.sample % data.n_train
    signals = signals_of(trainer, row) if asked.signals else None
    if asked.layer == INPUT:
        return _held_input(trainer, asked.unit, row, signals)
    index = next((k for k, stage in enumerate(stages) if stage.name == asked.layer and stage.weights), None)
    if index is None or asked.unit >= stages[index].output[0]:
        return None
    return _held(trainer, index, asked.unit, row, signals)


def _held_input(trainer: Trainer, unit: int, row: int, signals: Signals | None) -> HeldUnit | None:
    data = trainer.data
    flat = data.x_train.reshape(data.n_train, -1)
    if unit >= flat.shape[1]:
        return None
    some = flat[:: max(1, -(-len(flat) // BLOCK)), unit]
    counts, edges = _histogram(some)
    plane = _plane(data)
    return HeldUnit(
        layer=INPUT, unit=unit, n_units=flat.shape[1], sample=row, n_samples=data.n_train,
        target=_target(data, row), predicted=_predicted(trainer, row),
        sources=(), inputs=_NOTHING, weights=_NOTHING, gradients=_NOTHING, rest=0.0, bias=float("nan"),
        bias_gradient=float("nan"), total=float("nan"), via=(), answer=float(flat[row, unit]),
        map=_square(plane.reshape(len(plane), -1)[:, unit]), counts=counts, edges=edges, signals=signals,
    )  # fmt: skip


def _held(trainer: Trainer, index: int, unit: int, row: int, signals: Signals | None) -> HeldUnit:
    data, network, config = trainer.data, trainer.network, trainer.config
    stage, evaluator = network.stages[index], trainer.machine.evaluator
    end = max(k for k, one in enumerate(network.stages) if one.owner == stage.owner)
    values = evaluator.stage_values(data.x_train[row : row + 1])
    some = data.x_train[:: max(1, -(-data.n_train // BLOCK))]
    answers = evaluator.stage_values(some)[end].reshape(stage.output[0], -1)[unit]
    counts, edges = _histogram(answers)
    plane = _plane(data)
    over = evaluator.stage_values(plane)[end][unit] if len(plane) and len(stage.output) == 1 else _NOTHING
    weights, _ = evaluator.memory_in_force()
    is_sum = stage.sums is not None and len(stage.weights[0].shape) == 2 and len(stage.output) == 1
    before = values[index - 1][:, 0] if index else data.x_train[row].reshape(-1)
    gradients = trainer.machine.flat_gradients
    all_weights = stage.weights[0].read(weights)[unit].reshape(-1).astype(np.float64)
    inputs = before.astype(np.float64) if is_sum else _NOTHING
    has_bias = len(stage.weights) > 1
    score, without = _scores(trainer, index, unit) if len(stage.output) == 1 else ({}, {})
    return HeldUnit(
        layer=stage.name, unit=unit, n_units=stage.output[0], sample=row, n_samples=data.n_train,
        target=_target(data, row), predicted=_predicted(trainer, row),
        sources=_sources(trainer, index, len(all_weights))[:MOST_SOURCES],
        inputs=inputs[:MOST_SOURCES], weights=all_weights[:MOST_SOURCES],
        gradients=stage.weights[0].read(gradients)[unit].reshape(-1).astype(np.float64)[:MOST_SOURCES],
        rest=float(inputs[MOST_SOURCES:] @ all_weights[MOST_SOURCES:]) if is_sum else 0.0,
        bias=float(stage.weights[1].read(weights)[unit]) if has_bias else float("nan"),
        bias_gradient=float(stage.weights[1].read(gradients)[unit]) if has_bias else float("nan"),
        total=float(values[index][unit, 0]) if is_sum else float("nan"),
        via=tuple(_name(one) for one in network.stages[index + 1 : end + 1] if one.kind != "hook"),
        answer=float(values[end][unit, 0]) if len(stage.output) == 1 else float("nan"),
        map=_square(over), counts=counts, edges=edges,
        muted=f"{stage.owner}.{unit + 1}" in config.network.muted, frozen=stage.owner in config.network.frozen,
        score=score, score_without=without, signals=signals,
    )  # fmt: skip


def _name(stage: Stage) -> str:
    return stage.member.name if isinstance(stage.member, Activation) else stage.name


def _sources(trainer: Trainer, index: int, n: int) -> tuple[str, ...]:
    """Names of what a layer is given."""
    before = next((one for one in reversed(trainer.network.stages[:index]) if one.weights), None)
    if before is None:
        names = trainer.data.input_names
        return names if len(names) == n else tuple(f"x{k + 1}" for k in range(n))
    return tuple(f"{before.owner}.{k + 1}" for k in range(n))


def _scores(trainer: Trainer, index: int, unit: int) -> tuple[dict[str, float], dict[str, float]]:
    """The scores as they are, and with a unit silenced: that is, with nothing of it taken in by the layer behind."""
    network, machine = trainer.network, trainer.machine
    part = machine.val if len(machine.val) else machine.train
    behind = next((one for one in network.stages[index + 1 :] if one.kind == "layer"), None)
    if behind is None or behind.sums is None or len(behind.weights[0].shape) != 2 or behind.input[0] <= unit:
        return {}, {}
    state = trainer.state.copy()
    memory, span = state.memory, behind.weights[0]
    for array in (memory.weights, memory.average)[: 1 + bool(memory.n_averaged)]:
        matrix = span.read(array)
        matrix[:, unit] = 0.0
        span.write(array, matrix)
    weights = state.data.class_weights if state.config.loss.balanced else None
    without = Evaluator(state, machine.train, machine.val, weights)
    return machine.evaluator.metrics(part), without.metrics(part)


def _histogram(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    finite = np.asarray(values[np.isfinite(values)], np.float64)
    counts, edges = np.histogram(finite, bins=BINS)
    return counts.astype(np.int64), edges


def _plane(data: Data) -> np.ndarray:
    """Scaled inputs over the plane; none where there is no plane."""
    if data.points_train is None or data.points_train.shape[1] != 2:
        return np.zeros((0, prod(data.input_shape)), np.float32)
    return data.at_points(grid(data.low, data.high, MAP_CELLS))


def _square(values: np.ndarray) -> np.ndarray:
    return values.reshape(MAP_CELLS, MAP_CELLS).astype(np.float32) if len(values) else np.zeros((0, 0), np.float32)


def _target(data: Data, row: int) -> str:
    if data.target_is_input:
        return "itself"
    if data.task == "classes":
        return data.class_names[int(data.y_train[row])]
    return ", ".join(f"{value:.4g}" for value in data.in_unit(data.y_train[row : row + 1])[0][:4])


def _predicted(trainer: Trainer, row: int) -> str:
    data = trainer.data
    if data.target_is_input:
        return ""
    outputs = trainer.machine.evaluator.predict(data.x_train[row : row + 1])
    if data.task != "classes":
        return ", ".join(f"{value:.4g}" for value in data.in_unit(outputs)[0][:4])
    both = np.concatenate((1.0 - outputs, outputs), axis=1)[0] if outputs.shape[1] == 1 else outputs[0]
    best = int(np.argmax(both))
    return f"{data.class_names[best]} {100 * both[best]:.0f} %"
