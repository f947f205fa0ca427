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


def carry(pacer: Pacer, clock: Clock, bytes_per_s: float, n_frames: int, delay_s: float = 0.01) -> None:
    """Frames as large as they may be over a link that carries so much."""
    for number in range(n_frames):
        clock.now += 1.0
        n_cells = max(int(pacer.room() * (0.4 + 0.6 * (number % 3) / 2)), 1)
        n_bytes = n_cells * 6
        pacer.wrote(n_bytes)
        pacer.drawn(0.0, n_cells)
        clock.now += delay_s + n_bytes / bytes_per_s
        pacer.answered()


def test_on_a_slow_link_a_frame_is_on_its_way_for_a_moment_only():
    for bytes_per_s in (8_192, 16_384, 32_768):
        pacer, clock = make([])
        carry(pacer, clock, bytes_per_s, 30)
        assert pacer.room() * 6 / bytes_per_s < 2 * Pacer.ON_THE_WAY_S
        assert pacer.room() * 6 >= 0.5 * min(bytes_per_s * Pacer.ON_THE_WAY_S, Pacer.MOST_BYTES)


def test_on_a_fast_link_frames_are_as_large_as_they_may_be_and_soon_again_after_a_slow_time():
    pacer, clock = make([])
    carry(pacer, clock, 1e7, 20)
    assert 0.7 * Pacer.MOST_BYTES < pacer.room() * 6 < 1.3 * Pacer.MOST_BYTES
    carry(pacer, clock, 16_384, 20)
    assert pacer.room() * 6 < 0.6 * Pacer.MOST_BYTES
    carry(pacer, clock, 1e7, 20)
    assert pacer.room() * 6 > 0.7 * Pacer.MOST_BYTES


def test_a_long_way_is_not_taken_for_a_slow_link():
    pacer, clock = make([])
    carry(pacer, clock, 1e6, 20, delay_s=0.3)
    assert pacer.room() * 6 > 0.7 * Pacer.MOST_BYTES
