"""When a run is evaluated and when it ends, as functions of its standing alone."""

from __future__ import annotations

from math import ceil

from ..engine.state import Situation
from ..registry import families

TRAIN_ROWS = 2000
"""Most training rows an evaluation looks at."""
NEVER = 2**62


def steps_of_an_epoch(at: Situation) -> int:
    """Steps of a whole epoch."""
    return -(-len(at.data.x_train) // at.batch)


def steps_of_epochs(at: Situation, n_epochs: int) -> int:
    """Steps to the end of the n-th epoch from here."""
    rest = -(-(len(at.data.x_train) - at.position) // at.batch)
    return rest + (n_epochs - 1) * steps_of_an_epoch(at)


def steps_to_end(at: Situation) -> int:
    """Steps until a limit of the Config; `NEVER` without one."""
    training, left = at.config.training, NEVER
    if training.max_steps:
        left = training.max_steps - at.step
    if training.max_epochs:
        n_epochs = training.max_epochs - at.epoch
        left = min(left, steps_of_epochs(at, n_epochs) if n_epochs > 0 else 0)
    return left


def step_cost_ns(at: Situation) -> float:
    """Rough time of a step: a fixed part and one for every weight and sample."""
    return 200.0 + 0.05 * at.network.n_parameters * at.batch


def longest_interval(at: Situation) -> int:
    """Most steps between two evaluations that are recorded.

    Where the Config leaves it open: an epoch while early stopping or a schedule listens, else the fewest whole epochs
    whose training costs twenty times the evaluation and the new start of the engine behind it, so that being watched
    does not slow a small network.
    """
    training = at.config.training
    if training.evaluate_every:
        return training.evaluate_every
    epoch = steps_of_an_epoch(at)
    if training.early_stopping or families["schedules"][at.config.schedule.name].observe:
        return epoch
    rows = len(at.data.x_val) + min(len(at.data.x_train), TRAIN_ROWS)
    evaluation_ns = 120_000.0 + 0.02 * at.network.n_parameters * rows
    return epoch * max(1, ceil(20.0 * evaluation_ns / (step_cost_ns(at) * epoch)))


def next_evaluation(at: Situation, longest: int) -> int:
    """Step of the next evaluation: every epoch at first, so that a short run has a curve, then ever more seldom."""
    last = at.last_evaluation
    if at.config.training.evaluate_every:
        return last + longest
    epoch = steps_of_an_epoch(at)
    return last + min(longest, epoch * max(1, last // (20 * epoch)))


def evaluation_is_due(at: Situation, longest: int) -> bool:
    """Whether the standing has not been evaluated although it should be."""
    return at.last_evaluation < 0 or at.step >= next_evaluation(at, longest)
