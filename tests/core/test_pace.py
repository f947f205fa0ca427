"""The length of chunks follows the speed, also where a change makes a step a hundred times as long."""

from dltui.core.pace import CHUNK_S, Pace


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
