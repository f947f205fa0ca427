"""The pace of the frames, with a clock of our own."""

from dltui.tui.terminal.pacing import Pacer


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def make(asked: list[float]) -> tuple[Pacer, Clock]:
    clock = Clock()
    return Pacer(lambda: asked.append(clock.now), clock), clock


def test_the_next_frame_waits_for_the_answer():
    asked: list[float] = []
    pacer, clock = make(asked)
    assert pacer.ready()
    pacer.drawn()
    clock.now += 1.0
    assert len(asked) == 1 and not pacer.ready()
    pacer.answered()
    assert pacer.ready() and pacer.round_trip_s == 1.0


def test_an_answer_at_once_does_not_lift_the_highest_rate():
    pacer, clock = make([])
    pacer.drawn()
    pacer.answered()
    assert not pacer.ready()
    clock.now += Pacer.FASTEST_S * 1.01
    assert pacer.ready()


def test_a_terminal_that_never_answers_gets_a_fixed_slow_rate():
    asked: list[float] = []
    pacer, clock = make(asked)
    pacer.drawn()
    clock.now += Pacer.PATIENCE_S
    assert pacer.ready()
    pacer.drawn()
    assert len(asked) == 1
    clock.now += Pacer.BLIND_S / 2
    assert not pacer.ready()
    clock.now += Pacer.BLIND_S / 2
    assert pacer.ready()


def test_a_lost_answer_does_not_stop_the_screen_for_good():
    pacer, clock = make([])
    pacer.drawn()
    pacer.answered()
    clock.now += 1
    pacer.drawn()
    clock.now += Pacer.PATIENCE_S
    assert not pacer.ready()
    clock.now += Pacer.LOST_S
    assert pacer.ready()


def test_nothing_is_asked_where_nobody_answers():
    clock = Clock()
    pacer = Pacer(None, clock)
    pacer.drawn()
    clock.now += Pacer.FASTEST_S * 1.01
    assert pacer.ready()


def test_rates_are_counted_over_the_last_seconds():
    pacer, clock = make([])
    for _ in range(6):
        pacer.drawn()
        pacer.wrote(1000)
        clock.now += 0.1
    assert pacer.frames_per_s() == 6 / Pacer.WINDOW_S
    assert pacer.bytes_per_s() == 6000 / Pacer.WINDOW_S
    clock.now += 10
    assert pacer.frames_per_s() == 0 and pacer.bytes_per_s() == 0


def test_a_frame_that_takes_long_to_draw_gives_the_trainer_time():
    pacer, clock = make([])
    pacer.drawn(0.04)
    pacer.answered()
    clock.now += 0.19
    assert not pacer.ready()
    clock.now += 0.02
    assert pacer.ready()
