"""The pace of a lesson and slow motion: the notches, full speed and back, what is shown, and so many steps more."""

import pytest
from canned_parts import make_config
from fakes import make_snapshot
from harness import make_app, until
from textual.widgets import Input

from dltui.core.commands import Run, SetSpeed, Step
from dltui.tui.screens.dashboard.actions import PACES, SPEEDS, WATCHABLE, HeldKeys, next_notch
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.screens.train_more import TrainMore, amount
from dltui.tui.widgets.lesson import Lesson
from dltui.tui.widgets.status_line import status

LESSON = make_config({"preset": {"title": "Circle", "lesson": "Look.", "steps": 400}})


@pytest.mark.parametrize(
    ("notches", "value", "by", "wanted"),
    [
        (SPEEDS, 0.0, -1, SPEEDS[-1]),
        (SPEEDS, 0.0, 1, 0.0),
        (SPEEDS, SPEEDS[-1], 1, 0.0),
        (SPEEDS, 172.0, 1, 1000.0),
        (SPEEDS, 172.0, -1, 100.0),
        (SPEEDS, 1.0, -1, 1.0),
        (PACES, 1.0, 1, 2.0),
        (PACES, 1.0, -1, 0.5),
        (PACES, 64.0, 1, 0.0),
        (PACES, 0.0, -1, 64.0),
        (PACES, 1 / 16, -1, 1 / 16),
    ],
)
def test_a_key_goes_to_the_next_notch(notches, value, by, wanted):
    assert next_notch(notches, value, by) == wanted


async def test_a_run_begins_so_that_it_can_be_watched():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: Run() in session.commands)
        assert session.commands[: session.commands.index(Run())].count(SetSpeed(pace=1.0)) == 1


async def test_keys_pressed_before_the_screen_shows_them_add_up():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        session.snapshot = make_snapshot("spiral", config=LESSON, speed_limit=19.0, pace=1.0)
        await until(pilot, lambda: getattr(app.screen, "snapshot", None) is session.snapshot)
        await pilot.press("greater_than_sign", "greater_than_sign", "less_than_sign")
        await until(pilot, lambda: session.commands[-1] == SetSpeed(pace=2.0))
        await pilot.press("f")
        await until(pilot, lambda: session.commands[-1] == SetSpeed())
        await pilot.press("f")
        await until(pilot, lambda: session.commands[-1] == SetSpeed(pace=2.0))


def test_full_speed_comes_back_to_what_fits_the_run():
    keys = HeldKeys()
    fast = make_snapshot("spiral", config=LESSON)
    assert keys.full_speed(fast) == SetSpeed(pace=1.0)
    keys.confirm(make_snapshot("spiral", config=LESSON, pace=1.0, speed_limit=19.0))
    assert keys.full_speed(make_snapshot("spiral", config=LESSON, pace=1.0, speed_limit=19.0)) == SetSpeed()
    keys.confirm(fast)
    own_data = make_snapshot("spiral")
    assert keys.full_speed(own_data) == SetSpeed(WATCHABLE), "a run without a pace of its own"


def line(**overrides):
    return "".join(text for text, _ in status(make_snapshot("spiral", **overrides), 120))


def test_the_pace_is_shown_beside_the_steps():
    assert "1× · 19 steps/s" in line(config=LESSON, pace=1.0, speed_limit=19.0, steps_per_s=16.0)
    assert "1/4× · 400 steps/s" in line(config=LESSON, pace=0.25, speed_limit=400.0, steps_per_s=390.0)
    assert "64× · 172 steps/s" in line(config=LESSON, pace=64.0, speed_limit=5e4, steps_per_s=172.0), "too slow for it"
    assert "slow: 172 steps/s" in line(speed_limit=172.0, steps_per_s=170.0)
    narrow = "".join(text for text, _ in status(make_snapshot("spiral", config=LESSON, pace=1.0, speed_limit=19.0), 80))
    assert "1× · 19/s" in narrow
    plain = status(make_snapshot("spiral", config=LESSON, pace=1.0, speed_limit=19.0), 120, unicode=False)
    assert "1x - 19 steps/s" in "".join(text for text, _ in plain)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("500", Step(500)),
        (" 2,000 steps ", Step(2000)),
        ("2e4", Step(20_000)),
        ("1 epoch", Step(1, "epoch")),
        ("30e", Step(30, "epoch")),
        ("3 Epochs", Step(3, "epoch")),
        ("0", None),
        ("-3", None),
        ("1.5", None),
        ("soon", None),
        ("9" * 20, None),
        ("1e400", None),
        ("", None),
    ],
)
def test_an_amount_is_typed(text, wanted):
    assert amount(text) == wanted


async def test_so_many_steps_more_are_typed():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        session.snapshot = make_snapshot("spiral", config=LESSON)
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
        await pilot.press("S")
        await until(pilot, lambda: isinstance(app.screen, TrainMore) and isinstance(app.focused, Input))
        await pilot.press(*"3 epoks", "enter")
        await until(pilot, lambda: "no number" in str(app.screen.query_one("Static").render()))
        assert app.focused.value == "3 epoks", "it can be mended"
        await pilot.press("backspace", "backspace", *"chs", "enter")
        await until(pilot, lambda: session.commands[-1] == Step(3, "epoch"))
        assert isinstance(app.screen, Dashboard)


async def test_the_lesson_says_where_its_story_is_told():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:

        def said():
            rows = app.screen.query_one(Lesson).paint(40, 8)
            return any("Story told: space goes on." in text for row in rows for text, _ in row)

        for overrides, wanted in (
            ({"step": 399, "status": "paused"}, False),
            ({"step": 400, "status": "paused"}, True),
            ({"step": 500, "status": "training"}, False),
        ):
            session.snapshot = make_snapshot("spiral", config=LESSON, **overrides)
            await until(pilot, lambda: getattr(app.screen, "snapshot", None) is session.snapshot)
            assert said() == wanted, overrides
