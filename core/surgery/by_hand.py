"""What a user does to the weights by hand between two steps: begin one layer anew, or make the average the weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..config.sections import NONE
from ..engine.initial import first_values
from ..engine.measure import batch_statistics
from ..engine.state import TrainState
from ..errors import ConfigError
from ..kernel.arrays import aligned


def reinitialize(now: TrainState, layer: str) -> TrainState:
    """The standing after one layer began anew: fresh weights and statistics, its optimizer state zero.

    Raises:
        ConfigError: There is no such layer, or it has no weights.
    """
    network = now.network
    owned = [stage for stage in network.stages if stage.weights and layer in (stage.name, stage.owner)]
    if not owned:
        names = sorted({stage.owner for stage in network.stages if stage.weights})
        raise ConfigError("is not a layer with weights", field="layer", value=layer, choices=names)
    made = now.copy()
    memory, best = made.memory, made.stopper
    if best.weights is not None:
        # The best weights so far are those of another start.
        made.stopper = replace(best, best=float("inf"), waited=0, weights=None, buffers=None)
    for span in (span for stage in owned for span in stage.weights):
        values = first_values(span, now.config)
        span.write(memory.weights, values)
        if memory.n_averaged:
            span.write(memory.average, values)
        for array in memory.slots.values():
            span.write(array, np.zeros(span.shape))
    for span in (span for stage in owned for span in stage.buffers):
        span.write(memory.buffers, np.full(span.shape, span.fill, np.float32))
    made.notes = (f"{layer} began anew",)
    return made


def keep_average(now: TrainState) -> TrainState:
    """The standing after the average became the weights, and averaging ended: the answers stay as they are.

    The statistics of batch normalization become those measured for the average; state of the optimizer is kept.

    Raises:
        ConfigError: No weights were averaged.
    """
    if not now.memory.n_averaged:
        name = now.config.averaging.name
        raise ConfigError("has averaged no weights yet", field="averaging.name", value=name, allowed="swa or ema")
    made = now.copy()
    memory, n = made.memory, made.memory.n_averaged
    memory.weights[:] = memory.average
    batch_statistics(now.network, now.config, (memory.weights, memory.buffers), now.data.x_train, now.step)
    memory.average, memory.n_averaged, memory.waited = aligned(0), 0, 0.0
    made.config = now.config.with_changes({"averaging.name": NONE})
    made.notes = (f"the average of {n} weights became the weights",)
    return made


def overwritten(now: TrainState, what: str, layer: str = "") -> TrainState:
    """The standing after "reinitialize" or "keep average", as a journal names them.

    Raises:
        ConfigError: It cannot be done now.
    """
    return keep_average(now) if what == "keep average" else reinitialize(now, layer)
