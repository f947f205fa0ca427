"""The state of a run: all that decides about the steps to come."""

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
    average: np.ndarray | None = None
    """Averaged weights of the best evaluation, which are what it looked at; None where it looked at the last ones."""
    n_averaged: int = 0
    """Weights in that average."""
    average_waited: float = 0.0
    """Steps since the last weights went into it."""

    def update(self, loss: float, memory: Memory) -> None:
        """Take in an evaluation; what it looked at is kept if it is the best so far."""
        if not loss < self.best:
            self.waited += 1
            return
        self.best, self.waited = loss, 0
        self.weights, self.buffers = memory.weights.copy(), memory.buffers.copy()
        self.average = memory.average.copy() if memory.n_averaged else None
        self.n_averaged, self.average_waited = memory.n_averaged, memory.waited

    def restore(self, memory: Memory) -> None:
        """Write back what the best evaluation looked at, weights and average alike."""
        if self.weights is None or self.buffers is None:
            return
        memory.weights[:], memory.buffers[:] = self.weights, self.buffers
        memory.average[:] = 0.0 if self.average is None else self.average
        memory.n_averaged, memory.waited = self.n_averaged, self.average_waited


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
    schedule_steps: int = 0
    """Steps that the rest of the run came to when the schedule began; 0 where it does not ask for the rest."""
    aim: int = 0
    """Step at which whoever trains means to end, though the Config names no such end; 0: none is known."""
    schedule_memory: Mapping[str, float] = field(default_factory=dict)
    last_evaluation: int = -1
    """Step of the last evaluation, -1 before the first."""
    stopper: Stopper = field(default_factory=Stopper)
    blends: Mapping[str, Blend] = field(default_factory=dict)
    """Layer -> the activation that fades out behind it."""
    notes: tuple[str, ...] = ()
    """What the last switch, or the start, did to the weights: one sentence each."""
    stopped: str | None = None
    """Why no further step is made: "finished", "early stopping", "diverged"; None: it can continue."""

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
