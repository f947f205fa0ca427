"""No size of the terminal, and no way of changing it, breaks a screen."""

import random

import pytest
from fakes import KINDS, make_snapshot
from harness import make_app, until

from dltui.core.config import Config
from dltui.tui.screens.dashboard.layout import shape_of
from dltui.tui.screens.dashboard.panels import PANELS
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.screens.dashboard.skeleton import lines

SIZES = [(200, 60), (120, 36), (100, 24), (80, 40), (80, 24), (70, 30), (40, 10), (39, 9), (20, 6), (10, 3), (1, 1)]


def put(session, kind):
    session.snapshot = make_snapshot(kind, config=Config.from_dict({}))


async def shown(pilot, app, session):
    await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
    await pilot.pause()


@pytest.mark.parametrize("size", SIZES)
async def test_the_dashboard_lives_at_every_size(size):
    app, session = make_app()
    async with app.run_test(size=size) as pilot:
        for kind in KINDS:
            put(session, kind)
            await shown(pilot, app, session)
    assert app.return_code in (0, None)


@pytest.mark.parametrize("key", ["question_mark", "g", "o", "n", "p", "ctrl+p"])
async def test_every_window_lives_while_the_terminal_shrinks_and_grows(key):
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        put(session, "spiral")
        await shown(pilot, app, session)
        await pilot.press(key)
        await until(pilot, lambda: not isinstance(app.screen, Dashboard))
        for size in [(40, 10), (1, 1), (200, 60), (3, 40)]:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await pilot.press("down")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, Dashboard))


@pytest.mark.parametrize("turns", [12, pytest.param(100, marks=pytest.mark.slow)])
async def test_a_storm_of_sizes_ends_in_the_right_shape(turns):
    dice = random.Random(0)
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        put(session, "digits")
        await shown(pilot, app, session)
        for turn in range(turns):
            await pilot.resize_terminal(dice.randint(1, 200), dice.randint(1, 60))
            if turn % 3 == 0:
                put(session, KINDS[turn // 3 % len(KINDS)])
        await pilot.resize_terminal(120, 36)
        await shown(pilot, app, session)
        await until(pilot, lambda: app.screen.area.shape.name == "wide")
        await until(pilot, lambda: app.screen.query_one("#loss").size.width > 30)


async def test_below_40_by_10_one_line_has_loss_step_and_keys():
    app, session = make_app()
    async with app.run_test(size=(36, 8)) as pilot:
        put(session, "spiral")
        await shown(pilot, app, session)
        line = app.screen.query_one("#status").render_line(0).text
        assert "loss 0." in line and "step 20 600" in line and "space" in line and "q" in line
        await pilot.resize_terminal(120, 36)
        await until(pilot, lambda: "dltui" in app.screen.query_one("#status").render_line(0).text)


@pytest.mark.parametrize("size", [(30, 8), (20, 6), (80, 24)])
async def test_a_question_shows_its_answers_at_every_size(size):
    app, session = make_app()
    async with app.run_test(size=size) as pilot:
        put(session, "spiral")
        await shown(pilot, app, session)
        await pilot.press("n")
        await until(pilot, lambda: type(app.screen).__name__ == "ConfirmScreen")
        await pilot.pause()
        for button in app.screen.query("Button"):
            assert button.region.area and app.screen.region.contains_region(button.region)


def test_shapes_follow_the_size():
    assert [shape_of(*size).name for size in SIZES] == [
        "wide",
        "wide",
        "wide",
        "medium",
        "tabs",
        "medium",
        "tabs",
        "line",
        "line",
        "line",
        "line",
    ]


async def test_a_screen_without_a_snapshot_says_that_it_starts():
    app, session = make_app()
    session.start = lambda: None
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await until(pilot, lambda: "starting" in app.screen.query_one("#status").render_line(0).text)


@pytest.mark.parametrize("size", [(200, 60), (120, 36), (100, 24), (80, 40), (80, 24), (71, 31)])
async def test_the_dashboard_has_its_frames_where_the_first_paint_had_them(size):
    app, session = make_app()
    session.start = lambda: None
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and bool(app.screen.query("#loss")))
        await until(pilot, lambda: app.screen.query_one("#loss").size.width > 1)
        await pilot.pause()
        first = lines(*size)
        for info in PANELS:
            region = app.screen.query_one(f"#{info.id}").region
            if app.screen.query_one(f"#{info.id}").display and region.area:
                assert first[region.y][region.x : region.right].startswith(f"╭─ {info.title} ─")
                assert first[region.bottom - 1][region.x : region.right] == "╰" + "─" * (region.width - 2) + "╯"


def test_a_panel_is_named_alike_in_the_first_paint_and_later():
    assert [info.title for info in PANELS] == [info.type.LABEL for info in PANELS]
