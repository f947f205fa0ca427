"""What a user does to the weights by hand between two steps: begin one layer anew, or make the average the weights."""

from __future__ import annotations

import numpy as np

from ..config.sections import NONE
from ..engine.initial import first_values
from ..engine.measure import batch_statistics
from ..engine.state import Stopper, TrainState
from ..errors import ConfigError
from ..kernel.arrays import aligned


def reinitialize(before: TrainState, layer: str) -> TrainState:
    """The state after one layer began anew: fresh weights and statistics, its optimizer state zero.

    Raises:
        ConfigError: There is no such layer, or it has no weights.
    """
    network = before.network
    owned = [stage for stage in network.stages if stage.weights and layer in (stage.name, stage.owner)]
    if not owned:
        names = sorted({stage.owner for stage in network.stages if stage.weights})
        raise ConfigError("is not a layer with weights", field="layer", value=layer, choices=names)
    after = before.copy()
    memory = after.memory
    if after.stopper.weights is not None:
        # The best weights so far are those of another start.
        after.stopper = Stopper()
    for span in (span for stage in owned for span in stage.weights):
        values = first_values(span, before.config)
        span.write(memory.weights, values)
        if memory.n_averaged:
            span.write(memory.average, values)
        for array in memory.slots.values():
            span.write(array, np.zeros(span.shape))
    for span in (span for stage in owned for span in stage.buffers):
        span.write(memory.buffers, np.full(span.shape, span.fill, np.float32))
    after.notes = (f"{layer} began anew",)
    return after


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


def overwrite(before: TrainState, what: str, layer: str = "") -> TrainState:
    """The state after "reinitialize" or "keep average", as a journal names them.

    Raises:
        ConfigError: It cannot be done now.
    """
    return keep_average(before) if what == "keep average" else reinitialize(before, layer)
