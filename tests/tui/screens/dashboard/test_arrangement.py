"""The panels where the user wants them: moved, resized, hidden and shown by keys, and remembered."""

from __future__ import annotations

import pytest
from fakes import make_snapshot
from harness import make_app, until
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import Input

from dltui.core.errors import ConfigError
from dltui.tui.cli.shelf import HomeShelf
from dltui.tui.screens.dashboard.arrangement import Arrangement, read, written
from dltui.tui.screens.dashboard.layout import columns_of, shape_of, stacked
from dltui.tui.screens.dashboard.panels import COLUMNS, PANELS
from dltui.tui.screens.dashboard.screen import Dashboard

NAMES = [info.id for info in PANELS]
changes = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.sampled_from(NAMES), st.sampled_from([-1, 1])),
        st.tuples(st.just("shift"), st.sampled_from(NAMES), st.sampled_from([-1, 1])),
        st.tuples(st.just("size"), st.sampled_from(NAMES), st.sampled_from([-1, 1])),
        st.tuples(st.just("widen"), st.sampled_from(NAMES), st.sampled_from([-1, 1])),
        st.tuples(st.just("show"), st.sampled_from(NAMES), st.booleans()),
    ),
    max_size=30,
)


def arranged_by(steps):
    arrangement = Arrangement()
    for kind, panel, by in steps:
        if kind == "move":
            arrangement = arrangement.moved(panel, by, arrangement.applied(PANELS))
        elif kind == "shift":
            arrangement = arrangement.shifted(panel, by)
        elif kind == "size":
            arrangement = arrangement.sized(panel, by, 4)
        elif kind == "widen":
            arrangement = arrangement.widened(panel, by)
        else:
            arrangement = arrangement.with_shown(panel, by)
    return arrangement


@given(changes)
def test_any_arrangement_comes_back_from_what_is_written(steps):
    arrangement = arranged_by(steps)
    assert read(written(arrangement)) == arrangement


@given(changes, st.sampled_from([(100, 24), (120, 36), (75, 40), (200, 60), (260, 80)]))
def test_the_panels_that_are_seen_fill_the_terminal(steps, size):
    arrangement, shape = arranged_by(steps), shape_of(*size)
    infos = arrangement.applied(PANELS)
    used = [column for column in COLUMNS if any(info.column == column for info in infos)]
    if not used:
        return
    seen = shape.choose(infos)
    assert {info.column for info in infos if info.id in seen} == set(used)
    places = columns_of(shape, size[0], size[1], used, arrangement.left, arrangement.right)
    assert sum(wide * tall for _, _, wide, tall in places.values()) == size[0] * (size[1] - 2)
    for column, (_, _, wide, tall) in places.items():
        assert wide > 0 and tall > 0
        heights = stacked([info.share for info in infos if info.column == column and info.id in seen], tall)
        assert sum(high for _, high in heights) == tall


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"panels": {}}', '{"panels": {}, "order": [], "left": 999, "right": 34}',
             '{"panels": {"loss": {"shown": 3, "column": "left", "share": 1}}, "order": [], "left": 10, "right": 34}']
)  # fmt: skip
def test_what_is_damaged_is_noticed(text):
    with pytest.raises(ValueError):
        read(text)


def test_panels_of_another_version_are_passed_over():
    text = written(Arrangement()).replace('"panels": {}', '"panels": {"new": {}}').replace("[]", '["new", "loss"]')
    assert read(text).order == ("loss",)


async def started(pilot, app, session):
    session.snapshot = make_snapshot("spiral")
    await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
    app.screen.query_one("#loss").focus()
    await pilot.pause()


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DLTUI_HOME", str(tmp_path))
    return tmp_path


async def test_panels_are_arranged_by_keys_and_stay_so(home):
    app, session = make_app()
    app.shelf = HomeShelf()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        loss, rate = app.screen.query_one("#loss"), app.screen.query_one("#rate")
        await pilot.press("P")
        assert "move" in app.screen.query_one("#footer").render_line(0).text
        await pilot.press("down")
        await until(pilot, lambda: rate.region.y < loss.region.y)
        tall, wide = loss.region.height, loss.region.width
        await pilot.press("plus", "right_square_bracket")
        await until(pilot, lambda: loss.region.height > tall and loss.region.width > wide)
        await pilot.press("right")
        await until(pilot, lambda: loss.region.x > rate.region.x)
        await pilot.press("7")
        await until(pilot, lambda: "layers" not in app.screen.area.seen)
        await pilot.press("6")
        await until(pilot, lambda: "score" not in app.screen.area.seen)
        await pilot.press("6")
        await until(pilot, lambda: "score" in app.screen.area.seen)
        await pilot.press("escape", "right")
        assert app.screen.query_one("#loss").region.x == loss.region.x
        places = {name: app.screen.area.panels[name].region for name in app.screen.area.seen}
    again, session = make_app()
    again.shelf = HomeShelf()
    async with again.run_test(size=(120, 36)) as pilot:
        await started(pilot, again, session)
        await until(
            pilot, lambda: places == {name: again.screen.area.panels[name].region for name in again.screen.area.seen}
        )
        await pilot.press("P", "backspace", "escape")
        await until(pilot, lambda: again.screen.query_one("#loss").region.x == 0)
        assert again.screen.area.arrangement == Arrangement()


async def test_the_users_choice_goes_before_the_lessons(home):
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        config = session.snapshot.config.with_changes({"preset.panels": ["rate", "layers"]})
        app.screen.area.arrangement = Arrangement().with_shown("rate", False)
        session.snapshot = make_snapshot("spiral", config=config)
        await until(pilot, lambda: app.screen.snapshot is session.snapshot)
        assert "rate" not in app.screen.area.seen and "layers" in app.screen.area.seen
        await pilot.press("5")
        await until(pilot, lambda: app.screen.area.seen == {"rate"})


async def test_the_last_panel_stays_and_one_alone_is_not_arranged(home):
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        await pilot.press("P")
        for _ in range(20):
            await pilot.press("x")
        assert len(app.screen.area.seen) == 1
        await pilot.press("backspace", "escape", "1", "P")
        await until(pilot, lambda: any("where several are seen" in note.message for note in app._notifications))


async def test_what_is_typed_and_a_small_terminal_arrange_nothing(home):
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        await pilot.press("P")
        field = Input()
        await app.screen.mount(field)
        field.focus()
        await pilot.pause()
        await pilot.press("1", "x")
        assert field.value == "1x" and app.screen.area.arrangement == Arrangement()
        await field.remove()
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: app.screen.area.shape.tabs)
        await pilot.press("5")
        await until(pilot, lambda: app.screen.area.seen == {"rate"})
        assert app.screen.area.arrangement == Arrangement()


async def test_a_damaged_arrangement_is_said_once_and_begun_anew(home):
    (home / "panels.json").write_text("{ no")
    app, session = make_app()
    app.shelf = HomeShelf()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        assert sum("cannot be read" in note.message for note in app._notifications) == 1
    assert read((home / "panels.json").read_text()) == Arrangement()
    (home / "panels.json").write_bytes(b"\xff")
    with pytest.raises(ConfigError):
        HomeShelf().recall("panels")
