"""No stray key replaces a run without a word: a long one is asked for, a short one is named and can be had again."""

from dataclasses import replace

import pytest
from fakes import KINDS, make_snapshot
from harness import make_app, until

from dltui.core.commands import Load, Restart, Run
from dltui.core.config import Config
from dltui.tui.screens.confirm import LONG_STEPS, ConfirmScreen
from dltui.tui.screens.dashboard.panels import PANEL_KEYS, PANELS, fitting, number_keys
from dltui.tui.screens.dashboard.screen import Dashboard

CONFIG = Config.from_dict({})
LONG = 11_000_000


async def started(pilot, app, session, kind="spiral", **overrides):
    session.snapshot = make_snapshot(kind, config=CONFIG, **overrides)
    await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
    await pilot.pause()


def asked(session):
    return [command for command in session.commands if isinstance(command, (Restart, Load))]


@pytest.mark.parametrize("key", ["n", "R"])
async def test_a_stray_key_and_enter_leave_a_long_run_alone(key):
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session, step=LONG)
        await pilot.press(key)
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Dashboard))
        assert asked(session) == []
        await pilot.press(key)
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: asked(session) == [Restart(1 if key == "n" else None)])


async def test_a_short_run_begins_again_at_once_and_says_how_it_comes_back():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session, step=LONG_STEPS - 1, elapsed_s=1.0)
        await pilot.press("R")
        await until(pilot, lambda: asked(session) == [Restart()])
        assert any("z brings" in note.message for note in app._notifications)


async def test_another_preset_asks_before_it_takes_the_place_of_a_long_run():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session, step=LONG, run="3f2a")
        await pilot.press("p")
        await until(pilot, lambda: type(app.screen).__name__ == "PresetPicker")
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        assert "dltui resume 3f2a" in app.screen._text
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Dashboard))
        assert asked(session) == []


async def test_another_preset_takes_the_place_of_a_short_run_which_is_named():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session, step=500, elapsed_s=1.0, run="3f2a")
        await pilot.press("p")
        await until(pilot, lambda: type(app.screen).__name__ == "PresetPicker")
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: asked(session) and session.commands[-1] == Run())
        await until(pilot, lambda: any("dltui resume 3f2a" in note.message for note in app._notifications))


async def test_a_run_that_is_not_kept_says_so():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session, step=LONG, run="", saved="the disk is full")
        app.replace_run("moons")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        assert "is not kept: the disk is full" in app.screen._text


def test_a_number_opens_the_same_panel_in_every_lesson():
    assert set(PANEL_KEYS) == {info.id for info in PANELS}
    for kind in KINDS:
        keys = number_keys(fitting(make_snapshot(kind)))
        assert len(set(keys.values())) == len(keys)
        assert {panel: keys[panel] for panel in ("loss", "network", "controls", "rate", "events")} == {
            "loss": "1",
            "network": "3",
            "controls": "4",
            "rate": "5",
            "events": "8",
        }


async def test_a_key_of_a_panel_that_this_run_has_not_says_so():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        await pilot.press("0")
        await until(pilot, lambda: any("Filters and maps" in note.message for note in app._notifications))
        assert app.screen.area.single == ""
        session.snapshot = replace(make_snapshot("digits", config=CONFIG), step=7)
        await until(pilot, lambda: app.screen.snapshot is session.snapshot)
        await pilot.press("0")
        await until(pilot, lambda: app.screen.area.single == "pictures")
        await pilot.press("C")
        await until(pilot, lambda: app.screen.area.single == "confusion")
