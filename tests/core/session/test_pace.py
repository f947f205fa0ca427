"""The length of chunks follows the speed, also where a change makes a step a hundred times as long."""

import pytest

from dltui.core.commands import SetSpeed
from dltui.core.session.pace import CHUNK_S, Pace
from dltui.core.training.cadence import NEVER


class Clock:
    """Time that passes only while steps are made."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def train(pace, clock, step_s, n_chunks):
    """Make chunks of steps that take so long each; seconds of each chunk."""
    spent = []
    for _ in range(n_chunks):
        n = pace.chunk()
        with pace.measured(n) as count:
            clock.now += n * step_s
            count(n, 0)
        spent.append(n * step_s)
    return spent


def test_chunks_take_the_time_they_should():
    clock = Clock()
    spent = train(Pace(clock), clock, 1e-6, 20)
    assert max(spent) <= 2 * CHUNK_S
    assert spent[-1] >= CHUNK_S / 2


def test_a_change_that_makes_steps_slow_makes_no_long_chunk():
    clock = Clock()
    pace = Pace(clock)
    train(pace, clock, 3e-7, 20)
    pace.reset(0)
    assert max(train(pace, clock, 3e-5, 20)) <= 2 * CHUNK_S


@pytest.mark.parametrize("step_s", [1e-7, 1e-3])
def test_slow_motion_makes_no_chunk_longer_than_a_twentieth_of_a_second(step_s):
    clock = Clock()
    pace = Pace(clock)
    pace.set_speed(SetSpeed(1e6), NEVER)
    assert max(train(pace, clock, step_s, 40)) <= 0.05


def test_a_run_with_an_end_is_made_to_last():
    pace = Pace(Clock())
    pace.set_speed(SetSpeed(lasts_s=10.0), 2580)
    assert pace.limit == 258.0
    pace.reset(2580)
    assert pace.limit == 258.0
    pace.reset(2580, 5000)  # its end was moved
    assert pace.limit == 500.0
    pace.set_speed(SetSpeed(), 5000)
    pace.reset(0, 5000)
    assert pace.limit == 0.0


@pytest.mark.parametrize("n_left", [NEVER, 0, -3])
def test_a_run_without_an_end_is_not_held_back(n_left):
    pace = Pace(Clock())
    pace.set_speed(SetSpeed(lasts_s=10.0), n_left)
    assert pace.limit == 0.0


@pytest.mark.parametrize("speed", [float("inf"), float("nan"), -1.0])
def test_a_speed_that_is_none_holds_nothing_back(speed):
    clock = Clock()
    pace = Pace(clock)
    pace.set_speed(SetSpeed(speed), NEVER)
    train(pace, clock, 1e-6, 3)
    assert pace.wait_s() == 0.0
