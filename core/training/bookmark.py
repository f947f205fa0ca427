"""A state to return to, and the arrays and plain values it is kept as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..config import Config
from ..engine.design import design
from ..engine.memory import aligned_copy
from ..engine.state import Stopper, TrainState
from ..errors import ConfigError
from ..registry import families
from ..snapshot import Event
from .history import History

KIND = "dltui state"
COUNTERS = ("step", "epoch", "position", "schedule_start", "last_evaluation", "stopped")


def without_jump(config: Config) -> Config:
    """A Config for a fresh state that a saved state is put into: it brings its own weights."""
    return config.with_changes({"jump_start.path": ""})


@dataclass(frozen=True, eq=False)
class Bookmark:
    """A state to return to."""

    state: TrainState
    history: History
    events: tuple[Event, ...]


def state_of(bookmark: Bookmark) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and plain values of a state; the arrays are its own."""
    state = bookmark.state
    memory = state.memory
    arrays = {
        "weights": memory.weights,
        "gradients": memory.gradients,
        "raw_gradients": memory.raw_gradients,
        "buffers": memory.buffers,
        "average": memory.average,
    }
    arrays |= {f"slot.{name}": array for name, array in memory.slots.items()}
    arrays |= {f"history.{name}": array for name, array in bookmark.history.arrays().items()}
    arrays |= {f"scaler.{name}": array for name, array in state.data.fitted.items()}
    if state.stopper.weights is not None and state.stopper.buffers is not None:
        arrays |= {"best.weights": state.stopper.weights, "best.buffers": state.stopper.buffers}
    blends = {
        layer: {"activation": member.name, "settings": dict(settings), "first": first, "steps": n_steps}
        for layer, (member, settings, first, n_steps) in state.blends.items()
    }
    meta = {
        "kind": KIND,
        "config": state.config.to_dict(dormant=True),
        "data": state.data.digest,
        "shape": [list(state.data.input_shape), state.data.task, state.data.n_outputs],
        "counters": {name: getattr(state, name) for name in COUNTERS},
        "memory": {"t": memory.t, "n_averaged": memory.n_averaged, "waited": memory.waited},
        "schedule": dict(state.schedule_memory),
        "stopper": {"best": state.stopper.best, "waited": state.stopper.waited},
        "blends": blends,
        "events": [asdict(event) for event in bookmark.events],
    }
    return arrays, meta


def bookmark_of(
    state: TrainState, config: Config, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any], file: str
) -> Bookmark:
    """The state kept as `arrays` and `meta`.

    Args:
        state: A fresh state of the same data and, but for a jump start, the same Config; becomes part of the result.
        config: The Config in force then.
        arrays: From `state_of`.
        meta: From `state_of`.
        file: Named in the error.

    Raises:
        ConfigError: The data or the shapes are others.
    """
    state.config = config
    if meta["data"] != state.data.digest:
        raise ConfigError("was made with other data than is there now", file=file)
    state.blends = {
        layer: (families["activations"][blend["activation"]], blend["settings"], blend["first"], blend["steps"])
        for layer, blend in meta["blends"].items()
    }
    memory = state.memory
    for name in ("weights", "gradients", "raw_gradients", "buffers", "average"):
        if arrays[name].shape != getattr(memory, name).shape:
            raise ConfigError(f"holds {name} of another shape", file=file)
        setattr(memory, name, aligned_copy(arrays[name]))
    for meaning in memory.slots:
        memory.slots[meaning] = aligned_copy(arrays[f"slot.{meaning}"])
    memory.t, memory.n_averaged, memory.waited = (meta["memory"][name] for name in ("t", "n_averaged", "waited"))
    for name in COUNTERS:
        setattr(state, name, meta["counters"][name])
    state.schedule_memory = meta["schedule"]
    state.stopper = Stopper(
        meta["stopper"]["best"], meta["stopper"]["waited"], arrays.get("best.weights"), arrays.get("best.buffers")
    )
    prefix = "history."
    kept = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
    events = tuple(Event(**event) for event in meta["events"])
    state.network = design(state.config, state.data.input_shape, state.data.task, state.data.n_outputs, state.blends)
    return Bookmark(state, History.from_arrays(kept), events)
