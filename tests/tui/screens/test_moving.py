"""Every panel and control is reached by keys alone, at every size."""

import pytest
from fakes import KINDS, make_snapshot
from harness import make_app, until

from dltui.core.config import Config
from dltui.tui.draw.tabs import tabs
from dltui.tui.screens.dashboard.panels import PANEL_KEYS, PANELS, fitting, neighbor, panel_of
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.widgets.status_line import StatusLine

CONFIG = Config.from_dict({})


async def started(pilot, app, session, kind):
    session.snapshot = make_snapshot(kind, config=CONFIG)
    await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
    await pilot.pause()


async def test_tab_goes_round_all_panels_and_back():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session, "spiral")
        visited = []
        for _ in range(len(app.screen.area.seen)):
            await pilot.press("tab")
            visited.append(panel_of(app.focused))
        assert set(visited) == app.screen.area.seen
        await pilot.press("shift+tab")
        assert panel_of(app.focused) == visited[-2]


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
@pytest.mark.parametrize("kind", KINDS)
async def test_t_shows_every_panel_in_turn(kind, size):
    app, session = make_app(kind)
    async with app.run_test(size=size) as pilot:
        await started(pilot, app, session, kind)
        ids = fitting(session.snapshot)
        first = neighbor(ids, app.screen.area.tab if app.screen.area.shape.tabs else panel_of(app.focused), 1)
        await pilot.press("t")
        await until(pilot, lambda: app.screen.area.seen == {first})
        for i in range(1, len(ids)):
            await pilot.press("t")
            await until(pilot, lambda i=i: app.screen.area.seen == {neighbor(ids, first, i)})
        await pilot.press("T")
        await until(pilot, lambda: app.screen.area.seen == {neighbor(ids, first, -2)} and panel_of(app.focused) != "")


async def test_the_tabs_name_what_is_around_the_one_shown():
    app, session = make_app("digits")
    async with app.run_test(size=(80, 24)) as pilot:
        await started(pilot, app, session, "digits")
        ids = fitting(session.snapshot)
        for panel in ids:
            app.screen.action_show_panel(panel)
            await pilot.pause()
            line = app.screen.query_one("#tabs").render_line(0).text
            at = ids.index(panel)
            named = [info.name for info in PANELS if info.id in ids][max(at - 1, 0) : at + 2]
            assert all(name in line for name in named), line


def test_the_tabs_fit_or_show_keys_alone():
    names, keys = ["loss", "samples", "confusion"], ["1", "2", ""]
    assert "".join(text for tab in tabs(40, names, keys, 0) for text, _ in tab) == " 1 loss 2 samples · confusion"
    assert "".join(text for tab in tabs(14, names, keys, 0) for text, _ in tab) == " 1 loss 2  · "
    assert "".join(text for tab in tabs(4, names, keys, 2) for text, _ in tab) == " 1  2  · "


async def test_0_shows_the_filters_while_a_chart_has_the_focus():
    app, session = make_app("digits")
    async with app.run_test(size=(80, 24)) as pilot:
        await started(pilot, app, session, "digits")
        app.screen.query_one("#loss").focus()
        await pilot.pause()
        await pilot.press("0")
        await until(pilot, lambda: app.screen.area.tab == "pictures")


@pytest.mark.parametrize("size", [(120, 36), (200, 60)])
async def test_a_panel_says_by_which_key_it_is_called(size):
    app, session = make_app()
    async with app.run_test(size=size) as pilot:
        await started(pilot, app, session, "spiral")
        for info in PANELS:
            if info.id in app.screen.area.seen:
                panel = app.screen.query_one(f"#{info.id}")
                key = PANEL_KEYS[info.id]
                title = panel.border_title if info.id == "controls" else panel.render_line(0).text
                assert f"{key} {info.title}" in title


async def test_a_panel_alone_becomes_the_tab_when_the_terminal_shrinks():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session, "spiral")
        await pilot.press("5")
        await until(pilot, lambda: app.screen.area.single == "rate")
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: app.screen.area.shape.tabs and app.screen.area.tab == "rate")
        await pilot.press("1")
        await until(pilot, lambda: app.screen.area.seen == {"loss"} and app.screen.query_one("#tabs").display)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_going_to_a_setting_finds_it_the_first_time(size):
    app, session = make_app()
    async with app.run_test(size=size) as pilot:
        await started(pilot, app, session, "spiral")
        await pilot.press("r")
        await until(pilot, lambda: app.screen.controls.list.has_focus)
        controls = app.screen.controls.list
        assert controls.cursor == "regularization.dropout"
        at = [row.path for row in controls.rows].index(controls.cursor)
        await until(pilot, lambda: controls.scroll_offset.y <= at < controls.scroll_offset.y + controls.size.height)


async def test_without_a_run_it_says_how_to_begin_one():
    app, _ = make_app()
    app.source = None
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: type(app.screen).__name__ == "PresetPicker")
        await pilot.press("escape")
        await until(
            pilot,
            lambda: (
                isinstance(app.screen, Dashboard) and "no run" in app.screen.query_one("#status", StatusLine)._waiting
            ),
        )
        await pilot.pause()
        assert "no run yet: p chooses a preset" in app.screen.query_one("#status").render_line(0).text
        keys = app.screen.query_one("#footer").render_line(0).text
        assert "p presets" in keys and "q quit" in keys and "optimizer" not in keys
        await pilot.press("o")
        await until(pilot, lambda: any("p chooses a preset" in note.message for note in app._notifications))
        await pilot.press("p")
        await until(pilot, lambda: type(app.screen).__name__ == "PresetPicker")
