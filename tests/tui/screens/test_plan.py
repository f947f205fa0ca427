"""Changes to come are typed, listed, edited and taken back in a window, and drawn ahead of the curves."""

from __future__ import annotations

import pytest
from fakes import make_snapshot
from harness import make_app, until
from stage import Stage, text
from textual.widgets import Input, OptionList

from dltui.core.commands import PlanChange
from dltui.core.config import Config
from dltui.core.errors import ConfigError
from dltui.core.snapshot import Event, Planned
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.screens.plan import PlanScreen, entry_text, read_entry
from dltui.tui.widgets.loss_chart import LossChart

CONFIG = Config.from_dict({})
PLAN = (
    Planned(900, {"optimizer.name": "adam"}, "optimizer: sgd → adam"),
    Planned(1500, {"network.hidden": (8, 8)}, "hidden: 16 → 8 8"),
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("500 optimizer.name=adam", PlanChange(500, {"optimizer.name": "adam"})),
        ("@500: optimizer=adam, learning_rate=0.01",
         PlanChange(500, {"optimizer.name": "adam", "optimizer.learning_rate": 0.01})),
        ("+50 hidden=8,4 dropout = 0.1", PlanChange(450, {"network.hidden": (8, 4), "regularization.dropout": 0.1})),
        ("at step 1_000 optimizer=adam; beta1=0.8",
         PlanChange(1000, {"optimizer.name": "adam", "optimizer.beta1": 0.8})),
    ],
)  # fmt: skip
def test_what_is_typed(typed, meant):
    assert read_entry(typed, CONFIG, 400, ()) == meant
    assert read_entry(entry_text(meant.step, meant.changes), CONFIG, 400, ()) == meant


def test_settings_are_those_of_the_methods_in_force_by_then():
    assert read_entry("1000 beta1=0.8", CONFIG, 0, PLAN).changes == {"optimizer.beta1": 0.8}


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("soon", "a step and settings"),
        ("500", "a step and settings"),
        ("500 adam", "a step and settings"),
        ("300 optimizer=adam", "lies behind the run"),
        ("500 optimizer=adm", "did you mean 'adam'"),
        ("500 learning_rate=-1", "learning_rate"),
        ("500 wurst=1", "wurst"),
    ],
)
def test_what_cannot_be_planned_says_why(typed, why):
    with pytest.raises(ConfigError, match=why):
        read_entry(typed, CONFIG, 400, ())


def sent(session):
    return [command for command in session.commands if isinstance(command, PlanChange)]


async def opened(pilot, app, session, **overrides):
    session.snapshot = make_snapshot("spiral", config=CONFIG, step=400, elapsed_s=1.0, **overrides)
    await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
    await pilot.press("at")
    await until(pilot, lambda: isinstance(app.screen, PlanScreen) and app.screen.query_one(Input).has_focus)


async def test_a_change_is_planned_edited_and_taken_back():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot, app, session, plan=PLAN)
        line, listing = app.screen.query_one(Input), app.screen.query_one(OptionList)
        assert listing.option_count == 2
        line.value = "2000 dropout=0.2"
        await pilot.press("enter")
        await until(pilot, lambda: sent(session) == [PlanChange(2000, {"regularization.dropout": 0.2})])
        await pilot.press("down", "enter")
        await until(pilot, lambda: line.value == "900 optimizer.name=adam" and line.has_focus)
        line.value = "950 optimizer.name=lion"
        await pilot.press("enter")
        await until(pilot, lambda: sent(session)[-1] == PlanChange(950, {"optimizer.name": "lion"}, 900))
        await pilot.press("down", "down", "delete")
        await until(pilot, lambda: sent(session)[-1] == PlanChange(1500))
        session.snapshot = make_snapshot("spiral", config=CONFIG, step=400, elapsed_s=1.0, plan=PLAN[:1])
        await until(pilot, lambda: listing.option_count == 1)
        await pilot.press("up", "escape")
        await until(pilot, lambda: isinstance(app.screen, Dashboard))


async def test_what_is_refused_is_said_in_the_window():
    app, session = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, session)
        said = app.screen.query_one("#plan-said")
        await pilot.press(*"300 x=1", "enter")
        await until(pilot, lambda: "lies behind the run" in str(said.content))
        app.screen.query_one(Input).value = "500 optimizer=adam"
        await pilot.press("enter")
        await until(pilot, lambda: len(sent(session)) == 1)
        refusal = Event(99, 400, "refused", "not so")
        session.snapshot = make_snapshot("spiral", config=CONFIG, step=400, elapsed_s=1.0, events=(refusal,))
        await until(pilot, lambda: "not so" in str(said.content))


@pytest.mark.parametrize("unicode", [True, False])
async def test_planned_changes_are_hollow_marks_ahead_of_the_curve(unicode):
    from dltui.tui.draw.look import Look

    app = Stage(LossChart(), Look(unicode=unicode))
    async with app.run_test(size=(90, 20)) as pilot:
        snapshot = make_snapshot("spiral", events=())
        near = Planned(int(snapshot.step * 1.5), {}, "optimizer: sgd → adam")
        far = Planned(int(snapshot.step * 40), {}, "optimizer: adam → lion")
        app.panel.show(make_snapshot("spiral", events=(), plan=(near, far)))
        await until(pilot, lambda: ("◇adam" if unicode else "oadam") in text(app))
        app.panel.show(make_snapshot("spiral", events=(), plan=(far,)))
        await until(pilot, lambda: ("◇ at " if unicode else "o at ") in text(app))
