"""Slow motion: the notches, and how a run with an end begins."""

import pytest
from fakes import make_snapshot
from harness import make_app, until

from dltui.core.commands import Run, SetSpeed
from dltui.tui.connection import LASTS_S
from dltui.tui.screens.dashboard.actions import SPEEDS, next_speed
from dltui.tui.widgets.status_line import status


@pytest.mark.parametrize(
    ("limit", "by", "wanted"),
    [
        (0.0, -1, SPEEDS[-1]),
        (0.0, 1, 0.0),
        (SPEEDS[-1], 1, 0.0),
        (172.0, 1, 1000.0),
        (172.0, -1, 100.0),
        (1.0, -1, 1.0),
    ],
)
def test_a_key_goes_to_the_next_notch(limit, by, wanted):
    assert next_speed(limit, by) == wanted


async def test_a_run_begins_so_that_it_can_be_watched():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: Run() in session.commands)
        assert session.commands[: session.commands.index(Run())].count(SetSpeed(lasts_s=LASTS_S)) == 1


async def test_keys_pressed_before_the_screen_shows_them_add_up():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        session.snapshot = make_snapshot("spiral", speed_limit=172.0)
        await until(pilot, lambda: getattr(app.screen, "snapshot", None) is session.snapshot)
        await pilot.press("greater_than_sign", "greater_than_sign", "less_than_sign")
        await until(pilot, lambda: session.commands[-1] == SetSpeed(1_000.0))


def test_the_limit_of_the_run_is_shown():
    line = "".join(text for text, _ in status(make_snapshot("spiral", speed_limit=172.0), 120))
    assert "slow: 172 steps/s" in line
