"""The length of chunks follows the speed, and a story is told in its time, whatever happens on the way."""

from itertools import pairwise

import pytest

from dltui.core.commands import SetSpeed
from dltui.core.session.pace import (
    CHUNK_S,
    COUNTED_S,
    EASE_S,
    LAG_S,
    STORY_S,
    Pace,
    full_speed,
    speed_told,
    steps_told,
    time_told,
)


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def train(pace, clock, step_s, n_chunks):
    """Make chunks of steps that take so long each; seconds of each chunk."""
    spent = []
    for _ in range(n_chunks):
        n = pace.chunk(0)
        with pace.measured(n) as count:
            clock.now += n * step_s
            count(n, 0)
        spent.append(n * step_s)
    return spent


def tell(pace, clock, step, until_s, step_s=1e-6):
    """Train as the worker does until a time; the step reached, and (time, step) after each chunk."""
    seen = []
    while clock.now < until_s:
        left = pace.wait_s(step)
        if left > 0.0:
            clock.now += min(left, until_s - clock.now)
            continue
        n = pace.chunk(step)
        with pace.measured(n) as count:
            clock.now += n * step_s
            step += n
            count(n, step)
        seen.append((clock.now, step))
    return step, seen


def test_chunks_take_the_time_they_should():
    clock = Clock()
    spent = train(Pace(clock), clock, 1e-6, 20)
    assert max(spent) <= 2 * CHUNK_S
    assert spent[-1] >= CHUNK_S / 2


def test_a_change_that_makes_steps_slow_makes_no_long_chunk():
    clock = Clock()
    pace = Pace(clock)
    train(pace, clock, 3e-7, 20)
    pace.reset(0, 0)
    assert max(train(pace, clock, 3e-5, 20)) <= 2 * CHUNK_S


@pytest.mark.parametrize("step_s", [1e-7, 1e-3])
def test_slow_motion_makes_no_chunk_longer_than_a_twentieth_of_a_second(step_s):
    clock = Clock()
    pace = Pace(clock)
    pace.set_speed(SetSpeed(1e6), 0)
    assert max(train(pace, clock, step_s, 40)) <= 0.05


@pytest.mark.parametrize("n_steps", [1, 7, 400, 10**6])
def test_a_story_takes_its_time_whatever_its_length(n_steps):
    assert steps_told(0.0, n_steps) == 0.0
    assert steps_told(STORY_S, n_steps) == pytest.approx(n_steps)
    assert steps_told(STORY_S + 10.0, n_steps) == pytest.approx(n_steps + 10.0 * full_speed(n_steps))
    assert speed_told(STORY_S, n_steps) == full_speed(n_steps)


def test_a_story_eases_in():
    told = [steps_told(second, 1000) for second in range(int(STORY_S) + 1)]
    made = [after - before for before, after in pairwise(told)]
    assert made[:8] == sorted(made[:8])
    assert made[0] < 0.15 * made[-1]
    assert made[int(EASE_S)] == pytest.approx(made[-1])
    assert told[3] < 50, "hardly anything is over before it has been seen"


def test_a_few_steps_are_told_evenly():
    clock = Clock()
    pace = Pace(clock)
    pace.set_speed(SetSpeed(pace=1.0), 0)
    pace.reset(0, 5)
    _, seen = tell(pace, clock, 0, STORY_S)
    assert [now for now, _ in seen] == pytest.approx([0.0, 5.0, 10.0, 15.0, 20.0], abs=0.1)


@pytest.mark.parametrize("n_steps", [3, 1000])
@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.2, 0.9, 1.0, 3.0])
def test_when_a_step_is_told_is_the_inverse_of_what_is_told_when(n_steps, share):
    assert steps_told(time_told(share * n_steps, n_steps), n_steps) == pytest.approx(share * n_steps)


@pytest.mark.parametrize("n_steps", [12, 1000, 300_000])
@pytest.mark.parametrize("factor", [0.5, 1.0, 4.0])
def test_a_lesson_is_trained_at_its_pace(n_steps, factor):
    clock = Clock()
    pace = Pace(clock)
    pace.set_speed(SetSpeed(pace=factor), 0)
    pace.reset(0, n_steps)
    assert pace.factor == factor and pace.steps_of_story(0) == n_steps
    step, seen = tell(pace, clock, 0, STORY_S / factor)
    assert step == pytest.approx(n_steps, rel=0.02, abs=1)
    assert seen[0] == (pytest.approx(0.0, abs=0.01), 1), "the first step is made at once"
    late = 0.06 * factor * full_speed(n_steps) + 0.02 * n_steps + 2
    for now, reached in seen:
        assert reached == pytest.approx(steps_told(factor * now, n_steps), abs=late)


def test_the_first_step_is_made_at_once_and_a_single_one_never_waits():
    clock = Clock()
    pace = Pace(clock)
    pace.set_speed(SetSpeed(0.5), 7)
    for step in (7, 8):
        pace.reset(step, 0)
        assert pace.wait_s(step) <= 0.0 and pace.chunk(step) == 1
    assert tell(pace, clock, 8, 3.0)[0] == 10, "and then one every two seconds"


def test_a_pause_and_a_rewind_tell_on_from_the_step_that_is_reached():
    clock = Clock()
    pace = Pace(clock)
    pace.set_speed(SetSpeed(pace=1.0), 0)
    pace.reset(0, 1000)
    step, _ = tell(pace, clock, 0, 5.0)
    clock.now += 100.0
    pace.reset(step, 1000)
    assert tell(pace, clock, step, 125.0)[0] == pytest.approx(1000, abs=20)
    pace.reset(100, 1000)
    assert tell(pace, clock, 100, clock.now + 1.0)[0] < 150


def test_the_pace_is_turned_on_the_way():
    clock = Clock()
    pace = Pace(clock)
    pace.reset(0, 1000)
    pace.set_speed(SetSpeed(pace=1.0), 0)
    step, _ = tell(pace, clock, 0, 10.0)
    pace.set_speed(SetSpeed(pace=4.0), step)
    faster, _ = tell(pace, clock, step, 11.0)
    assert faster - step == pytest.approx(4 * full_speed(1000), rel=0.1)
    pace.set_speed(SetSpeed(), faster)
    assert pace.limit(faster) == pace.wait_s(faster) == pace.factor == pace.steps_of_story(10) == 0.0


def test_keys_pressed_in_turn_make_no_steps_of_their_own():
    clock = Clock()
    pace = Pace(clock)
    pace.reset(0, 0)
    pace.set_speed(SetSpeed(1.0), 0)
    step = 0
    for _ in range(100):
        clock.now += 0.01
        step, _ = tell(pace, clock, step, clock.now)
        pace.set_speed(SetSpeed(1.0), step)
    assert step <= 3


def test_a_run_that_falls_behind_catches_up_but_not_for_ever():
    clock = Clock()
    pace = Pace(clock)
    pace.reset(0, 0)
    pace.set_speed(SetSpeed(1000.0), 0)
    step, _ = tell(pace, clock, 0, 1.0)
    clock.now += 0.3
    assert tell(pace, clock, step, 2.0)[0] == pytest.approx(2000, abs=60)
    clock.now += 100.0
    assert tell(pace, clock, 2000, 103.0)[0] == pytest.approx(2000 + 1000 + 1000 * LAG_S, abs=60)


def test_a_network_too_slow_for_the_pace_is_trained_without_a_rest():
    clock = Clock()
    pace = Pace(clock)
    pace.reset(0, 0)
    pace.set_speed(SetSpeed(1e6), 0)
    assert tell(pace, clock, 0, 10.0, step_s=1e-3)[0] == pytest.approx(10_000, rel=0.02)


@pytest.mark.parametrize(("n_counted", "longest"), [(10, 3.0), (400, COUNTED_S + 4.0), (1_000_000, COUNTED_S + 4.0)])
def test_steps_that_are_asked_for_do_not_take_for_ever(n_counted, longest):
    for first in (0, 400):
        clock = Clock()
        pace = Pace(clock)
        pace.set_speed(SetSpeed(pace=1.0), first)
        pace.reset(first, 400, n_counted)
        assert pace.factor == 1.0
        _, seen = tell(pace, clock, first, 1.2 * longest)
        done = next(now for now, step in seen if step >= first + n_counted)
        assert done <= longest


def test_a_run_without_a_story_is_not_held_back():
    pace = Pace(Clock())
    pace.reset(0, 0)
    pace.set_speed(SetSpeed(pace=1.0), 0)
    assert pace.limit(0) == pace.factor == pace.wait_s(0) == pace.steps_of_story(0) == 0.0
    pace.reset(0, 100)  # another lesson is begun
    assert pace.factor == 1.0 and pace.limit(0) > 0.0


@pytest.mark.parametrize("speed", [float("inf"), float("nan"), -1.0])
def test_a_speed_that_is_none_holds_nothing_back(speed):
    clock = Clock()
    pace = Pace(clock)
    pace.set_speed(SetSpeed(speed), 0)
    train(pace, clock, 1e-6, 3)
    assert pace.wait_s(0) == 0.0
