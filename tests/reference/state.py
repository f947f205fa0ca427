"""All that a step changes, as one record: what a change of settings starts from."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from dltui.core import Config

from .averaging import Average
from .network import Arrays, Network
from .optimizers import State as OptimizerState
from .order import Batches
from .stopping import Stopper

Fading = tuple[str, dict[str, Any], int, int]
"""An activation being left: (name, settings, step of the change, steps it takes)."""


@dataclass
class State:
    """Where a run stands."""

    config: Config
    net: Network
    w: Arrays
    """Weights by name."""
    kept: Arrays
    """Running statistics of batch normalization by name."""
    optimizer: dict[str, OptimizerState]
    """Weight -> the optimizer's state for it, by meaning."""
    t: int = 0
    """Steps the optimizer's state has seen."""
    step: int = 0
    batches: Batches = field(default_factory=Batches)
    average: Average = field(default_factory=Average)
    schedule_start: int = 0
    """Step at which the schedule was chosen."""
    schedule_steps: int = 0
    """Steps that were left of the run then, without the warmup."""
    schedule: dict[str, float] = field(default_factory=dict)
    """What plateau remembers."""
    last_evaluation: int = -1
    stopper: Stopper = field(default_factory=Stopper)
    stopped: str | None = None
    fading: dict[str, Fading] = field(default_factory=dict)
    """Layer -> activation being left."""

    def copy(self) -> State:
        """An independent one."""
        parts = ("w", "kept", "optimizer", "batches", "average", "schedule", "stopper", "fading")
        return replace(self, **{name: deepcopy(getattr(self, name)) for name in parts})
