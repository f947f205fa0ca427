"""Trains a copy some steps ahead, in pieces, so that whoever asked can look at it and call it off."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from ..training.trainer import Trainer

FIRST_PIECE, PIECE_S = 32, 0.05
"""Steps of the first piece, and how long a piece may take."""
LOOK_EVERY = 100
"""Steps between two looks at a goal: fixed, so that when it is met does not depend on how fast training is."""


@dataclass(frozen=True, eq=False)
class Future:
    """Where a copy came to."""

    n_steps: int
    """Steps made."""
    step: int
    """Step of the run it came to."""
    stopped: str | None
    """Why it made no more: as `Advance.stopped`, "called off", or None."""
    metrics: Mapping[str, float]
    """Exact at its end: train_loss, val_loss, val_accuracy and the like; {} where it diverged."""
    curves: Mapping[str, tuple[np.ndarray, np.ndarray]]
    """Series -> (steps, values), of the whole run up to its end."""
    elapsed_s: float
    """Time spent training."""
    digest: str
    """Of the state it came to; "" where it was called off."""
    reached: tuple[int, float] | None = None
    """(step, seconds) at which the goal was met; None where it was not, or there was none."""
    notes: tuple[str, ...] = field(default=())
    """What a person should know, a sentence each."""

    @property
    def step_ns(self) -> float:
        """Cost of a step."""
        return 1e9 * self.elapsed_s / self.n_steps if self.n_steps else float("nan")


def look_ahead(
    trainer: Trainer,
    n_steps: int,
    *,
    goal: Callable[[Trainer], bool] | None = None,
    called_off: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] = lambda _: None,
) -> Future:
    """Train a copy that belongs to nobody else.

    Args:
        trainer: The copy; advanced in place.
        n_steps: How far at most.
        goal: Looked at every 100 steps; the run goes on when it is met.
        called_off: Asked between two pieces.
        progress: Told the steps made so far.
    """
    spent, made, piece, stopped, reached = 0.0, 0, FIRST_PIECE, None, None
    while made < n_steps and stopped is None:
        if called_off():
            stopped = "called off"
            break
        asked = min(piece, n_steps - made)
        if goal is not None:
            asked = min(asked, LOOK_EVERY - made % LOOK_EVERY)
        began = time.perf_counter()
        result = trainer.advance(asked)
        took = time.perf_counter() - began
        spent, made, stopped = spent + took, made + result.n_steps, result.stopped
        piece = max(1, min(int(asked * PIECE_S / max(took, 1e-6)), 4 * piece))
        at_look = made % LOOK_EVERY == 0 or made == n_steps or stopped is not None
        if goal is not None and reached is None and at_look and stopped != "diverged" and goal(trainer):
            reached = (trainer.step, spent)
        progress(made)
    known = stopped not in ("diverged", "called off")
    metrics = {
        f"{part}_{name}": float(value)
        for part in ("train", "val")
        for name, value in (trainer.evaluate(part).items() if known else ())
    }
    digest = trainer.digest() if stopped != "called off" else ""
    return Future(made, trainer.step, stopped, metrics, dict(trainer.history), spent, digest, reached)
