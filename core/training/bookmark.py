"""A state to return to, what a checkpoint keeps of it, and the hash by which two runs are the same run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from ..config import Config
from ..data import Data
from ..data.preparation import KEY as PREPARATION
from ..data.preparation import preparation_of
from ..disk.typed import MAX_COUNT, Fields
from ..engine.design import design, with_blends
from ..engine.memory import Memory, aligned_copy
from ..engine.network import Blend
from ..engine.state import Stopper, TrainState
from ..errors import ConfigError
from ..registry import families
from ..snapshot import Event
from ..text import safe_text
from .history import History

KIND = "dltui state"
COUNTERS = (
    "step",
    "epoch",
    "position",
    "schedule_start",
    "schedule_steps",
    "aim",
    "last_evaluation",
    "stopped",
)
_FLAT = ("weights", "gradients", "raw_gradients", "buffers", "average")
_JUDGED = ("best", "waited", "n_averaged", "average_waited")
STOPPED = (None, "finished", "early stopping", "diverged")
MAX_EVENTS = 100_000
MAX_EVENT_TEXT = 4000
_HISTORY = "history."


def without_jump(config: Config) -> Config:
    """A Config for a trainer that a kept state is put into: the state brings its own weights."""
    return config.with_changes({"jump_start.path": ""})


@dataclass(frozen=True, eq=False)
class Bookmark:
    """A state to return to, with the curves and events that led to it."""

    state: TrainState
    history: History
    events: tuple[Event, ...]

    def digest(self) -> str:
        """Hash of the state and its curves: equal digests mean the same run."""
        return digest_of(self.state, self.history)

    def to_arrays(self) -> tuple[dict[str, np.ndarray], dict[str, object]]:
        """Arrays and plain values for a checkpoint; the arrays are the bookmark's own."""
        state, memory = self.state, self.state.memory
        arrays: dict[str, np.ndarray] = {name: getattr(memory, name) for name in _FLAT}
        arrays |= {f"slot.{name}": array for name, array in memory.slots.items()}
        arrays |= {f"{_HISTORY}{name}": array for name, array in self.history.arrays().items()}
        arrays |= {f"scaler.{name}": array for name, array in state.data.fitted.items()}
        arrays[PREPARATION] = preparation_of(state.data)
        if state.stopper.weights is not None and state.stopper.buffers is not None:
            arrays |= {"best.weights": state.stopper.weights, "best.buffers": state.stopper.buffers}
            if state.stopper.average is not None:
                arrays["best.average"] = state.stopper.average
        values: dict[str, object] = {
            "kind": KIND,
            "config": state.config.to_dict(dormant=True),
            "data": state.data.digest,
            "shape": [list(state.data.input_shape), state.data.task, state.data.n_outputs],
            "counters": {name: getattr(state, name) for name in COUNTERS},
            "memory": {"t": memory.t, "n_averaged": memory.n_averaged, "waited": memory.waited},
            "schedule": dict(state.schedule_memory),
            "stopper": {name: getattr(state.stopper, name) for name in _JUDGED},
            "blends": {layer: _plain_blend(blend) for layer, blend in state.blends.items()},
            "events": [asdict(event) for event in self.events],
        }
        return arrays, values

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, np.ndarray], values: Fields, config: Config, data: Data, file: str
    ) -> Bookmark:
        """The bookmark that a checkpoint was made from; kernels trust its numbers, so every one is checked here.

        Args:
            arrays: From `to_arrays`.
            values: From `to_arrays`.
            config: The Config among the values, checked.
            data: What it asks for.
            file: Named in the error.

        Raises:
            ConfigError: The data or the shapes are others, or something is missing or out of bounds.
        """
        try:
            if values.text("data") != data.digest:
                raise ConfigError("was made with data that have since changed")
            blends = {layer: _blend(values.table("blends").table(layer)) for layer in values.table("blends").names()}
            network = design(config, data.input_shape, data.task, data.n_outputs, data.image_shape)
            network = with_blends(network, blends, normalized=config.network.normalized)
            memory = Memory(network.n_floats, network.n_buffer_floats, averaging=config.averaging.on)
            _fill(memory, arrays, values.table("memory"), config)
            state = TrainState(
                config,
                data,
                network,
                memory,
                schedule_memory=_schedule_memory(values.table("schedule"), config),
                stopper=_stopper(values.table("stopper"), arrays, memory),
                blends=blends,
            )
            _count(state, values.table("counters"))
            series = {name.removeprefix(_HISTORY): array for name, array in arrays.items() if name.startswith(_HISTORY)}
            events = tuple(_event(fields) for fields in values.tables("events", MAX_EVENTS))
            return cls(state, History.from_arrays(series), events)
        except ConfigError as error:
            raise error.at(file=file) from None


def _like(arrays: Mapping[str, np.ndarray], name: str, like: np.ndarray) -> np.ndarray:
    """The array called `name`, of the kind and shape of `like`.

    Raises:
        ConfigError: It is missing, or of another kind or shape.
    """
    if name not in arrays or arrays[name].dtype != like.dtype or arrays[name].shape != like.shape:
        raise ConfigError(f"holds {name} of another shape")
    return arrays[name]


def _fill(memory: Memory, arrays: Mapping[str, np.ndarray], values: Fields, config: Config) -> None:
    for name in _FLAT:
        setattr(memory, name, aligned_copy(_like(arrays, name, getattr(memory, name))))
    memory.slots = {
        name: aligned_copy(_like(arrays, f"slot.{name}", memory.weights)) for name in config.optimizer.member.slots
    }
    memory.t, memory.n_averaged = values.count("t"), values.count("n_averaged")
    memory.waited = values.number("waited")


def _count(state: TrainState, values: Fields) -> None:
    state.step, state.epoch = values.count("step"), values.count("epoch")
    state.position = values.count("position", len(state.data.x_train) or MAX_COUNT)  # no rows: to predict only
    state.schedule_start = values.whole("schedule_start", 0, state.step)
    if "schedule_steps" in values:  # states written before schedules took the rest of a run have neither
        state.schedule_steps, state.aim = values.count("schedule_steps"), values.count("aim")
    if not state.schedule_steps and state.config.schedule.member.takes_rest(state.config.schedule.settings):
        raise values.wrong("schedule_steps")
    state.last_evaluation = values.whole("last_evaluation", -1, state.step)
    state.stopped = values.text("stopped") if values.raw("stopped") is not None else None
    if state.stopped not in STOPPED:
        raise values.wrong("stopped")


def _stopper(values: Fields, arrays: Mapping[str, np.ndarray], memory: Memory) -> Stopper:
    stopper = Stopper(values.number("best"), values.count("waited"))
    if "n_averaged" in values:  # states written before averages were judged have no count of them
        stopper.n_averaged, stopper.average_waited = values.count("n_averaged"), values.number("average_waited")
    if "best.weights" in arrays:
        stopper.weights = _like(arrays, "best.weights", memory.weights)
        stopper.buffers = _like(arrays, "best.buffers", memory.buffers)
    if "best.average" in arrays:
        stopper.average = _like(arrays, "best.average", memory.weights)
    return stopper


def _schedule_memory(values: Fields, config: Config) -> dict[str, float]:
    expected = config.schedule.member.memory or {}
    if set(values.names()) != set(expected):
        raise ConfigError("remembers what its schedule does not")
    return {name: values.number(name) for name in values.names()}


def _event(values: Fields) -> Event:
    before, after = (values.number(name) if values.raw(name) is not None else None for name in ("before", "after"))
    return Event(
        number=values.count("number"),
        step=values.count("step"),
        kind=safe_text(values.text("kind")),
        text=safe_text(values.text("text", limit=MAX_EVENT_TEXT), MAX_EVENT_TEXT),
        before=before,
        after=after,
        segment=values.flag("segment", False),
    )


def _plain_blend(blend: Blend) -> dict[str, object]:
    return {
        "activation": blend.activation.name,
        "settings": dict(blend.settings),
        "first": blend.first_step,
        "steps": blend.n_steps,
    }


def _blend(values: Fields) -> Blend:
    activation = families["activations"].member(values.text("activation"), "blends")
    settings = values.table("settings")
    numbers = {name: settings.number(name) for name in settings.names()}
    if not {param.name for param in activation.params} <= set(numbers):
        raise values.wrong("settings")
    return Blend(activation, numbers, values.count("first"), values.count("steps"))


def digest_of(state: TrainState, history: History) -> str:
    """Hash of weights, optimizer state, kept statistics, counters and curves, in hexadecimal."""
    memory, digest = state.memory, hashlib.sha256()
    for array in (memory.weights, memory.buffers, memory.average):
        digest.update(array.tobytes())
    for name in sorted(memory.slots):
        digest.update(name.encode() + memory.slots[name].tobytes())
    counters = (
        state.step,
        state.epoch,
        state.position,
        memory.t,
        memory.n_averaged,
        memory.waited,
        state.schedule_start,
    )
    remembered = sorted(state.schedule_memory.items())
    digest.update(
        repr((counters, remembered, state.stopper.best, state.stopper.waited, state.last_evaluation)).encode()
    )
    history.hash_into(digest)
    return digest.hexdigest()
