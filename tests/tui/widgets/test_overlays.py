"""Other runs laid over the charts: the run before, and those that were pinned."""

from dataclasses import replace

import numpy as np
import pytest
from canned_parts import make_curve
from fakes import FakeShelf, make_snapshot
from golden import check
from harness import make_app, until
from stage import Stage, text

from dltui.core.snapshot import RunCurves
from dltui.tui.draw.line import DASHES, dash_sign
from dltui.tui.draw.look import Look
from dltui.tui.draw.view import View
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.widgets.loss_chart import LossChart
from dltui.tui.widgets.metric_chart import MetricChart
from dltui.tui.widgets.overlays import (
    MOST_PINNED,
    Overlay,
    Overlays,
    differing_settings,
    run_before,
    short_name,
    telling_setting,
)
from dltui.tui.widgets.rate_chart import RateChart


def other(name="sgd", shift=0.2, **changes):
    snapshot = make_snapshot()
    curves = {
        key: make_curve(curve.steps, curve.values + shift)
        for key, curve in snapshot.curves.items()
        if key != "learning_rate"
    }
    rate = snapshot.curves["learning_rate"]
    curves["learning_rate"] = make_curve(rate.steps, rate.values / 2)
    return RunCurves(name, snapshot.config.with_changes(changes), snapshot.step, curves)


def begun(snapshot, **fields):
    """The snapshot of a run that has just begun."""
    return replace(snapshot, step=0, curves={}, recent={}, **fields)


def test_the_run_before_stays_when_another_begins():
    overlays, snapshot = Overlays(), make_snapshot()
    overlays.see(snapshot)
    overlays.see(replace(snapshot, step=30_000))
    assert overlays.before is None
    overlays.see(begun(snapshot))
    ghost = overlays.all[0]
    assert ghost.run.name == "before" and ghost.run.step == 30_000 and ghost.run.curves is snapshot.curves
    seeded = snapshot.config.with_changes({"training.seed": 5})
    overlays.see(snapshot)
    overlays.see(begun(snapshot, config=seeded))
    assert overlays.before is not None and overlays.before.name == "seed 0"
    overlays.see(replace(snapshot, config=seeded))
    overlays.see(begun(snapshot, preset="moons", run="x"))
    assert overlays.before is not None and overlays.before.name == "spiral"
    overlays.see(begun(snapshot, preset="moons", run="y"))
    assert overlays.before.name == "spiral"


def test_pinned_runs_keep_their_places():
    overlays = Overlays()
    overlays.see(make_snapshot())
    for number in range(MOST_PINNED):
        assert overlays.pin(other(f"run{number}"))
    assert not overlays.pin(other("one too many"))
    places = {overlay.run.name: overlay.place for overlay in overlays.shown}
    assert len(set(places.values())) == MOST_PINNED
    overlays.unpin("run1")
    assert {overlay.run.name: overlay.place for overlay in overlays.shown} == {
        name: place for name, place in places.items() if name != "run1"
    }
    overlays.hidden = True
    assert overlays.shown == () and len(overlays.all) == MOST_PINNED - 1


def test_runs_are_told_apart_by_color_and_line():
    assert len(set(DASHES)) == len(DASHES) == 2 + MOST_PINNED
    for look in (Look(), Look(unicode=False, color=False)):
        assert len({dash_sign(place, look) for place in range(len(DASHES))}) == len(DASHES)
    assert len({Overlay(other(), place).role for place in range(5)}) == 5


@pytest.mark.parametrize("chart", [LossChart, MetricChart, RateChart])
async def test_every_chart_draws_and_names_the_other_run(chart):
    app = Stage(chart())
    async with app.run_test(size=(100, 24)) as pilot:
        app.panel.show(make_snapshot())
        app.panel.overlays = (Overlay(other(), 0),)
        await pilot.pause()
        drawn = {role for row in app.panel._rows[1:-1] for _, role in row}
        assert "ghost0" in drawn and "╌╌ sgd" in text(app).splitlines()[-2]
        app.panel.view = View(cursor=9_000.0)
        await pilot.pause()
        assert "╌╌ sgd" in text(app).splitlines()[-2]
        app.panel.overlays = ()
        await pilot.pause()
        assert "ghost0" not in {role for row in app.panel._rows for _, role in row}


async def test_a_loss_of_another_kind_is_not_compared():
    app = Stage(LossChart())
    async with app.run_test(size=(100, 24)) as pilot:
        app.panel.show(make_snapshot())
        app.panel.overlays = (Overlay(other(**{"loss.name": "mse"}), 0),)
        await pilot.pause()
        assert "sgd" not in text(app)


@pytest.mark.parametrize(
    ("form", "look"),
    [("gray", Look(color=False)), ("ascii", Look(unicode=False, color=False)), ("few", Look(n_colors=16))],
)
async def test_a_chart_with_other_runs_looks_like_its_golden(form, look):
    app = Stage(LossChart(), look)
    runs = (other("before", 0.5), other("pair", 0.1), other("pinned", 0.02))
    async with app.run_test(size=(80, 20)) as pilot:
        app.panel.show(make_snapshot())
        app.panel.overlays = tuple(Overlay(run, place) for place, run in enumerate(runs))
        await pilot.pause()
        check(f"overlays_{form}_80x20", app.panel._rows)


@pytest.mark.parametrize("size", [(1, 1), (12, 4), (200, 60)])
async def test_other_runs_of_any_length_are_drawn_without_a_fuss(size):
    nothing, point = np.zeros(0, np.int64), np.array([5])
    runs = [
        replace(other("none"), curves={}),
        replace(other("empty"), curves={"val_loss": make_curve(nothing, np.zeros(0))}),
        replace(other("one"), curves={"val_loss": make_curve(point, np.array([0.5]))}),
        replace(other("nan"), curves={"val_loss": make_curve(np.arange(9), np.full(9, np.nan))}),
        replace(other("long"), curves={"val_loss": make_curve(np.arange(10**5) * 100, np.ones(10**5))}),
    ]
    app = Stage(LossChart())
    async with app.run_test(size=size) as pilot:
        app.panel.show(make_snapshot())
        app.panel.overlays = tuple(Overlay(run, place) for place, run in enumerate(runs))
        await pilot.pause()
        assert all(len(line) <= size[0] for line in text(app).splitlines())


def test_only_settings_that_differ_are_listed():
    snapshot = make_snapshot()
    found = differing_settings([other(**{"optimizer.name": "sgd"}), other(**{"training.seed": 4})], snapshot)
    assert found["optimizer.name"] == ["adam", "sgd", "adam"]
    assert found["training.seed"] == [0, 0, 4]
    assert "network.activation" not in found and not any(path.startswith("preset.") for path in found)
    assert differing_settings([], snapshot) == {}


def test_a_run_is_named_by_what_tells_it_apart():
    old = make_snapshot()
    new = begun(old, config=old.config.with_changes({"network.activation": "relu"}))
    assert run_before(old, new).name == "activation tanh"


async def test_h_hides_the_other_runs_and_shows_them_again():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        snapshot = make_snapshot("spiral")
        session.snapshot = snapshot
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is snapshot)
        session.snapshot = replace(snapshot, step=100)
        chart = app.screen.query_one("#loss", LossChart)
        await until(pilot, lambda: len(chart.overlays) == 1)
        await pilot.press("h")
        await until(pilot, lambda: chart.overlays == ())
        await pilot.press("h")
        await until(pilot, lambda: [overlay.run.name for overlay in chart.overlays] == ["before"])


async def test_e_writes_what_is_seen_and_says_where():
    app, session = make_app()
    app.shelf = FakeShelf()
    async with app.run_test(size=(120, 36)) as pilot:
        snapshot = make_snapshot("spiral")
        session.snapshot = snapshot
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is snapshot)
        app.screen.overlays.pin(other("kept one"))
        app.screen.show_overlays()
        await pilot.press("E")
        await until(pilot, lambda: app.shelf.kept)
        ((name, files),) = app.shelf.kept.items()
        assert name == "spiral-loss-20600" and {"svg", "csv"} <= set(files)
        head = files["csv"].decode().splitlines()[0]
        assert head == "step,kept one,train_loss (smooth 0.9),val_loss"
        await until(pilot, lambda: any("/somewhere/spiral-loss-20600" in note.message for note in app._notifications))


def test_a_name_is_shortened_to_what_tells_it_apart():
    assert short_name(other("optimizer_sgd"), 6) == "sgd" and short_name(other("optimizer_sgd"), 20) == "optimizer_sgd"
    here = make_snapshot().config
    assert telling_setting(here.with_changes({"optimizer.name": "sgd", "training.seed": 4}), here) == "sgd"
    assert telling_setting(here.with_changes({"training.seed": 4}), here) == "seed 4"
    assert telling_setting(here, here) == ""
