"""The controls: made from the Config, stepped, typed, checked, and steady under the cursor."""

from dataclasses import replace

import numpy as np
import pytest
from fakes import make_snapshot
from harness import make_app, until

from dltui.core.commands import Apply, Preview, Restart, Watch
from dltui.core.config import Config
from dltui.core.registry import Value
from dltui.core.snapshot import Event, RatePreview
from dltui.tui.draw.format import THIN, wrap
from dltui.tui.screens.about import field_text
from dltui.tui.screens.confirm import question
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.widgets.controls_rows import FOLDED, HIDDEN, rows_of
from dltui.tui.widgets.field import allowed, gist, nudge, rung, shown, typed_range

CONFIG = Config.from_dict({"optimizer": {"name": "momentum", "learning_rate": 0.03}})


def field(path, config=CONFIG):
    return next(info for info in config.fields() if info.path == path)


def applied(session):
    return [dict(command.changes) for command in session.commands if isinstance(command, Apply)]


async def ready(pilot, app, session, config=CONFIG):
    session.snapshot = make_snapshot("spiral", config=config)
    await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
    await until(pilot, lambda: app.screen.controls.list.config is config)
    return app.screen.controls


async def at(pilot, controls, path):
    controls.list.reveal(path)
    controls.list.focus()
    await until(pilot, lambda: controls.list.has_focus and controls.list.cursor == path)


def test_every_field_has_a_row_when_nothing_is_folded():
    rows = rows_of(CONFIG.fields(), frozenset())
    shown_paths = {row.path for row in rows if row.info}
    assert shown_paths == {info.path for info in CONFIG.fields() if info.section not in HIDDEN}


def test_a_schedule_says_what_the_rest_of_the_run_comes_to():
    config = CONFIG.with_changes({"schedule.name": "cosine"})
    for steps, value in ((0, "the rest of the run"), (20_000, f"the rest of the run: 20{THIN}000")):
        (row,) = (row for row in rows_of(config.fields(), frozenset(), steps) if row.path == "schedule.t_max")
        assert row.value == value
    assert "the rest of the run" in str(field_text(field("schedule.t_max", config)))
    told = config.with_changes({"schedule.t_max": 500})
    (row,) = (row for row in rows_of(told.fields(), frozenset(), 20_000) if row.path == "schedule.t_max")
    assert row.value == "500"


def test_a_folded_section_keeps_its_heading_and_gist():
    rows = {row.path: row for row in rows_of(CONFIG.fields(), frozenset(FOLDED))}
    assert rows["training"].folded and rows["training"].value == "batch 10"
    assert "training.batch_size" not in rows


@pytest.mark.parametrize("info", CONFIG.fields(), ids=lambda info: info.path)
def test_every_step_of_every_field_is_allowed(info):
    if info.kind in ("text", "words", "ints", "member"):
        return
    for direction in (1, -1):
        value = info.value
        for _ in range(12):
            value = nudge(info, direction, value)
            CONFIG.with_changes({info.path: value})


def test_rungs_go_by_one_two_five():
    up = [0.01]
    for _ in range(6):
        up.append(rung(up[-1], 1))
    assert up == [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0]
    down = [1.0]
    for _ in range(6):
        down.append(rung(down[-1], -1))
    assert down == up[::-1]


def test_a_momentum_nears_one_without_reaching_it():
    info = field("optimizer.momentum")
    value: Value = 0.85
    seen = []
    for _ in range(5):
        value = nudge(info, 1, value)
        seen.append(value)
    assert seen == [0.9, 0.95, 0.98, 0.99, 0.995]
    assert nudge(info, -1, 0.95) == 0.9


def test_values_are_written_short():
    assert [shown(value) for value in (0.01, 1e-7, (8, 8), (), True, "", "adam")] == [
        "0.01",
        "1e-7",
        "8 8",
        "none",
        "on",
        "—",
        "adam",
    ]


def test_no_range_is_cut_off():
    for info in CONFIG.fields():
        if info.param is not None and info.kind not in ("text", "words"):
            assert allowed(info) in " ".join(wrap(gist(info), 30)[:3])


def test_exponents_are_written_short_everywhere():
    eps = field("optimizer.eps", CONFIG.with_changes({"optimizer.name": "adam"}))
    for text in (shown(eps.value), gist(eps), field_text(eps).plain, gist(field("optimizer.learning_rate"))):
        assert "e-0" not in text and "e+" not in text


async def test_plus_and_minus_step_the_number_and_quick_steps_add_up():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        controls = await ready(pilot, app, session)
        await at(pilot, controls, "optimizer.learning_rate")
        await pilot.press("plus", "plus")
        await until(pilot, lambda: len(applied(session)) == 2)
        assert applied(session) == [{"optimizer.learning_rate": 0.05}, {"optimizer.learning_rate": 0.1}]


async def test_a_typed_value_is_checked_while_typed_and_applied_when_right():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        controls = await ready(pilot, app, session)
        await at(pilot, controls, "optimizer.momentum")
        await pilot.press("enter")
        await until(pilot, lambda: controls.editing)
        await pilot.press("2")
        await until(pilot, lambda: controls.query_one("#controls-hint").has_class("-wrong"))
        await pilot.press("enter")
        await pilot.pause()
        assert controls.editing and applied(session) == []
        await pilot.press("backspace", "0", ".", "8")
        await until(pilot, lambda: not controls.query_one("#controls-hint").has_class("-wrong"))
        await pilot.press("enter")
        await until(pilot, lambda: applied(session) == [{"optimizer.momentum": 0.8}])
        assert not controls.editing and controls.list.has_focus


async def test_escape_leaves_the_field_without_a_change():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        controls = await ready(pilot, app, session)
        await at(pilot, controls, "optimizer.learning_rate")
        await pilot.press("enter")
        await until(pilot, lambda: controls.editing)
        await pilot.press("9", "escape")
        await until(pilot, lambda: not controls.editing)
        assert applied(session) == []


async def test_the_cursor_stays_on_its_setting_when_others_come_and_go():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        controls = await ready(pilot, app, session)
        await at(pilot, controls, "network.activation")
        config = CONFIG.with_changes({"optimizer.name": "adam"})
        await ready(pilot, app, session, config)
        assert controls.list.cursor == "network.activation"


async def test_new_weights_are_asked_for_first():
    assert question({"training.seed": 3}) and question({"network.initializer": "he_normal"})
    assert not question({"optimizer.name": "adam"})
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        controls = await ready(pilot, app, session)
        await at(pilot, controls, "training.seed")
        await pilot.press("plus")
        await until(pilot, lambda: type(app.screen).__name__ == "ConfirmScreen")
        assert applied(session) == []
        await pilot.press("y")
        await until(pilot, lambda: applied(session) == [{"training.seed": 1}])
        assert not [c for c in session.commands if isinstance(c, (Restart, Watch)) and isinstance(c, Restart)]


async def test_f1_explains_the_setting_under_the_cursor():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        controls = await ready(pilot, app, session)
        await at(pilot, controls, "optimizer.momentum")
        await pilot.press("f1")
        await until(pilot, lambda: type(app.screen).__name__ == "AboutScreen")


def hint(controls):
    return str(controls.query_one("#controls-hint").render())


async def test_a_digit_on_a_number_edits_it_and_opens_no_panel():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        controls = await ready(pilot, app, session)
        await at(pilot, controls, "optimizer.momentum")
        await pilot.press("0")
        await until(pilot, lambda: controls.editing and controls.query_one("#controls-input").has_focus)
        await pilot.press(".", "5", "enter")
        await until(pilot, lambda: applied(session) == [{"optimizer.momentum": 0.5}])
        assert app.screen.area.single == ""
        await at(pilot, controls, "optimizer.name")
        await pilot.press("5")
        await until(pilot, lambda: app.screen.area.single == "rate")


async def test_the_arrows_step_the_number_that_is_typed_by_notches():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        controls = await ready(pilot, app, session)
        await at(pilot, controls, "optimizer.learning_rate")
        await pilot.press("enter")
        await until(pilot, lambda: controls.editing)
        await pilot.press("up", "up", "up", "down", "enter")
        await until(pilot, lambda: applied(session) == [{"optimizer.learning_rate": 0.1}])


async def test_what_the_run_refuses_comes_back_into_the_field_with_the_reason():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        controls = await ready(pilot, app, session)
        await at(pilot, controls, "data.features")
        await pilot.press("enter")
        await until(pilot, lambda: controls.editing)
        await pilot.press(*"x1 x9", "enter")
        await until(pilot, lambda: applied(session) == [{"data.features": "x1 x9"}])
        event = Event(99, 10, "refused", "'x9' is not an input of the plane")
        session.snapshot = replace(session.snapshot, events=(*session.snapshot.events, event))
        await until(pilot, lambda: controls.editing and controls.query_one("#controls-input").has_focus)
        assert controls.query_one("#controls-input").value == "x1 x9"
        assert "not an input of the plane" in hint(controls)
        await pilot.press("backspace", "2", "enter")
        await until(pilot, lambda: applied(session)[-1] == {"data.features": "x1 x2"})
        config = CONFIG.with_changes({"data.features": "x1 x2"})
        session.snapshot = replace(session.snapshot, config=config)
        await until(pilot, lambda: controls.list.config is config)
        assert not controls.editing


async def test_the_run_is_asked_what_a_typed_value_would_do():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        controls = await ready(pilot, app, session)
        await at(pilot, controls, "network.hidden")
        await pilot.press("enter")
        await until(pilot, lambda: controls.editing)
        assert "spaces or commas between" in hint(controls)
        await pilot.press(*"4, 4")
        wanted = Preview({"network.hidden": (4, 4)})
        await until(pilot, lambda: wanted in session.commands)
        nothing = np.zeros(0)
        answer = RatePreview(wanted.changes, "", nothing, nothing, notes=("the answers change by 0.1",))
        session.snapshot = replace(session.snapshot, preview=answer)
        await until(pilot, lambda: "the answers change by 0.1" in hint(controls))
        await pilot.press("9")
        wanted = Preview({"network.hidden": (4, 49)})
        await until(pilot, lambda: wanted in session.commands)
        session.snapshot = replace(
            session.snapshot, preview=RatePreview(wanted.changes, "is too large", nothing, nothing)
        )
        await until(pilot, lambda: "is too large" in hint(controls))
        await pilot.press("escape")
        await until(pilot, lambda: session.commands[-1] == Preview({}))
        assert applied(session) == []


async def test_a_setting_is_found_by_typing_part_of_its_name():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        controls = await ready(pilot, app, session)
        await pilot.press("slash")
        await until(pilot, lambda: controls.searching)
        await pilot.press(*"batch si")
        await until(pilot, lambda: controls.list.cursor == "training.batch_size")
        assert len([row for row in controls.list.rows if row.info]) < 4
        await pilot.press("enter")
        await until(pilot, lambda: not controls.searching and controls.list.has_focus)
        assert controls.list.cursor == "training.batch_size"
        assert len([row for row in controls.list.rows if row.info]) > 8
        await pilot.press("slash")
        await until(pilot, lambda: controls.searching)
        await pilot.press(*"momentum", "escape")
        await until(pilot, lambda: not controls.searching)
        assert controls.list.cursor == "training.batch_size"


def test_lists_say_how_their_items_are_parted_and_which_there_are():
    for path in ("network.hidden", "network.frozen"):
        assert "spaces or commas between" in typed_range(field(path))
    assert "dense1, dense2" in typed_range(field("network.frozen"), ["dense1", "dense2"])
    assert "x1*x2" in typed_range(field("data.features"))


async def test_one_escape_leaves_the_full_screen():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        controls = await ready(pilot, app, session)
        await pilot.press("4")
        await until(pilot, lambda: app.screen.area.single == "controls" and controls.list.has_focus)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen.area.single == "")
