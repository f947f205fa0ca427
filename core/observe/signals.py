"""Backpropagation worked out for one sample: what each layer was given, summed and answered, and which way it is to go.

The engine itself makes the step, on a copy of the state without chance and without hooks on the gradient; nothing is
computed a second way.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..activations.base import Activation
from ..config.sections import NONE
from ..engine.mute import MUTE
from ..snapshot import LayerSignals, Signals
from ..training.machine import Machine

if TYPE_CHECKING:
    from ..engine.network import Stage
    from ..training.trainer import Trainer

MOST_PARAMETERS = 20_000
"""Learned numbers of the largest network that is worked out: more cannot be followed by hand."""


def signals_of(trainer: Trainer, row: int) -> Signals:
    """The forward and the backward pass of one training sample.

    Args:
        trainer: Not changed.
        row: Which sample.
    """
    problem = _problem(trainer)
    if problem:
        return Signals((), float("nan"), problem)
    machine, loss = _step(trainer, row)
    stages = machine.state.network.stages
    layers: list[LayerSignals] = []
    x = np.asarray(machine.state.data.x_train[0], np.float64).reshape(-1)
    for index, stage in enumerate(stages):
        if stage.weights and stage.kind == "layer":
            # The step has moved the weights of the copy: they are read where they are as they were.
            layers.append(_layer(machine, stages, index, x, trainer.memory.weights))
            x = layers[-1].answers
    for i in range(len(layers) - 1):
        after = layers[i + 1]
        layers[i] = replace(layers[i], answer_slopes=after.weights.T @ after.sum_slopes)
    return Signals(tuple(layers), loss)


def _problem(trainer: Trainer) -> str:
    network = trainer.network
    if network.n_parameters > MOST_PARAMETERS:
        return f"worked out for networks of at most {MOST_PARAMETERS:,} parameters"
    for stage in network.stages:
        is_sum = stage.sums is not None and all(len(span.shape) <= 2 for span in stage.weights)
        if stage.kind == "layer" and stage.runs and not is_sum:
            return f"worked out for layers of weighted sums; this network has {stage.name}"
    return "" if trainer.memory.sound else "the weights are not finite"


def _step(trainer: Trainer, row: int) -> tuple[Machine, float]:
    """A machine that has made one step on the sample alone, on a copy, and the loss of the sample."""
    state = trainer.state.copy()
    config, data = state.config, state.data
    still = {f"regularization.{name}": 0.0 for name, value in config.regularization.values.items() if value}
    alone = {"training.batch_size": 1, "training.shuffle": False, "averaging.name": NONE, "network.frozen": ()}
    state.config = config.with_changes({**still, **alone})
    one = slice(row, row + 1)
    state.data = replace(data, x_train=data.x_train[one], y_train=data.y_train[one])
    kept = tuple(stage for stage in state.network.stages if stage.kind != "hook" or stage.member is MUTE)
    state.network, state.position = replace(state.network, stages=kept), 0
    machine, losses = Machine(state), np.zeros(1, np.float32)
    machine.run(1, losses)
    return machine, float(losses[0])


def _layer(machine: Machine, stages: tuple[Stage, ...], index: int, x: np.ndarray, weights: np.ndarray) -> LayerSignals:
    stage, last = stages[index], index
    while last + 1 < len(stages) and stages[last + 1].owner == stage.owner:
        last += 1
    acts = [one.member.name for one in stages[index + 1 : last + 1] if isinstance(one.member, Activation)]
    program, spans = machine.program, stage.weights
    gradients = machine.flat_gradients
    sums, slopes = _column(program.values_of(index)), _column(program.gradients_of(index))
    return LayerSignals(
        name=stage.name,
        activation=acts[0] if acts else "",
        inputs=x,
        sums=sums,
        answers=_column(program.values_of(last)),
        answer_slopes=slopes if last == index else np.full(len(sums), np.nan),
        sum_slopes=slopes,
        weights=spans[0].read(weights).astype(np.float64),
        gradients=spans[0].read(gradients).astype(np.float64),
        bias_gradients=spans[1].read(gradients).astype(np.float64) if len(spans) > 1 else np.zeros(0),
    )


def _column(values: np.ndarray) -> np.ndarray:
    return values[:, 0].astype(np.float64)
