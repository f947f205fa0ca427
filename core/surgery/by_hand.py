"""What a user does to the weights by hand between two steps: set one, begin a layer or unit anew, take the average."""

from __future__ import annotations

import numpy as np

from ..config.sections import NONE
from ..engine.initial import first_values
from ..engine.measure import batch_statistics
from ..engine.network import Stage, TensorSpan
from ..engine.state import Stopper, TrainState
from ..errors import ConfigError
from ..kernel.arrays import aligned
from ..store.decisions import EDIT, KEEP_AVERAGE, OverwriteDecision

MOST = 1e30
"""Largest size of a weight that can be set."""


def reinitialize(before: TrainState, layer: str, unit: int = -1) -> TrainState:
    """The state after one layer, or one unit of it, began anew: first weights and statistics, optimizer state zero.

    Args:
        before: Not changed.
        layer: Name of the layer.
        unit: Counted from 0; -1: all of them.

    Raises:
        ConfigError: There is no such layer or unit, or it has no weights.
    """
    owned = _stages_of(before, layer)
    after = _without_best(before.copy())
    memory = after.memory
    rows = slice(None) if unit < 0 else slice(unit, _unit(owned[0], unit) + 1)
    for span in (span for stage in owned for span in stage.weights):
        if unit < 0 or (len(span.shape) and span.shape[0] == owned[0].output[0]):
            values = first_values(span, before.config)
            _write(span, memory.weights, rows, values[rows])
            if memory.n_averaged:
                _write(span, memory.average, rows, values[rows])
            for array in memory.slots.values():
                _write(span, array, rows, np.zeros_like(values[rows]))
    if unit < 0:
        for span in (span for stage in owned for span in stage.buffers):
            span.write(memory.buffers, np.full(span.shape, span.fill, np.float32))
    after.notes = (f"{layer}{'' if unit < 0 else f'.{unit + 1}'} began anew",)
    return after


def edit_weight(before: TrainState, layer: str, unit: int, source: int, value: float) -> TrainState:
    """The state after one weight was set by hand; the optimizer's state is kept.

    Args:
        before: Not changed.
        layer: Name of the layer.
        unit: Counted from 0.
        source: Which of the unit's inputs, in PyTorch's order; -1: its bias.
        value: What it becomes.

    Raises:
        ConfigError: There is no such weight, or the value is no finite number of a sensible size.
    """
    stage = _stages_of(before, layer)[0]
    if not abs(value) <= MOST:
        raise ConfigError("is not allowed", field="weight", value=value, allowed=f"a number from {-MOST:g} to {MOST:g}")
    _unit(stage, unit)
    n_inputs = int(np.prod(stage.weights[0].shape[1:]))
    if not (-1 if len(stage.weights) > 1 else 0) <= source < n_inputs:
        raise ConfigError("is no input of the unit", field="weight", value=source + 1, allowed=f"1 to {n_inputs}")
    span, place = (stage.weights[1], 0) if source < 0 else (stage.weights[0], source)
    after = _without_best(before.copy())
    for array in (after.memory.weights, after.memory.average)[: 1 + bool(after.memory.n_averaged)]:
        tensor = span.read(array).reshape(span.shape[0], -1)
        tensor[unit, place] = value
        span.write(array, tensor.reshape(span.shape))
    after.notes = (OverwriteDecision(EDIT, layer, unit, source, value).text,)
    return after


def _stages_of(state: TrainState, layer: str) -> list[Stage]:
    """The stages of a layer that have weights."""
    owned = [stage for stage in state.network.stages if stage.weights and layer in (stage.name, stage.owner)]
    if not owned:
        names = sorted({stage.owner for stage in state.network.stages if stage.weights})
        raise ConfigError("is not a layer with weights", field="layer", value=layer, choices=names)
    return owned


def _unit(stage: Stage, unit: int) -> int:
    """The unit, if a layer has it: unit k has the k-th row of every tensor."""
    n_units = stage.output[0]
    if not 0 <= unit < n_units or stage.weights[0].shape[0] != n_units:
        raise ConfigError("is no unit", field=f"unit of {stage.owner}", value=unit + 1, allowed=f"1 to {n_units}")
    return unit


def _without_best(after: TrainState) -> TrainState:
    if after.stopper.weights is not None:
        # The best weights so far are those of another start.
        after.stopper = Stopper()
    return after


def _write(span: TensorSpan, array: np.ndarray, rows: slice, values: np.ndarray) -> None:
    """Overwrite rows of one tensor."""
    tensor = span.read(array)
    tensor[rows] = values
    span.write(array, tensor)


def keep_average(before: TrainState) -> TrainState:
    """The state after the average became the weights and averaging ended: the answers stay as they are.

    The statistics of batch normalization become those measured for the average; state of the optimizer is kept.

    Raises:
        ConfigError: No weights were averaged.
    """
    if not before.memory.n_averaged:
        name = before.config.averaging.name
        raise ConfigError("has averaged no weights yet", field="averaging.name", value=name, allowed="swa or ema")
    after = before.copy()
    memory, n = after.memory, after.memory.n_averaged
    memory.weights[:] = memory.average
    batch_statistics(before.network, before.config, (memory.weights, memory.buffers), before.data.x_train, before.step)
    memory.average, memory.n_averaged, memory.waited = aligned(0), 0, 0.0
    after.stopper = Stopper()  # What was best so far was an average.
    after.config = before.config.with_changes({"averaging.name": NONE})
    after.notes = (f"the average of {n} weights became the weights",)
    return after


def overwrite(before: TrainState, decision: OverwriteDecision) -> TrainState:
    """The state after what was done by hand.

    Raises:
        ConfigError: It cannot be done now.
    """
    if decision.what == KEEP_AVERAGE:
        return keep_average(before)
    if decision.what == EDIT:
        return edit_weight(before, decision.layer, decision.unit, decision.source, decision.value)
    return reinitialize(before, decision.layer, decision.unit)
