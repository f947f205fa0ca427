"""The tour of a first run: five steps, shown once, left with one key, and there again when it is asked for."""

from __future__ import annotations

import pytest
from fakes import make_snapshot
from harness import make_app, until

from dltui.core.commands import Pause, Run
from dltui.core.config import Config
from dltui.core.progress import read_progress
from dltui.tui.keys import KEYS
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.screens.tour import TourScreen, steps


def test_it_has_five_steps_and_names_keys_that_there_are() -> None:
    assert len(steps()) == 5
    texts = " ".join(text for _, text in steps())
    for action in ("toggle_run", "app.make_try(0)", "app.make_try(2)", "app.next_lesson", "help", "undo(False)"):
        assert next(row.text for row in KEYS if row.action == action) in texts.split() or action == "help"


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 16)])
async def test_a_first_run_shows_it_once(size: tuple[int, int]) -> None:
    app, session = make_app()
    app.offers_tour = True
    async with app.run_test(size=size) as pilot:
        session.snapshot = make_snapshot(config=Config.from_dict({}), status="training", step=5)
        await until(pilot, lambda: isinstance(app.screen, TourScreen))
        assert read_progress()[0].toured
        assert Pause() in session.commands
        for number in range(5):
            await until(pilot, lambda number=number: isinstance(app.screen, TourScreen) and app.screen.at == number)
            await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Dashboard))
        assert session.commands[-1] == Run()


async def test_escape_leaves_it_and_a_key_shows_it_again() -> None:
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        session.snapshot = make_snapshot(config=Config.from_dict({}), status="paused", step=5)
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
        await pilot.press("H")
        await until(pilot, lambda: isinstance(app.screen, TourScreen))
        await pilot.press("right", "left", "escape")
        await until(pilot, lambda: isinstance(app.screen, Dashboard))
        assert session.commands[-1] not in (Run(), Pause())
