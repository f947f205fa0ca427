"""The state a run begins with, and how a change of its Config makes one state of another.

A switch is made from the state at the last step that ran, not from switches made since then without a step: so A ->
B -> A with no step between is no change at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..activations import NONE as NO_ACTIVATION
from ..config import Config, diff
from ..data import Data
from ..engine.design import design
from ..engine.initial import draw_weights
from ..engine.measure import BLOCK
from ..engine.memory import Memory, aligned
from ..engine.network import Network
from ..engine.size import check_values
from ..engine.state import Stopper, TrainState, batch_of
from ..registry import families
from ..surgery.jump_start import jump_start, with_frozen
from ..surgery.optimizer_state import carry_state
from ..surgery.preserve import preserve


def begin(config: Config, data: Data) -> TrainState:
    """The state before the first step.

    Args:
        config: What the user chose.
        data: What it asks for.

    Raises:
        ConfigError: The network cannot be built or is too large, or the file not be used.
    """
    config = with_frozen(config)
    network = design(config, data.input_shape, data.task, data.n_outputs)
    check_values(network, batch_of(config, data), BLOCK)
    memory = Memory(network.n_floats, network.n_buffer_floats)
    draw_weights(network, config, memory)
    notes = jump_start(network, config, data, memory)
    carry_state(memory, None, config.optimizer)
    if config.averaging.on:
        memory.average = aligned(network.n_floats)
    return TrainState(config, data, network, memory, schedule_memory=schedule_start_memory(config), notes=notes)


def schedule_start_memory(config: Config) -> Mapping[str, float]:
    """What the schedule remembers at its first step."""
    return dict(config.schedule.member.memory or {})


def starts_anew(old: Config, new: Config) -> bool:
    """Whether a change asks for new first weights, and so for a new run."""

    def start(config: Config) -> tuple[Any, ...]:
        return config.training.seed, config.network.initializer, dict(config.network.initializer_settings)

    return start(old) != start(new)


def changed(before: TrainState, config: Config, data: Data, *, cold: bool = False) -> TrainState:
    """The state after a switch between two steps; `before` is left as it is.

    Args:
        before: The state at the last step that ran.
        config: The Config to come.
        data: The data it asks for.
        cold: Start the optimizer's state from zero.

    Raises:
        ConfigError: The network cannot be built or is too large.
    """
    if starts_anew(before.config, config):
        return begin(config, data)
    paths = set(diff(before.config, config))
    after = replace(before.copy(), config=config, data=data, notes=(), stopped=None)
    if data is not before.data:
        after.position = 0
    after.blends = _blends(before, config, paths)
    network = design(config, data.input_shape, data.task, data.n_outputs, after.blends)
    check_values(network, after.batch, BLOCK)
    other_layout = _layout(network) != _layout(before.network)
    if other_layout:
        preserve(before, after, network)
    after.network = network
    # The best so far was measured and kept for one loss, one set of data and one layout.
    judged = any(path.startswith(("loss.", "training.early_stopping")) for path in paths)
    if judged or other_layout or data is not before.data or before.stopped == "early stopping":
        after.stopper = Stopper()
    if config.optimizer.name != before.config.optimizer.name or cold:
        carry_state(after.memory, before.config.optimizer, config.optimizer, cold=cold)
    if any(path.startswith("schedule.") for path in paths):
        after.schedule_start = after.step
        after.schedule_memory = schedule_start_memory(config)
    if config.averaging.name != before.config.averaging.name:
        after.memory.average = aligned(network.n_floats if config.averaging.on else 0)
        after.memory.n_averaged, after.memory.waited = 0, 0.0
    return after


def _layout(network: Network) -> list[tuple[str, tuple[int, ...], int]]:
    spans = [*network.weights.values(), *network.buffers.values()]
    return [(span.name, span.shape, span.offset) for span in spans]


def _blends(
    before: TrainState, config: Config, paths: set[str]
) -> Mapping[str, tuple[Any, Mapping[str, Any], int, int]]:
    """Activations still fading after the change."""
    running = {layer: blend for layer, blend in before.blends.items() if before.step < blend[2] + blend[3]}
    n_steps = config.network.blend_steps
    touched = any(path.startswith("network.") and path.endswith(".activation") for path in paths)
    touched = touched or "network.activation" in paths
    if not touched:
        return running
    after = design(config, before.data.input_shape, before.data.task, before.data.n_outputs)
    old, new = _activations(before.network, before.memory), _activations(after)
    identity = families["activations"][NO_ACTIVATION]
    for layer, (member, _) in new.items():
        if layer in old and old[layer][0] is not member:
            running.pop(layer, None)
            if n_steps:
                running[layer] = (*old[layer], before.step, n_steps)
    for layer in old:
        if layer not in new and n_steps and layer in {stage.owner for stage in after.stages}:
            running[layer] = (*old[layer], before.step, n_steps)
    for layer in [layer for layer in new if layer not in old and n_steps]:
        if layer in {stage.owner for stage in before.network.stages}:
            running[layer] = (identity, {}, before.step, n_steps)
    return running


def _activations(network: Network, memory: Memory | None = None) -> dict[str, tuple[Any, Mapping[str, Any]]]:
    """Layer -> (activation, settings); with a memory also what was learned, which an activation keeps as it fades."""
    found: dict[str, tuple[Any, Mapping[str, Any]]] = {}
    for stage in network.stages:
        if stage.kind == "activation":
            settings = dict(stage.settings)
            if memory is not None:
                for param, span in zip(stage.member.learned, stage.weights, strict=True):
                    settings[param.name] = span.read(memory.weights).item()
            found[stage.owner] = (stage.member, settings)
    return found
