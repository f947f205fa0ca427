"""A state to return to, what a checkpoint keeps of it, and the hash by which two runs are the same run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..config import Config
from ..data import Data
from ..engine.design import design, with_blends
from ..engine.memory import Memory, aligned_copy
from ..engine.network import Blend
from ..engine.state import Stopper, TrainState
from ..errors import ConfigError
from ..registry import families
from ..snapshot import Event
from .history import History

KIND = "dltui state"
COUNTERS = ("step", "epoch", "position", "schedule_start", "last_evaluation", "stopped")
_FLAT = ("weights", "gradients", "raw_gradients", "buffers", "average")
_JUDGED = ("best", "waited", "n_averaged", "average_waited")
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
        if state.stopper.weights is not None and state.stopper.buffers is not None:
            arrays |= {"best.weights": state.stopper.weights, "best.buffers": state.stopper.buffers}
            if state.stopper.average is not None:
                arrays["best.average"] = state.stopper.average
        meta: dict[str, object] = {
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
        return arrays, meta

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any], config: Config, data: Data, file: str
    ) -> Bookmark:
        """The bookmark that a checkpoint was made from.

        Args:
            arrays: From `to_arrays`.
            meta: From `to_arrays`.
            config: The Config among the plain values, checked.
            data: What it asks for.
            file: Named in the error.

        Raises:
            ConfigError: The data or the shapes are others.
        """
        if meta["data"] != data.digest:
            raise ConfigError("was made with data that have since changed", file=file)
        blends = {layer: _blend(plain) for layer, plain in meta["blends"].items()}
        network = design(config, data.input_shape, data.task, data.n_outputs)
        network = with_blends(network, blends, normalized=config.network.normalized)
        memory = Memory(network.n_floats, network.n_buffer_floats, averaging=config.averaging.on)
        for name in _FLAT:
            if arrays[name].shape != getattr(memory, name).shape:
                raise ConfigError(f"holds {name} of another shape", file=file)
            setattr(memory, name, aligned_copy(arrays[name]))
        memory.slots = {name: aligned_copy(arrays[f"slot.{name}"]) for name in config.optimizer.member.slots}
        memory.t, memory.n_averaged, memory.waited = (meta["memory"][name] for name in ("t", "n_averaged", "waited"))
        # States written before averages were judged have no count of them.
        judged = {name: meta["stopper"][name] for name in _JUDGED if name in meta["stopper"]}
        best: dict[str, Any] = {name: arrays.get(f"best.{name}") for name in ("weights", "buffers", "average")}
        state = TrainState(
            config,
            data,
            network,
            memory,
            schedule_memory=meta["schedule"],
            stopper=Stopper(**judged, **best),
            blends=blends,
            **{name: meta["counters"][name] for name in COUNTERS},
        )
        series = {name.removeprefix(_HISTORY): array for name, array in arrays.items() if name.startswith(_HISTORY)}
        return cls(state, History.from_arrays(series), tuple(Event(**event) for event in meta["events"]))


def _plain_blend(blend: Blend) -> dict[str, object]:
    return {
        "activation": blend.activation.name,
        "settings": dict(blend.settings),
        "first": blend.first_step,
        "steps": blend.n_steps,
    }


def _blend(plain: Mapping[str, Any]) -> Blend:
    return Blend(families["activations"][plain["activation"]], plain["settings"], plain["first"], plain["steps"])


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
