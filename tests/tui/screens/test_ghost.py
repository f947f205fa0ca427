"""The ghost: what a value that is being typed would do, and where the run goes by itself, dotted on the loss chart."""

from __future__ import annotations

import pytest
from harness import until

from dltui.core import Trainer, load_preset
from dltui.core.commands import Pause, SetSpeed, Step
from dltui.core.session import Session
from dltui.tui.app import DltuiApp
from dltui.tui.draw.prospects import LONGEST_DRAWN, SHORTEST_DRAWN, drawn_horizon
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.widgets.loss_chart import LossChart

RATE = "optimizer.learning_rate"
STEPS = 300


async def paused_at(pilot, app, steps=STEPS):
    """Train some steps and pause; (newest snapshot, the step it stands at)."""
    latest = app.connection.latest
    await until(pilot, lambda: latest() is not None and latest().status in ("training", "paused"))
    app.send(Pause())
    await until(pilot, lambda: latest().status == "paused")
    here = latest().step + steps
    app.send(SetSpeed())
    app.send(Step(steps))
    await until(pilot, lambda: latest().step == here and latest().status == "paused")
    return latest, here


async def typed(pilot, app, keys):
    """Type another rate into its control."""
    controls = app.screen.controls
    await until(pilot, lambda: controls.list.config is not None)
    controls.list.reveal(RATE)
    controls.list.focus()
    await until(pilot, lambda: controls.list.has_focus and controls.list.cursor == RATE)
    await pilot.press("enter")
    await until(pilot, lambda: controls.editing)
    await pilot.press(*keys)
    return controls


def dotted(app) -> set[str]:
    return {role for row in app.screen.query_one(LossChart)._rows for _, role in row} & {"future", "preview"}


def ahead(latest):
    foresight = latest().foresight
    return () if foresight is None or foresight.busy else foresight.prospects


@pytest.mark.parametrize("key", ["enter", "escape"])
async def test_a_value_that_is_typed_shows_both_futures_and_then_happens_so_or_never_was(key):
    app = DltuiApp("spiral", lambda source, **_: Session(source))
    async with app.run_test(size=(120, 36)) as pilot:
        latest, here = await paused_at(pilot, app)
        controls = await typed(pilot, app, ("0", ".", "1"))
        await until(pilot, lambda: len(ahead(latest)) == 2 and dotted(app) == {"future", "preview"})
        without, with_it = ahead(latest)
        assert dict(without.changes) == {} and dict(with_it.changes) == {RATE: 0.1}
        assert without.n_steps == with_it.n_steps == drawn_horizon(here)
        chart = app.screen.query_one(LossChart)
        assert chart._drawn.x.value(1.0) >= here + drawn_horizon(here), "the chart reaches the end of the futures"
        assert "unchanged" in chart.render_line(chart.size.height - 2).text
        await pilot.press(key)
        await until(pilot, lambda: not controls.editing and latest().foresight is None and not dotted(app))
        taken = with_it if key == "enter" else without
        if key == "enter":
            await until(pilot, lambda: latest().config.get(RATE) == 0.1)
        app.send(Step(taken.n_steps))
        await until(pilot, lambda: latest().step == here + taken.n_steps and latest().status == "paused")
        alone = Trainer(load_preset("spiral"))
        alone.advance(here)
        alone.apply(taken.changes)
        alone.advance(taken.n_steps)
        assert taken.metrics["val_loss"] == alone.evaluate("val")["loss"]
        assert latest().metrics["train_loss"] == alone.history.latest()["train_loss"]


async def test_a_number_that_is_stepped_is_looked_ahead_for_as_one_that_is_typed():
    app = DltuiApp("spiral", lambda source, **_: Session(source))
    async with app.run_test(size=(120, 36)) as pilot:
        latest, _ = await paused_at(pilot, app)
        await typed(pilot, app, ("up",))
        await until(pilot, lambda: len(ahead(latest)) == 2)
        assert ahead(latest)[1].changes[RATE] > latest().config.get(RATE)


async def test_a_key_draws_where_the_run_goes_and_takes_it_away():
    app = DltuiApp("spiral", lambda source, **_: Session(source))
    async with app.run_test(size=(120, 36)) as pilot:
        latest, here = await paused_at(pilot, app)
        await pilot.press("j")
        await until(pilot, lambda: len(ahead(latest)) == 1 and dotted(app) == {"future"})
        await pilot.press("j")
        await until(pilot, lambda: latest().foresight is None and not dotted(app))
        assert latest().step == here


async def test_the_doctor_asks_again_for_what_a_ghost_took_the_place_of():
    app = DltuiApp("vanishing_gradient", lambda source, **_: Session(source))
    async with app.run_test(size=(120, 36)) as pilot:
        latest, _ = await paused_at(pilot, app, 600)
        await pilot.press("i")
        await until(pilot, lambda: len(ahead(latest)) >= 2)
        remedies = [dict(one.changes) for one in ahead(latest)]
        await pilot.press("j")
        # The key takes away what the screen has, so it must be there.
        dashboard = app.screen
        assert isinstance(dashboard, Dashboard)
        await until(pilot, lambda: len(ahead(lambda: dashboard.snapshot)) == 1)
        await pilot.press("j")
        # Some of them may not have been there yet.
        await until(pilot, lambda: [dict(one.changes) for one in ahead(latest)][: len(remedies)] == remedies)


def test_a_chart_looks_half_as_far_ahead_as_the_run_has_come():
    assert [drawn_horizon(step) for step in (0, 1000, 10**6)] == [SHORTEST_DRAWN, 500, LONGEST_DRAWN]
