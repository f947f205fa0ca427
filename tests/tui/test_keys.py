"""Every row of the key table does what it says, on the real dashboard over a session that only listens."""

import inspect
from dataclasses import replace

import pytest
from fakes import make_snapshot
from harness import make_app, until
from textual.actions import parse

from dltui.core.commands import (
    Apply,
    Ask,
    Evaluate,
    Foresee,
    Fork,
    LookAround,
    LookAt,
    Pause,
    Preview,
    Redo,
    Restart,
    Run,
    SetSpeed,
    Step,
    Undo,
    Watch,
)
from dltui.core.config import Config
from dltui.core.snapshot import Event
from dltui.tui.keys import KEYS, PANEL_GROUPS, WHERE, bindings, handed_on, rows
from dltui.tui.screens.dashboard.actions import SPEEDS, WATCHABLE
from dltui.tui.screens.dashboard.panels import PANELS
from dltui.tui.screens.dashboard.screen import Dashboard

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
    "y": Redo(),
    "R": Restart(),
    "ctrl+r": Restart(),
    "less_than_sign": SetSpeed(SPEEDS[-1]),
    "greater_than_sign": SetSpeed(0.0),
    "f": SetSpeed(WATCHABLE),
    "j": Foresee(({},), 250),
    "u": Fork(),
    "left_curly_bracket": LookAt(by=-1),
}
"""Key -> the one command it sends."""

LOOKING = (Preview, Foresee, Evaluate, LookAround, Ask)
"""What a window asks for and takes back: nothing of the run is changed."""

UP = "right_square_bracket"
"""Goes on from where "[" went, so it is tried alone."""

SCREENS = {
    "O": "OverlayPicker",
    "o": "Picker",
    "a": "Picker",
    "c": "Picker",
    "F": "RatePicker",
    "f9": "RaceScreen",
    "Q": "LandscapeScreen",
    "n": "ConfirmScreen",
    "p": "PresetPicker",
    "question_mark": "HelpScreen",
    "f1": "AboutScreen",
    "g": "GlossaryScreen",
    "S": "TrainMore",
    "ctrl+p": "CommandPalette",
    "ctrl+o": "PathWindow",
    "ctrl+s": "PathWindow",
    "U": "HistoryScreen",
    "V": "EvaluationScreen",
    "I": "PredictionScreen",
    "at": "PlanScreen",
    "J": "BranchesScreen",
}
"""Key -> the screen it opens."""

LOOKS = {
    "b",
    "h",
    "k",
    "P",
    "D",
    "X",
    "r",
    "slash",
    "Y",
    "G",
    "l",
    "w",
    "tab",
    "shift+tab",
    "t",
    "T",
    "f2",
    "f3",
    "f4",
    "N",
    "H",
    "enter",
    "escape",
    "right_curly_bracket",
    *"0123456789CWBi",
    "q",
    "ctrl+c",
    "ctrl+q",
    "ctrl+l",
    "ctrl+z",
}
"""Keys that send nothing and stay on the dashboard, or leave; each has a test of its own."""


def test_every_key_is_tested():
    keys = {key for row in rows("run", "change", "look", "app") for key in row.keys}
    assert keys == {*DASHBOARD, *SCREENS, *LOOKS}


def test_no_key_does_two_things_in_one_place():
    for groups in (("run", "change", "look", "app"), ("controls",), *([group] for group in PANEL_GROUPS)):
        keys = [key for row in rows(*groups) for key in row.keys]
        assert len(keys) == len(set(keys))
    everywhere = {key for row in rows("run", "change", "look", "app") for key in row.keys}
    assert not everywhere & {key for row in rows(*PANEL_GROUPS) for key in row.keys}
    handed = [binding.key for binding in handed_on()]
    assert not set(handed) & {key for row in rows("run", "change", "look", "app") for key in row.keys}
    assert len(handed) == len(set(handed))


def test_every_row_has_words_and_a_group():
    for row in KEYS:
        assert row.where in WHERE and row.label and row.help.endswith(".") and row.text


def test_every_action_exists():
    from dltui.tui.app import DltuiApp
    from dltui.tui.widgets.controls_list import ControlsList

    owners = {"run": Dashboard, "change": Dashboard, "look": Dashboard, "controls": ControlsList, "app": DltuiApp}
    owners |= {info.type.GROUP: info.type for info in PANELS if getattr(info.type, "GROUP", "")}
    owners["arrange"] = Dashboard
    assert set(owners) == set(WHERE)
    for row in KEYS:
        for binding in (binding for binding in bindings(row.where) if binding.key in row.keys):
            where, name, arguments = parse(binding.action)
            owner = DltuiApp if where == "app" else owners[row.where]
            inspect.signature(getattr(owner, f"action_{name}")).bind(owner, *arguments)
    assert len(bindings(*WHERE)) == sum(len(row.keys) for row in KEYS)


@pytest.mark.parametrize("keys", [[key for key in DASHBOARD if key != UP], [UP]], ids=["all", "rate up"])
async def test_a_key_sends_its_command(keys):
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session, step=500, elapsed_s=1.0)
        for n, key in enumerate(keys, 1):
            await pilot.press(key)
            await until(pilot, lambda n=n: len(asked(session)) == n)
        assert asked(session) == [DASHBOARD[key] for key in keys]


async def test_space_goes_on_when_paused():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session, status="paused")
        await pilot.press("space")
        await until(pilot, lambda: asked(session) == [Run()])


async def test_a_key_opens_its_screen_and_escape_closes_it():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        for key, screen in SCREENS.items():
            await pilot.press(key)
            await until(pilot, lambda screen=screen: type(app.screen).__name__ == screen)
            await pilot.pause()
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(app.screen, Dashboard))
        assert not [command for command in asked(session) if type(command) not in LOOKING]


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
        await until(pilot, lambda: app.screen.area.single == "loss")
        await pilot.pause()
        assert app.screen.query_one("#loss").size.width > 100
        await pilot.press("escape")
        await until(pilot, lambda: app.screen.area.single == "")


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


@pytest.mark.parametrize(
    ("key", "kind", "panel", "attribute", "value"),
    [
        ("m", "spiral", "loss", "smoothing", 3),
        ("d", "spiral", "decision", "discrete", True),
        ("v", "spiral", "decision", "points", 1),
        ("x", "digits", "samples", "wrong_only", True),
    ],
)
async def test_keys_of_a_panel_work_wherever_the_focus_is(key, kind, panel, attribute, value):
    app, session = make_app(kind)
    async with app.run_test(size=(120, 36)) as pilot:
        session.snapshot = make_snapshot(kind, config=CONFIG)
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
        app.screen.controls.list.focus()
        await pilot.pause()
        await pilot.press(key)
        await until(pilot, lambda: getattr(app.screen.query_one(f"#{panel}"), attribute) == value)


async def test_a_key_of_a_panel_that_is_not_shown_says_so():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        await pilot.press("x")
        await until(pilot, lambda: len(app._notifications) == 1)


async def test_l_turns_the_chart_in_focus():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        app.screen.query_one("#rate").focus()
        await pilot.pause()
        await pilot.press("l")
        await until(pilot, lambda: app.screen.query_one("#rate").log_y and app.screen.query_one("#loss").log_y)


@pytest.mark.parametrize(
    ("kinds", "back"), [((), Restart()), (("change",), Undo(True)), (("change", "start"), Restart())]
)
async def test_a_run_that_diverged_goes_back_and_on_with_a_smaller_rate(kinds, back):
    app, session = make_app()
    events = tuple(Event(i, 10 * i, kind, kind) for i, kind in enumerate(("start", *kinds), 1))
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session, status="diverged", status_text="diverged at step 5", events=events)
        await until(pilot, lambda: any("Press b" in note.message for note in app._notifications))
        await pilot.press("b")
        await until(pilot, lambda: len(asked(session)) == 3)
        assert asked(session) == [back, Apply({"optimizer.learning_rate": 0.003}), Run()]


async def test_go_back_does_nothing_while_all_is_well():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        await pilot.press("b")
        await until(pilot, lambda: len(app._notifications) == 1)
        assert asked(session) == []


async def test_slow_motion_is_shown():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        await pilot.press("less_than_sign")
        await until(pilot, lambda: asked(session) == [SetSpeed(10_000.0)])
        session.snapshot = replace(session.snapshot, speed_limit=10_000.0)
        await until(pilot, lambda: "slow: 10 k steps/s" in app.screen.query_one("#status").render_line(0).text)


async def test_a_key_held_down_goes_on_from_what_it_asked_for():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        await pilot.press("right_square_bracket", "right_square_bracket", "right_square_bracket")
        await until(pilot, lambda: len(asked(session)) == 3)
        assert [change.changes["optimizer.learning_rate"] for change in asked(session)] == [0.05, 0.1, 0.2]


WINDOWS = ["c", "n", "p", "question_mark", "f1", "g", "ctrl+p"]
"""Keys that open a window each."""


@pytest.mark.parametrize("key", WINDOWS)
async def test_ctrl_q_leaves_whatever_window_is_open(key):
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        await pilot.press(key)
        await until(pilot, lambda: not isinstance(app.screen, Dashboard))
        await pilot.press("ctrl+q")
        await until(pilot, lambda: session.closed)
    assert app.return_code == 0


async def test_ctrl_c_closes_any_window():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        for key in WINDOWS:
            await pilot.press(key)
            await until(pilot, lambda: not isinstance(app.screen, Dashboard))
            await pilot.press("ctrl+c")
            await until(pilot, lambda: isinstance(app.screen, Dashboard))
            assert not app._notifications, key
        await pilot.press("ctrl+c")
        await until(pilot, lambda: any("Ctrl+Q" in note.message for note in app._notifications))
    assert not [command for command in asked(session) if type(command) not in LOOKING]


async def test_ctrl_c_copies_what_is_selected():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        await pilot.press("g")
        await until(pilot, lambda: not isinstance(app.screen, Dashboard))
        await pilot.press(*"relu", "ctrl+shift+a", "ctrl+c")
        await until(pilot, lambda: app.clipboard == "relu")
        assert not isinstance(app.screen, Dashboard)


@pytest.mark.parametrize("key", ["c", "n", "p", "question_mark", "f1", "g", "ctrl+o", "U"])
async def test_of_two_keys_that_close_a_window_the_second_leaves_the_dashboard_alone(key):
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        await pilot.press(key)
        await until(pilot, lambda: not isinstance(app.screen, Dashboard))
        await pilot.pause()
        window = app.screen
        window.dismiss(None)
        window.dismiss(None)
        await until(pilot, lambda: isinstance(app.screen, Dashboard))
        await pilot.pause()
        assert isinstance(app.screen, Dashboard)


async def test_keys_that_arrive_together_open_one_window():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        for key in "occcR]":
            app.simulate_key(key)
        await until(pilot, lambda: not isinstance(app.screen, Dashboard))
        await pilot.pause()
        assert [type(screen).__name__ for screen in app.screen_stack[1:]] == ["Dashboard", "Picker"]
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, Dashboard))
    assert not [command for command in asked(session) if type(command) not in LOOKING]


@pytest.mark.parametrize("key", ["o", "question_mark", "g", "n", "ctrl+p"])
async def test_behind_a_window_the_first_line_goes_on(key, monkeypatch):
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        await pilot.press(key)
        await until(pilot, lambda: not isinstance(app.screen, Dashboard))
        await pilot.pause(0.3)
        sent, display = [], app._display

        def note(screen, update):
            sent.append(update)
            display(screen, update)

        monkeypatch.setattr(app, "_display", note)
        session.snapshot = replace(session.snapshot, step=777_123)
        await until(pilot, lambda: "777 123" in seen_line(app, 0))
        await pilot.pause()
        assert all(hasattr(update, "spans") for update in sent if update is not None), "the whole screen is sent"
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)


def seen_line(app, row):
    """One line of the terminal, as it is shown."""
    update = app.screen._compositor.render_strips()
    return update[row].text
