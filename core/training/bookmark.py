"""A standing to return to, and the arrays and plain values it is kept as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..config import Config
from ..engine.design import design
from ..engine.memory import aligned_copy
from ..engine.state import Situation, Stopper
from ..errors import ConfigError
from ..registry import families
from ..snapshot import Event
from .history import History

KIND = "dltui state"
COUNTERS = ("step", "epoch", "position", "schedule_start", "last_evaluation", "stopped")


def without_jump(config: Config) -> Config:
    """A Config for a fresh situation that a saved standing is put into: it brings its own weights."""
    return config.with_changes({"jump_start.path": ""})


@dataclass(frozen=True, eq=False)
class Bookmark:
    """A standing to return to."""

    situation: Situation
    history: History
    events: tuple[Event, ...]


def state_of(bookmark: Bookmark) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and plain values of a standing; the arrays are its own."""
    now = bookmark.situation
    memory = now.memory
    arrays = {
        "weights": memory.weights,
        "gradients": memory.gradients,
        "raw_gradients": memory.raw_gradients,
        "buffers": memory.buffers,
        "average": memory.average,
    }
    arrays |= {f"slot.{name}": array for name, array in memory.slots.items()}
    arrays |= {f"history.{name}": array for name, array in bookmark.history.arrays().items()}
    arrays |= {f"scaler.{name}": array for name, array in now.data.fitted.items()}
    if now.stopper.weights is not None and now.stopper.buffers is not None:
        arrays |= {"best.weights": now.stopper.weights, "best.buffers": now.stopper.buffers}
    blends = {
        layer: {"activation": member.name, "settings": dict(settings), "first": first, "steps": n_steps}
        for layer, (member, settings, first, n_steps) in now.blends.items()
    }
    meta = {
        "kind": KIND,
        "config": now.config.to_dict(dormant=True),
        "data": now.data.digest,
        "shape": [list(now.data.input_shape), now.data.task, now.data.n_outputs],
        "counters": {name: getattr(now, name) for name in COUNTERS},
        "memory": {"t": memory.t, "n_averaged": memory.n_averaged, "waited": memory.waited},
        "schedule": dict(now.schedule_memory),
        "stopper": {"best": now.stopper.best, "waited": now.stopper.waited},
        "blends": blends,
        "events": [asdict(event) for event in bookmark.events],
    }
    return arrays, meta


def bookmark_of(
    now: Situation, config: Config, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any], file: str
) -> Bookmark:
    """The standing kept as `arrays` and `meta`.

    Args:
        now: A fresh situation of the same data and, but for a jump start, the same Config; becomes part of the result.
        config: The Config in force then.
        arrays: From `state_of`.
        meta: From `state_of`.
        file: Named in the error.

    Raises:
        ConfigError: The data or the shapes are others.
    """
    now.config = config
    if meta["data"] != now.data.digest:
        raise ConfigError("was made with other data than is there now", file=file)
    now.blends = {
        layer: (families["activations"][blend["activation"]], blend["settings"], blend["first"], blend["steps"])
        for layer, blend in meta["blends"].items()
    }
    memory = now.memory
    for name in ("weights", "gradients", "raw_gradients", "buffers", "average"):
        if arrays[name].shape != getattr(memory, name).shape:
            raise ConfigError(f"holds {name} of another shape", file=file)
        setattr(memory, name, aligned_copy(arrays[name]))
    for meaning in memory.slots:
        memory.slots[meaning] = aligned_copy(arrays[f"slot.{meaning}"])
    memory.t, memory.n_averaged, memory.waited = (meta["memory"][name] for name in ("t", "n_averaged", "waited"))
    for name in COUNTERS:
        setattr(now, name, meta["counters"][name])
    now.schedule_memory = meta["schedule"]
    now.stopper = Stopper(
        meta["stopper"]["best"], meta["stopper"]["waited"], arrays.get("best.weights"), arrays.get("best.buffers")
    )
    prefix = "history."
    kept = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
    events = tuple(Event(**event) for event in meta["events"])
    now.network = design(now.config, now.data.input_shape, now.data.task, now.data.n_outputs, now.blends)
    return Bookmark(now, History.from_arrays(kept), events)
