"""All that decides about the steps to come, to a file and back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import checkpoint
from .config import Config
from .errors import ConfigError
from .history import History
from .memory import aligned_copy
from .registry import families
from .situation import Stopper
from .snapshot import Event

if TYPE_CHECKING:
    from .trainer import Trainer

KIND = "dltui state"
COUNTERS = ("step", "epoch", "position", "schedule_start", "last_evaluation", "stopped")


def state_of(trainer: Trainer) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and plain values of a run's standing."""
    now = trainer._now
    memory = now.memory
    arrays = {
        "weights": memory.weights,
        "gradients": memory.gradients,
        "raw_gradients": memory.raw_gradients,
        "buffers": memory.buffers,
        "average": memory.average,
    }
    arrays |= {f"slot.{name}": array for name, array in memory.slots.items()}
    arrays |= {f"history.{name}": array for name, array in trainer.history.arrays().items()}
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
        "counters": {name: getattr(now, name) for name in COUNTERS},
        "memory": {"t": memory.t, "n_averaged": memory.n_averaged, "waited": memory.waited},
        "schedule": dict(now.schedule_memory),
        "stopper": {"best": now.stopper.best, "waited": now.stopper.waited},
        "blends": blends,
        "events": [asdict(event) for event in trainer.events],
    }
    return {name: np.array(array) for name, array in arrays.items()}, meta


def save_state(trainer: Trainer, path: Path) -> None:
    """Write the standing to a file."""
    checkpoint.save(path, *state_of(trainer))


def load_state(kind: type[Trainer], path: Path, data: tuple[np.ndarray, ...] | None) -> Trainer:
    """A trainer from a file.

    Raises:
        ConfigError: The file is damaged or does not fit the data.
    """
    arrays, meta = checkpoint.load(path)
    if meta.get("kind") != KIND:
        raise ConfigError("is not the state of a run", file=str(path))
    trainer = kind(Config.from_dict(meta["config"], file=str(path)), data)
    put_state(trainer, arrays, meta, str(path))
    return trainer


def put_state(trainer: Trainer, arrays: dict[str, np.ndarray], meta: dict[str, Any], file: str) -> None:
    """Bring a trainer of the same Config to the standing in `arrays` and `meta`.

    Raises:
        ConfigError: The data or the shapes are others.
    """
    now = trainer._now
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
    trainer.history = History.from_arrays(kept)
    trainer.events = [Event(**event) for event in meta["events"]]
    trainer._before = trainer._sound = None
    trainer._redesign()
