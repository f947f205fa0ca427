"""What the charts of curves show: the curve first, one window for all of them, and no curve that gets lost."""

import numpy as np
import pytest
from canned_parts import make_curve
from fakes import make_snapshot
from stage import Stage, text
from textual import events

from dltui.core.snapshot import Curve, Event
from dltui.tui.draw.cells import plain
from dltui.tui.draw.look import Look
from dltui.tui.draw.view import View
from dltui.tui.widgets.chart import SMOOTHING, mark_card
from dltui.tui.widgets.loss_chart import LossChart
from dltui.tui.widgets.metric_chart import MetricChart
from dltui.tui.widgets.rate_chart import RateChart

MILLIONS = 10**7


def long_run(n=MILLIONS):
    """Ten million steps: curves of the whole in stretches, and of the last 2,000 steps in full."""
    steps = np.linspace(0, n - n / 2048, 2048).astype(np.int64)
    loss = 1.0 / (1 + np.arange(2048) / 20)
    last = np.arange(n - 2048, n)
    evaluations = np.linspace(0, n - 1, 300).astype(np.int64)
    wide = Curve(steps, loss, loss * 1e-9, loss * 1e6)
    near = make_curve(last, np.full(2048, loss[-1]))
    val = make_curve(evaluations, np.linspace(1.0, 0.3, 300))
    score = make_curve(evaluations, np.linspace(0.5, 0.9, 300))
    rate = make_curve(steps, np.full(2048, 0.01))
    shared = {"val_loss": val, "train_accuracy": score, "val_accuracy": score}
    return make_snapshot(
        step=n,
        curves={"train_loss": wide, "learning_rate": rate, **shared},
        recent={"train_loss": near, "learning_rate": make_curve(last, np.full(2048, 0.01)), **shared},
    )


def roles(panel):
    """Roles of the cells inside the frame, without the legend."""
    return {role for row in panel._rows[1:-1] for _, role in row}


async def test_raw_values_never_set_the_axis():
    app = Stage(LossChart())
    async with app.run_test(size=(100, 24)) as pilot:
        app.panel.show(long_run())
        await pilot.pause()
        low, high = app.panel._drawn.y.value(0), app.panel._drawn.y.value(1)
        assert 1e-3 < low <= 0.01 and 1 <= high < 10
        assert "train" in roles(app.panel) and "val" in roles(app.panel)


async def test_the_band_leaves_the_curve_to_be_seen():
    app = Stage(LossChart())
    async with app.run_test(size=(100, 24)) as pilot:
        app.panel.show(long_run())
        await pilot.pause()
        dots: dict[str, list[int]] = {"train": [], "train_faint": []}
        for row in app.panel._rows[1:-1]:
            for signs, role in row:
                if role in dots:
                    dots[role] += [(ord(sign) - 0x2800).bit_count() for sign in signs if 0x2800 < ord(sign) < 0x2900]
        assert np.mean(dots["train_faint"]) <= 1.5 < np.mean(dots["train"])


@pytest.mark.parametrize("chart", [LossChart, MetricChart, RateChart])
@pytest.mark.parametrize(
    "view",
    [
        View(),
        View(recent=True),
        View(left=9_998_500, right=10_000_000),
        View(left=9_900_000, right=10_000_000),
        View(left=5_000_000, right=5_000_400),
        View(left=100, right=200),
        View(log_x=True),
        View(log_x=True, left=1, right=100),
    ],
    ids=str,
)
async def test_no_window_loses_a_curve(chart, view):
    app = Stage(chart())
    async with app.run_test(size=(100, 24)) as pilot:
        app.panel.show(long_run())
        app.panel.view = view
        await pilot.pause()
        expected = {LossChart: {"train", "val"}, MetricChart: {"train", "val"}, RateChart: {"rate"}}[chart]
        assert expected <= roles(app.panel)


@pytest.mark.parametrize("view", [View(), View(recent=True), View(left=10, right=5_000), View(log_x=True)], ids=str)
@pytest.mark.parametrize("snapshot", [make_snapshot("spiral"), long_run(), make_snapshot("empty")], ids="abc")
async def test_all_charts_show_the_same_steps(view, snapshot):
    axes = set()
    for chart in (LossChart, MetricChart, RateChart):
        app = Stage(chart())
        async with app.run_test(size=(100, 24)) as pilot:
            app.panel.show(snapshot)
            app.panel.view = view
            await pilot.pause()
            axes.add(app.panel._drawn.x)
    assert len(axes) == 1


async def test_the_keys_of_a_chart_reach_every_window():
    app = Stage(LossChart())
    async with app.run_test(size=(100, 24)) as pilot:
        app.panel.show(long_run())
        app.panel.focus()
        await pilot.press("plus", "plus", "left")
        assert app.panel.view.is_zoomed and {"train", "val"} <= roles(app.panel)
        width = app.panel.view.right - app.panel.view.left
        await pilot.press("minus")
        assert app.panel.view.right - app.panel.view.left == pytest.approx(2 * width)
        await pilot.press("L")
        assert app.panel._drawn.x.log and "log x" in text(app)
        await pilot.press("A")
        assert app.panel.view == View(log_x=True)


async def test_the_wheel_zooms_where_the_mouse_is_and_dragging_pulls_the_window_along():
    app = Stage(LossChart())
    async with app.run_test(size=(100, 24)) as pilot:
        app.panel.show(make_snapshot())
        await pilot.pause()
        at = (70, 10)
        share = app.panel._share_at(70)
        step = app.panel._drawn.x.value(share)
        await pilot._post_mouse_events([events.MouseScrollUp], LossChart, offset=at, button=0)
        await pilot.pause()
        view = app.panel.view
        assert view.is_zoomed and app.panel._drawn.x.value(app.panel._share_at(70)) == pytest.approx(step)
        await pilot.mouse_down(LossChart, offset=at)
        await pilot.hover(LossChart, offset=(60, 10))
        await pilot.mouse_up(LossChart, offset=(60, 10))
        await pilot.pause()
        assert app.panel.view.left > view.left and app.panel.view.cursor is None
        assert app.panel.view.right - app.panel.view.left == pytest.approx(view.right - view.left)
        await pilot.click(LossChart, offset=(50, 10))
        assert app.panel.view.cursor is not None


async def test_every_curve_is_read_out_at_the_cursor():
    snapshot = long_run()
    for chart, names in ((LossChart, ("train", "val")), (MetricChart, ("train", "val")), (RateChart, ("rate",))):
        app = Stage(chart())
        async with app.run_test(size=(100, 24)) as pilot:
            app.panel.show(snapshot)
            app.panel.view = View(cursor=5_000_000.0)
            await pilot.pause()
            legend = text(app).splitlines()[-1]
            assert "at 5 000 000" in legend and all(name in legend for name in names) and "—" not in legend


async def test_a_step_to_come_has_no_loss_but_a_rate():
    for chart in (LossChart, RateChart):
        app = Stage(chart())
        async with app.run_test(size=(100, 24)) as pilot:
            app.panel.show(make_snapshot())
            app.panel.view = View(cursor=21_000.0)
            await pilot.pause()
            legend = text(app).splitlines()[-1]
            assert ("—" in legend) == (chart is LossChart)


async def test_smoothing_is_said_and_shared():
    app = Stage(LossChart())
    async with app.run_test(size=(100, 24)) as pilot:
        app.panel.show(make_snapshot())
        app.panel.focus()
        for by in range(1, len(SMOOTHING) + 1):
            await pilot.press("m")
            weight = SMOOTHING[(2 + by) % len(SMOOTHING)]
            assert (f"smooth {weight:g}" if weight else "raw") in text(app).splitlines()[0]
            assert app.moves[-1].view.smoothing == app.panel.smoothing
        await pilot.press("M")
        assert "smooth 0.6" in text(app).splitlines()[0]


async def test_values_that_are_not_finite_are_gaps():
    steps = np.arange(1000)
    values = np.full(1000, 0.5)
    values[300:500], values[600:800] = np.nan, np.inf
    app = Stage(LossChart())
    async with app.run_test(size=(100, 24)) as pilot:
        for view in (View(), View(smoothing=0)):
            curve = make_curve(steps, values)
            app.panel.show(make_snapshot(step=1000, curves={"train_loss": curve}, recent={}, events=()))
            app.panel.view = view
            await pilot.pause()
            drawn, gaps = app.panel._drawn, []
            for share in (0.1, 0.32, 0.44, 0.56, 0.72):
                column = 1 + drawn.left + round(share * (drawn.columns - 1))
                cells = {line[column : column + 1] for line in text(app).splitlines()[1:-3]}
                gaps.append(not any("⠀" < cell <= "⣿" for cell in cells))
            assert gaps == [False, True, False, True, False]


async def test_a_loss_of_zero_runs_along_the_edge_of_a_logarithmic_axis():
    steps = np.arange(1000)
    values = np.where(steps < 500, 0.5, 0.0)
    app = Stage(LossChart())
    async with app.run_test(size=(100, 24)) as pilot:
        app.panel.show(make_snapshot(step=1000, curves={"train_loss": make_curve(steps, values)}, recent={}, events=()))
        app.panel.view = View(smoothing=0)
        await pilot.pause()
        inside = text(app).splitlines()[1:-3]
        assert any("⠀" < cell <= "⣿" for cell in inside[-1][60:90])


@pytest.mark.parametrize("size", [(1, 1), (8, 3), (40, 10), (200, 60)])
@pytest.mark.parametrize("n", [0, 1, 2])
async def test_no_value_or_one_is_drawn_without_a_fuss(n, size):
    app = Stage(LossChart(), Look())
    curve = make_curve(np.arange(n), np.full(n, 0.3))
    async with app.run_test(size=size) as pilot:
        for view in (View(), View(recent=True), View(log_x=True), View(left=0, right=4, cursor=2.0)):
            app.panel.show(make_snapshot(step=n, curves={"train_loss": curve}, recent={"train_loss": curve}, events=()))
            app.panel.view = view
            await pilot.pause()
            assert "no values yet" in text(app) or n or size < (40, 10)


async def test_a_mark_shows_its_card_under_the_cursor():
    app = Stage(LossChart())
    async with app.run_test(size=(100, 24)) as pilot:
        app.panel.show(make_snapshot())
        app.panel.focus()
        await pilot.press("comma")
        assert app.panel.view.cursor == 18_200 and "schedule: constant → cosine" in text(app)
        await pilot.press("comma")
        shown = text(app)
        assert "step 14 200" in shown and "→ relu" in shown and "loss 0.014" in shown and "on the same batch" in shown
        await pilot.press("full_stop")
        assert app.panel.view.cursor == 18_200
        await pilot.press("left", "left", "left")
        assert "step 18 200" not in text(app)


async def test_going_to_a_mark_outside_of_the_window_shows_it():
    app = Stage(LossChart())
    async with app.run_test(size=(100, 24)) as pilot:
        app.panel.show(make_snapshot())
        app.panel.view = View(left=100, right=500)
        app.panel.focus()
        await pilot.press("comma")
        assert not app.panel.view.is_zoomed and "step 18 200" in text(app)


@pytest.mark.parametrize("size", [(1, 1), (10, 4), (24, 8), (40, 10), (60, 30)])
async def test_a_card_has_its_place_or_none(size):
    app = Stage(LossChart())
    async with app.run_test(size=size) as pilot:
        app.panel.show(make_snapshot())
        for cursor in (0.0, 9_300.0, 18_200.0):
            app.panel.view = View(cursor=cursor)
            await pilot.pause()
            assert all(len(line) <= size[0] for line in text(app).splitlines())


def test_a_card_names_every_setting_and_is_not_longer_than_it_may_be():
    changes = [Event(1, 5, "change", "learning_rate: 0.1 → 0.01, optimizer: sgd → adam", 0.5, 0.25)]
    card = plain(mark_card(changes, 40))
    assert card.splitlines() == [
        "step 5",
        "learning rate: 0.1 → 0.01",
        "optimizer: sgd → adam",
        "loss 0.500 → 0.250",
        "on the same batch",
    ]
    assert plain(mark_card(changes * 9, 40)).splitlines()[-1].endswith("lines more in the log")
