"""When a run is evaluated and when it ends, as functions of its state alone."""

from __future__ import annotations

from math import ceil

import numpy as np

from ..engine.state import TrainState
from ..kernel import random

TRAIN_ROWS = 2000
"""Most training rows an evaluation looks at; of more it takes a sample drawn by the seed."""
NEVER = 2**62


def sampled_rows(n: int, n_wanted: int, seed: int) -> np.ndarray:
    """Numbers of rows drawn by the seed, ascending, int64 (n_wanted,): one from each of as many equal stretches.

    So they are spread over all rows whatever order these lie in, sorted ones too.
    """
    bounds = np.arange(n_wanted + 1) * n // n_wanted
    share = random.uniform(seed, random.SAMPLE, 0, n_wanted)
    rows: np.ndarray = bounds[:-1] + (share * np.diff(bounds)).astype(np.int64)
    return rows


def steps_of_an_epoch(state: TrainState) -> int:
    """Steps of a whole epoch."""
    return -(-len(state.data.x_train) // state.batch)


def steps_of_epochs(state: TrainState, n_epochs: int) -> int:
    """Steps to the end of the n-th epoch from here."""
    rest = -(-(len(state.data.x_train) - state.position) // state.batch)
    return rest + (n_epochs - 1) * steps_of_an_epoch(state)


def steps_to_end(state: TrainState) -> int:
    """Steps until a limit of the Config; `NEVER` without one."""
    training, left = state.config.training, NEVER
    if training.max_steps:
        left = training.max_steps - state.step
    if training.max_epochs:
        n_epochs = training.max_epochs - state.epoch
        left = min(left, steps_of_epochs(state, n_epochs) if n_epochs > 0 else 0)
    return left


def steps_left(state: TrainState) -> int:
    """Steps until the run is expected to end: by a limit of the Config, or where whoever trains means to; `NEVER` where
    nobody knows.
    """
    aimed = state.aim - state.step if state.aim > state.step else NEVER
    return min(max(steps_to_end(state), 0), aimed)


def step_cost_ns(state: TrainState) -> float:
    """Rough time of a step: a fixed part and one for every weight and sample."""
    return 200.0 + 0.05 * state.network.n_parameters * state.batch


def longest_interval(state: TrainState) -> int:
    """Most steps between two evaluations that are recorded.

    Where the Config leaves it open: an epoch while early stopping or a schedule listens; otherwise the fewest whole
    epochs that take twenty times as long as an evaluation and the call into the engine after it, so that evaluating
    does not slow down a small network.
    """
    training = state.config.training
    if training.evaluate_every:
        return training.evaluate_every
    epoch = steps_of_an_epoch(state)
    if training.early_stopping or state.config.schedule.member.observe:
        return epoch
    rows = len(state.data.x_val) + min(len(state.data.x_train), TRAIN_ROWS)
    evaluation_ns = 120_000.0 + 0.02 * state.network.n_parameters * rows
    return epoch * max(1, ceil(20.0 * evaluation_ns / (step_cost_ns(state) * epoch)))


def next_evaluation(state: TrainState, longest: int) -> int:
    """Step of the next evaluation: every epoch at first, so that a short run has a curve, then less and less often."""
    last = state.last_evaluation
    if state.config.training.evaluate_every:
        return last + longest
    epoch = steps_of_an_epoch(state)
    return last + min(longest, epoch * max(1, last // (20 * epoch)))


def evaluation_is_due(state: TrainState, longest: int) -> bool:
    """Whether the state should be evaluated and has not been."""
    return state.last_evaluation < 0 or state.step >= next_evaluation(state, longest)
