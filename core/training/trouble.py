"""What went wrong when numbers stopped being finite, in words that help to repair it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..engine.loops import GRADIENT_NOT_FINITE, LOSS_NOT_FINITE
from ..engine.memory import is_finite
from ..engine.program import Program
from ..engine.state import TrainState
from ..snapshot import Event

LARGEST = float(np.finfo(np.float32).max)
"""Largest squared length of a gradient that counts as finite."""


@dataclass(frozen=True)
class Trouble:
    """Something a step depends on that was not finite."""

    step: int
    """Step whose update was not made."""
    what: str
    """"loss", "gradient", "weights", "kept statistics", "average of the weights" or "optimizer's state"."""
    layer: str
    """First layer it was found in; "" where none."""
    since: str
    """The last change before it; "" where nothing was changed."""

    def sentence(self) -> str:
        """One sentence for people."""
        place = f" in {self.layer}" if self.layer else ""
        since = f", since {self.since}" if self.since else ""
        return f"the {self.what} stopped being finite at step {self.step}{place}{since}"


def find_trouble(state: TrainState, program: Program, outcome: int, events: Sequence[Event]) -> Trouble:
    """Name the step, the layer and the change since which numbers are not finite."""
    changes = [event for event in events if event.kind == "change"]
    since = f"step {changes[-1].step} ({changes[-1].text})" if changes else ""
    stages = state.network.stages
    if outcome == LOSS_NOT_FINITE:
        bad = [stage.owner for k, stage in enumerate(stages) if not np.isfinite(program.values_of(k)).all()]
        return Trouble(state.step, "loss", bad[0] if bad else "", since)
    if outcome == GRADIENT_NOT_FINITE:
        # Squared in double precision: the check in the engine squares in single, where a large gradient overflows.
        squares = np.square(state.memory.gradients, dtype=np.float64)
        bad = [
            stage.owner
            for stage in reversed(stages)
            for span in stage.weights
            if not squares[span.offset : span.offset + span.size].sum() < LARGEST
        ]
        return Trouble(state.step, "gradient", bad[0] if bad else "", since)
    memory = state.memory
    arrays = [("weights", memory.weights), ("kept statistics", memory.buffers)]
    arrays += [("optimizer's state", slot) for slot in memory.slots.values()]
    arrays += [("average of the weights", memory.average)] if memory.average.size else []
    for what, array in arrays:
        for stage in stages:
            for span in stage.buffers if array is memory.buffers else stage.weights:
                if not is_finite(array[span.offset : span.offset + span.size]):
                    return Trouble(state.step, what, stage.owner, since)
    return Trouble(state.step, "weights", "", since)


def why_stopped(state: TrainState, trouble: Trouble | None) -> str:
    """Why a run makes no further step and what would let it, for people; "" where it will."""
    training = state.config.training
    if trouble is not None:
        return f"{trouble.sentence()}; the weights are the last sound ones"
    if state.stopped == "early stopping":
        patience = training.early_stopping
        better = f"no better evaluation for {patience} in a row; the best weights are back"
        return f"{better}; raise early stopping to continue" if patience else better
    if state.stopped == "finished":
        back = "; the best weights are back" if training.early_stopping and state.stopper.waited else ""
        if training.max_steps and state.step >= training.max_steps:
            return f"{training.max_steps} steps are done{back}; raise max steps to continue"
        return f"{training.max_epochs} epochs are done{back}; raise max epochs to continue"
    return state.stopped or ""
