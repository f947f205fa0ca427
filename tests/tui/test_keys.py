"""Every row of the key table does what it says, on the real dashboard over a session that only listens."""

import pytest
from fakes import make_snapshot
from harness import make_app, until

from dltui.core.commands import Apply, Pause, Restart, Run, SetSpeed, Step, Undo, Watch
from dltui.core.config import Config
from dltui.tui.keys import KEYS, WHERE, bindings, rows
from dltui.tui.screens.dashboard import SPEEDS, Dashboard

CONFIG = Config.from_dict({"optimizer": {"name": "sgd", "learning_rate": 0.03}})


def asked(session):
    """What the keys asked for: not the command to begin, nor what is looked at."""
    return [command for command in session.commands[session.commands.index(Run()) + 1 :] if type(command) is not Watch]


async def started(pilot, app, session, **overrides):
    session.snapshot = make_snapshot("spiral", config=CONFIG, **overrides)
    await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
    await pilot.pause()


DASHBOARD = {
    "space": Pause(),
    "s": Step(1, "step"),
    "e": Step(1, "epoch"),
    "left_square_bracket": Apply({"optimizer.learning_rate": 0.02}),
    "right_square_bracket": Apply({"optimizer.learning_rate": 0.05}),
    "z": Undo(False),
    "Z": Undo(True),
    "R": Restart(),
    "ctrl+r": Restart(),
    "less_than_sign": SetSpeed(SPEEDS[-2]),
    "greater_than_sign": SetSpeed(0.0),
}
"""Key -> the one command it sends."""

SCREENS = {
    "o": "Picker",
    "a": "Picker",
    "c": "Picker",
    "n": "ConfirmScreen",
    "p": "PresetPicker",
    "question_mark": "HelpScreen",
    "f1": "HelpScreen",
    "g": "GlossaryScreen",
    "ctrl+p": "CommandPalette",
}
"""Key -> the screen it opens."""

LOOKS = {"r", "l", "w", "tab", "shift+tab", "enter", "escape", *"0123456789", "q", "ctrl+q"}
"""Keys that send nothing and stay on the dashboard, or leave; each has a test of its own."""


def test_every_key_is_tested():
    keys = {key for row in KEYS if row.where != "controls" for key in row.keys}
    assert keys == {*DASHBOARD, *SCREENS, *LOOKS}


def test_no_key_does_two_things_in_one_place():
    for groups in (("run", "change", "look", "app"), ("controls",)):
        keys = [key for row in rows(*groups) for key in row.keys]
        assert len(keys) == len(set(keys))


def test_every_row_has_words_and_a_group():
    for row in KEYS:
        assert row.where in WHERE and row.label and row.help.endswith(".") and row.text


def test_every_action_exists():
    from dltui.tui.app import DltuiApp
    from dltui.tui.widgets.controls import ControlsList

    owners = {"run": Dashboard, "change": Dashboard, "look": Dashboard, "controls": ControlsList, "app": DltuiApp}
    for row in KEYS:
        name = row.action.partition("(")[0].replace("focus_", "app.focus_").rpartition(".")[2]
        assert hasattr(owners[row.where], f"action_{name}") or hasattr(DltuiApp, f"action_{name}"), row.action
    assert len(bindings(*WHERE)) == sum(len(row.keys) for row in KEYS)


@pytest.mark.parametrize("key", DASHBOARD)
async def test_a_key_sends_its_command(key):
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        await pilot.press(key)
        await until(pilot, lambda: asked(session) == [DASHBOARD[key]])


async def test_space_goes_on_when_paused():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session, status="paused")
        await pilot.press("space")
        await until(pilot, lambda: asked(session) == [Run()])


@pytest.mark.parametrize("key", SCREENS)
async def test_a_key_opens_its_screen_and_escape_closes_it(key):
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        await pilot.press(key)
        await until(pilot, lambda: type(app.screen).__name__ == SCREENS[key])
        await pilot.pause()
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, Dashboard))
        assert asked(session) == []


async def test_a_new_seed_asks_first():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        await pilot.press("n")
        await until(pilot, lambda: not isinstance(app.screen, Dashboard))
        await pilot.press("y")
        await until(pilot, lambda: asked(session) == [Restart(1)])


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_quitting_closes_the_session(key):
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        await pilot.press(key)
        await until(pilot, lambda: session.closed)
    assert app.return_code == 0


async def test_a_panel_goes_full_screen_and_back():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        app.screen.query_one("#loss").focus()
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.single == "loss")
        await pilot.pause()
        assert app.screen.query_one("#loss").size.width > 100
        await pilot.press("escape")
        await until(pilot, lambda: app.screen.single == "")


async def test_numbers_choose_a_tab_in_a_small_terminal():
    app, session = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await started(pilot, app, session)
        await pilot.press("5")
        await until(pilot, lambda: app.screen.query_one("#rate").display and not app.screen.query_one("#loss").display)


async def test_regularize_puts_the_cursor_on_the_regularizers():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        await pilot.press("r")
        await until(pilot, lambda: app.screen.controls.list.has_focus)
        assert app.screen.controls.list.cursor.startswith("regularization.")
