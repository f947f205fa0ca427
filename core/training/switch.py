"""How a change of settings makes one state of a run another, between two steps.

A change is planned once: checked, its network laid out, and compared with the settings in force. The state after it is
made from the state at the last step that ran, not from changes made since then without a step: so A -> B -> A with no
step between is no change at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from ..activations import NONE as NO_ACTIVATION
from ..activations.base import Activation
from ..config import Config, diff
from ..config.config import Differences
from ..config.describe import change_text, starts_segment
from ..data import Data
from ..engine.design import design, with_blends
from ..engine.initial import draw_weights
from ..engine.measure import BLOCK
from ..engine.memory import Memory
from ..engine.network import Blend, Network
from ..engine.size import check_values
from ..engine.state import Stopper, TrainState, batch_of
from ..errors import ConfigError
from ..kernel.arrays import aligned
from ..registry import Settings, families
from ..surgery.jump_start import jump_start, with_frozen
from ..surgery.match import same_layers
from ..surgery.optimizer_state import carry_state
from ..surgery.preserve import preserve
from .cadence import steps_left
from .rates import future_rates, steps_of_schedule, words_for_another_end, words_for_rest


@dataclass(frozen=True, eq=False)
class PlannedChange:
    """A change of settings, checked and laid out: what goes from the command to the state after it."""

    changes: Mapping[str, object]
    """Config paths and their new values, as requested."""
    cold: bool
    """Whether the optimizer's state starts from zero."""
    old: Config
    """In force when it was planned."""
    start: Config
    """In force at the last step that ran: the state after the change is made from there."""
    new: Config
    """The Config to come."""
    data: Data
    """What it asks for."""
    network: Network
    """Its layers, laid out."""

    @property
    def changes_nothing(self) -> bool:
        """Whether everything would stay as it is."""
        return self.new == self.old and not self.cold

    @property
    def starts_anew(self) -> bool:
        """Whether it asks for new first weights, and so for a new run."""
        return first_weights(self.old) != first_weights(self.new)

    @cached_property
    def text(self) -> str:
        """The change on one line, for people."""
        return change_text(self.old, self.new, self._differences)

    @property
    def starts_segment(self) -> bool:
        """Whether the unit of the loss changes."""
        return starts_segment(self._differences)

    def at_rate(self, learning_rate: float) -> PlannedChange:
        """The same change with another base learning rate."""
        rate = {"optimizer.learning_rate": learning_rate}
        return replace(self, changes={**self.changes, **rate}, new=self.new.with_changes(rate))

    @cached_property
    def paths(self) -> frozenset[str]:
        """What differs from the Config at the last step that ran."""
        return frozenset(self._differences if self.start is self.old else diff(self.start, self.new))

    @cached_property
    def _differences(self) -> Differences:
        return diff(self.old, self.new)


def plan_change(
    changes: Mapping[str, object],
    old: Config,
    start: TrainState,
    data_for: Callable[[Config, TrainState], Data],
    *,
    cold: bool = False,
) -> PlannedChange:
    """Check a change and lay out its network; nothing happens yet.

    Args:
        changes: Config paths and their new values.
        old: The Config in force.
        start: The state at the last step that ran.
        data_for: (Config, state) -> the data the Config asks for, those of the state where they are the same.
        cold: Start the optimizer's state from zero.

    Raises:
        ConfigError: The change is not allowed: a value, a network that cannot be built or is too large, a file.
    """
    new = old.with_changes(changes)
    if first_weights(old) != first_weights(new):
        new = with_frozen(new)
    data = data_for(new, start)
    return PlannedChange(changes, cold, old, start.config, new, data, lay_out(new, data))


def lay_out(config: Config, data: Data) -> Network:
    """The network a Config asks for on these data, with nothing fading.

    Raises:
        ConfigError: It cannot be built or is too large.
    """
    network = design(config, data.input_shape, data.task, data.n_outputs, data.image_shape)
    check_values(network, batch_of(config, data), BLOCK)
    return network


def begin(config: Config, data: Data) -> TrainState:
    """The state before the first step.

    Args:
        config: What the user chose.
        data: What it asks for.

    Raises:
        ConfigError: The network cannot be built or is too large, or the file not be used.
    """
    config = with_frozen(config)
    return _first_state(config, data, lay_out(config, data))


def _first_state(config: Config, data: Data, network: Network) -> TrainState:
    memory = Memory(network.n_floats, network.n_buffer_floats, averaging=config.averaging.on)
    draw_weights(network, config, memory)
    notes = jump_start(network, config, data, memory)
    carry_state(memory, None, config.optimizer)
    state = TrainState(config, data, network, memory, schedule_memory=_schedule_memory(config))
    state.schedule_steps = steps_of_schedule(state)
    state.notes = (*notes, *_never_heard(config, data), *words_for_rest(state))
    return state


def _schedule_memory(config: Config) -> Mapping[str, float]:
    """What the schedule remembers at its first step."""
    return dict(config.schedule.member.memory or {})


def _never_heard(config: Config, data: Data) -> tuple[str, ...]:
    """What waits for evaluations of validation rows where there are none, one sentence each."""
    if len(data.x_val):
        return ()
    waiting = ["early stopping never ends the run"] if config.training.early_stopping else []
    if config.schedule.member.observe is not None:
        waiting.append(f"the schedule ({config.schedule.member.title.lower()}) never changes the rate")
    return tuple(f"there are no validation rows, so {what}" for what in waiting)


def first_weights(config: Config) -> tuple[object, ...]:
    """The settings that decide about the first weights."""
    return config.training.seed, config.network.initializer, dict(config.network.initializer_settings)


def state_after(change: PlannedChange, before: TrainState) -> TrainState:
    """The state after a change between two steps.

    Args:
        change: Planned from `before`.
        before: The state at the last step that ran; it is left as it is.

    Raises:
        ConfigError: The network cannot be changed in this way, or is too large while an activation fades.
    """
    config, data, paths = change.new, change.data, change.paths
    if change.starts_anew:
        return _first_state(config, data, change.network)
    after = replace(before.copy(), config=config, data=data, notes=(), stopped=None)
    if data is not before.data:
        after.position = 0
    network, after.blends = change.network, _blends(before, change)
    if after.blends:
        network = with_blends(network, after.blends, normalized=config.network.normalized)
        check_values(network, after.batch, BLOCK)
    other_layers = not same_layers(before.network, network)
    if other_layers:
        preserve(before, after, network)
    after.network = network
    # The best so far was measured and kept for one loss, one set of data, one layout, and for averages or without.
    judged = any(path.startswith(("loss.", "training.early_stopping", "averaging.name")) for path in paths)
    if judged or other_layers or data is not before.data or before.stopped == "early stopping":
        after.stopper = Stopper()
    old, new = before.config.optimizer, config.optimizer
    if change.cold or (old.name, old.settings) != (new.name, new.settings):
        carry_state(after.memory, old, new, cold=change.cold)
    if any(path.startswith("schedule.") for path in paths):
        after.schedule_start = after.step
        after.schedule_memory = _schedule_memory(config)
        after.schedule_steps = steps_of_schedule(after)
        after.notes = (*after.notes, *words_for_rest(after))
    elif "optimizer.learning_rate" in paths:
        _rebase_schedule(after, before)
    if config.averaging.name != before.config.averaging.name:
        after.memory.average = aligned(network.n_floats if config.averaging.on else 0)
        after.memory.n_averaged, after.memory.waited = 0, 0.0
    if data is not before.data or any(path in ("schedule.name", "training.early_stopping") for path in paths):
        after.notes = (*after.notes, *_never_heard(config, data))
    if before.memory.sound and not after.memory.sound:
        raise ConfigError("would make numbers that are not finite", field=", ".join(sorted(paths)))
    if after.schedule_start < after.step and steps_left(after) != steps_left(before):
        after.notes = (*after.notes, *words_for_another_end(after))
    return after


def aimed(state: TrainState, step: int) -> TrainState:
    """The same state where whoever trains means to end at a step; a schedule that begins here and takes the rest of
    the run is fitted to it.

    Args:
        state: It is left as it is.
        step: At which it ends; 0, or a step behind the run: none is known.

    Raises:
        ConfigError: The schedule cannot be fitted into so few steps.
    """
    after = replace(state.copy(), aim=step, notes=())
    if state.schedule_start < state.step:
        return replace(after, notes=words_for_another_end(after))
    after.schedule_steps = steps_of_schedule(after)
    return replace(after, notes=words_for_rest(after))


def _rebase_schedule(after: TrainState, before: TrainState) -> None:
    """Let a rate that was set by hand be the rate, whatever the schedule had made of the one before."""
    schedule, memory = after.config.schedule, before.schedule_memory
    if schedule.member.rebase is None:
        return
    after.schedule_memory = schedule.member.rebase(memory)
    if after.schedule_memory != memory:
        had, rate = (float(future_rates(state, 1)[0]) for state in (before, after))
        after.notes = (*after.notes, f"the rate is {rate:g} now; the schedule had brought it to {had:g}")


def _blends(before: TrainState, change: PlannedChange) -> Mapping[str, Blend]:
    """Activations still fading after the change."""
    running = {layer: blend for layer, blend in before.blends.items() if before.step < blend.first_step + blend.n_steps}
    touched = any(
        path == "network.activation" or (path.startswith("network.") and path.endswith(".activation"))
        for path in change.paths
    )
    if not touched:
        return running
    n_steps = change.new.network.blend_steps
    old, new = _activations(before.network, before.memory), _activations(change.network)
    there, here = ({stage.owner for stage in network.stages} for network in (before.network, change.network))
    nothing = families["activations"][NO_ACTIVATION]
    for layer, (member, _) in new.items():
        if layer in old and old[layer][0] is not member:
            running.pop(layer, None)
            if n_steps:
                running[layer] = Blend(*old[layer], before.step, n_steps)
    for layer in old:
        if layer not in new and n_steps and layer in here:
            running[layer] = Blend(*old[layer], before.step, n_steps)
    for layer in new:
        if layer not in old and n_steps and layer in there:
            running[layer] = Blend(nothing, {}, before.step, n_steps)
    return running


def _activations(network: Network, memory: Memory | None = None) -> dict[str, tuple[Activation, Settings]]:
    """Layer -> (activation, settings); with a memory also what was learned, which an activation keeps as it fades."""
    activations: dict[str, tuple[Activation, Settings]] = {}
    for stage in network.stages:
        if isinstance(stage.member, Activation):
            settings = dict(stage.settings)
            if memory is not None:
                for param, span in zip(stage.member.learned, stage.weights, strict=True):
                    settings[param.name] = span.read(memory.weights).item()
            activations[stage.owner] = (stage.member, settings)
    return activations
