"""The learning rates of the steps to come, for the engine and for the rate chart alike."""

from __future__ import annotations

import numpy as np

from ..engine.state import TrainState
from ..schedules.base import WITHOUT_END, Clock, learning_rates
from .cadence import NEVER, steps_left

NEAR, FAR = 1000, 10**7
"""Steps ahead that are all looked at to tell whether the rate stays 0, and the last of those that are not."""


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
    settings = schedule.member.settings_over(schedule.settings, state.schedule_steps)
    clock = Clock(t=ahead + (state.step - state.schedule_start), epoch=_epochs(state, ahead))
    return np.ascontiguousarray(
        learning_rates(schedule.member, base, clock, settings, state.schedule_memory, schedule.warmup_steps), np.float64
    )


def steps_of_schedule(state: TrainState) -> int:
    """Steps that a schedule takes which begins now and asks for the rest of the run; 0 where it does not.

    Raises:
        ConfigError: It cannot be fitted into so few.
    """
    schedule = state.config.schedule
    if not schedule.member.takes_rest(schedule.settings):
        return 0
    left = steps_left(state) if len(state.data.x_train) else NEVER
    n_steps = WITHOUT_END if left == NEVER else max(left - schedule.warmup_steps, 1)
    schedule.check(state.config.optimizer.learning_rate, n_steps)
    return n_steps


def words_for_rest(state: TrainState) -> tuple[str, ...]:
    """What the rest of the run comes to for a schedule that begins now and takes it, in a sentence; else ()."""
    schedule = state.config.schedule
    if not state.schedule_steps:
        return ()
    title, steps = schedule.member.title.lower(), f"{state.schedule_steps:,} steps"
    if steps_left(state) == NEVER:
        return (f"the run has no end, so {title} takes {steps}; schedule.{schedule.member.length} can say how many",)
    return (f"{title} takes the rest of the run: {steps}",)


def words_for_another_end(state: TrainState) -> tuple[str, ...]:
    """Where a schedule ends that took the rest of a run whose end is another now, in a sentence; else ()."""
    schedule, left = state.config.schedule, steps_left(state)
    end = state.schedule_start + schedule.warmup_steps + state.schedule_steps
    if not state.schedule_steps or left in (0, NEVER) or end == state.step + left:
        return ()
    title, verb = schedule.member.title.lower(), "ends" if end > state.step else "ended"
    to_fit = f"schedule.{schedule.member.length} = {left} begins it again for the steps left"
    rate = float(rates_ahead(state, np.asarray([max(end - state.step, 0)]))[0])
    return (
        f"{title} {verb} at step {end:,}, where the run was to end, and holds the rate {rate:g} from there; {to_fit}",
    )


def is_over(state: TrainState) -> bool:
    """Whether the rate is 0 now and stays so to the end of the run, though the base rate is not.

    It is looked at for the next thousand steps, and ever more rarely after them.
    """
    ahead = np.arange(min(steps_left(state), NEAR))
    far = min(steps_left(state), FAR)
    if far > NEAR:
        ahead = np.concatenate((ahead, np.geomspace(NEAR, far - 1, NEAR).astype(np.int64)))
    return state.config.optimizer.learning_rate > 0.0 and ahead.size > 0 and not rates_ahead(state, ahead).any()


def _epochs(state: TrainState, ahead: np.ndarray) -> np.ndarray:
    """The epoch each coming step belongs to."""
    n, batch = len(state.data.x_train), state.batch
    rest = -(-(n - state.position) // batch)
    later = 1 + (ahead - rest) // -(-n // batch)
    return state.epoch + np.where(ahead < rest, 0, later)
