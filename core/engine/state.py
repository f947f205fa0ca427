"""Where a run stands: all that decides about the steps to come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ..config import Config
from ..data import Data
from .memory import Memory
from .network import Blend, Network


@dataclass
class Stopper:
    """Early stopping: the best evaluation so far."""

    best: float = float("inf")
    """Smallest validation loss."""
    waited: int = 0
    """Evaluations since then."""
    weights: np.ndarray | None = None
    """Weights of the best evaluation."""
    buffers: np.ndarray | None = None
    """Kept statistics of the best evaluation."""


@dataclass
class TrainState:
    """All that decides about the steps to come."""

    config: Config
    data: Data
    network: Network
    memory: Memory
    step: int = 0
    epoch: int = 0
    position: int = 0
    """Rows of the epoch already used."""
    schedule_start: int = 0
    """Step at which the schedule's clock began."""
    schedule_memory: Mapping[str, float] = field(default_factory=dict)
    last_evaluation: int = -1
    """Step of the last evaluation, -1 before the first."""
    stopper: Stopper = field(default_factory=Stopper)
    blends: Mapping[str, Blend] = field(default_factory=dict)
    """Layer -> the activation that fades out behind it."""
    notes: tuple[str, ...] = ()
    """What the last switch, or the start, did to the weights: one sentence each."""
    stopped: str | None = None
    """Why no further step is made: "finished", "early stopping", "diverged"; None: it can go on."""

    def copy(self) -> TrainState:
        """An independent copy."""
        return replace(self, memory=self.memory.copy(), stopper=replace(self.stopper))

    @property
    def batch(self) -> int:
        """Samples in a full batch."""
        return batch_of(self.config, self.data)


def batch_of(config: Config, data: Data) -> int:
    """Samples in a full batch."""
    size, n = config.training.batch_size, len(data.x_train)
    return n if size == "full" else min(int(size), n)
