"""The learning rates of the steps to come, for the engine and for the rate chart alike."""

from __future__ import annotations

import numpy as np

from ..engine.state import TrainState
from ..schedules.base import Clock, learning_rates


def future_rates(state: TrainState, n_steps: int) -> np.ndarray:
    """Effective rates of the next `n_steps` steps if nothing changes, float64 (n_steps,)."""
    return rates_ahead(state, np.arange(n_steps, dtype=np.int64))


def rates_ahead(state: TrainState, ahead: np.ndarray) -> np.ndarray:
    """Effective rates of some coming steps if nothing changes.

    Args:
        state: From which the steps are made.
        ahead: int64 (n,), ascending: 0 is the next step.

    Returns:
        float64 (n,).
    """
    schedule, base = state.config.schedule, state.config.optimizer.learning_rate
    clock = Clock(t=ahead + (state.step - state.schedule_start), epoch=_epochs(state, ahead))
    return np.ascontiguousarray(
        learning_rates(schedule.member, base, clock, schedule.settings, state.schedule_memory, schedule.warmup_steps),
        np.float64,
    )


def _epochs(state: TrainState, ahead: np.ndarray) -> np.ndarray:
    """The epoch each coming step belongs to."""
    n, batch = len(state.data.x_train), state.batch
    rest = -(-(n - state.position) // batch)
    later = 1 + (ahead - rest) // -(-n // batch)
    return state.epoch + np.where(ahead < rest, 0, later)
