import math
from dataclasses import replace

import numpy as np
import pytest
from fakes import KINDS, make_snapshot
from stage import Stage, text, watch

from dltui.core.snapshot import Confusion, Curve, Event, RatePreview, Snapshot
from dltui.tui.draw.look import Look
from dltui.tui.widgets.confusion import ConfusionMatrix
from dltui.tui.widgets.decision_map import DecisionPanel
from dltui.tui.widgets.event_list import EventList
from dltui.tui.widgets.fit_curve import FitPanel
from dltui.tui.widgets.histograms import Histograms
from dltui.tui.widgets.layer_pictures import LayerPictures
from dltui.tui.widgets.layer_table import LayerTable
from dltui.tui.widgets.lesson import Lesson
from dltui.tui.widgets.loss_chart import LossChart
from dltui.tui.widgets.metric_chart import MetricChart
from dltui.tui.widgets.network_view import NetworkView
from dltui.tui.widgets.rate_chart import RateChart
from dltui.tui.widgets.samples import SamplesPanel
from dltui.tui.widgets.scatter_plot import ScatterPlot
from dltui.tui.widgets.status_line import StatusLine

PANELS = (
    LossChart,
    MetricChart,
    RateChart,
    DecisionPanel,
    FitPanel,
    ConfusionMatrix,
    ScatterPlot,
    SamplesPanel,
    LayerPictures,
    LayerTable,
    NetworkView,
    Histograms,
    EventList,
    Lesson,
    StatusLine,
)
SNAPSHOT_FIELDS = set(Snapshot.__dataclass_fields__)


def broken(snapshot: Snapshot) -> Snapshot:
    """The same snapshot with NaN wherever a number may be NaN."""
    nan = math.nan

    def curve(old: Curve) -> Curve:
        gone = np.full(len(old.values), nan)
        return Curve(old.steps, gone, gone, gone)

    def lost(array):
        return np.full(np.shape(array), nan)

    changes = {
        "curves": {k: curve(c) for k, c in snapshot.curves.items()},
        "recent": {},
        "metrics": dict.fromkeys(snapshot.metrics, nan),
        "rate": nan,
        "steps_per_s": nan,
        "future_rates": lost(snapshot.future_rates),
        "layers": tuple(
            replace(x, mean=nan, std=nan, dead=nan, gradient_norm=math.inf, update_ratio=nan) for x in snapshot.layers
        ),
        "unit_maps": tuple(replace(m, maps=lost(m.maps)) for m in snapshot.unit_maps),
        "weights": tuple(replace(w, matrix=lost(w.matrix)) for w in snapshot.weights),
        "images": tuple(replace(i, images=lost(i.images)) for i in snapshot.images),
        "events": (*snapshot.events, Event(9, 10, "diverged", "not finite", nan, nan, segment=True)),
    }
    if snapshot.decision is not None:
        changes["decision"] = replace(snapshot.decision, values=lost(snapshot.decision.values))
    if snapshot.fit is not None:
        changes["fit"] = replace(snapshot.fit, y=lost(snapshot.fit.y))
    if snapshot.scatter is not None:
        changes["scatter"] = replace(snapshot.scatter, predicted=lost(snapshot.scatter.predicted))
    if snapshot.samples is not None:
        changes["samples"] = replace(snapshot.samples, confidence=lost(snapshot.samples.confidence))
    return replace(snapshot, **changes)


@pytest.mark.parametrize("panel", PANELS)
async def test_a_panel_survives_every_size_and_snapshot(panel):
    app = Stage(panel())
    kinds = [make_snapshot(kind) for kind in (*KINDS, "empty")]
    async with app.run_test(size=(120, 36)) as pilot:
        for columns, rows in ((1, 1), (9, 3), (24, 6), (80, 24), (200, 60)):
            await pilot.resize_terminal(columns, rows)
            for look in (Look(), Look(unicode=False, color=False)):
                app.look = look
                for snapshot in (None, *kinds, *map(broken, kinds)):
                    app.panel.show(snapshot)
                    lines = [app.panel.render_line(y) for y in range(app.panel.size.height)]
                    assert {strip.cell_length for strip in lines} == {app.panel.size.width}
                    if not look.unicode:
                        assert text(app).isascii()


@pytest.mark.parametrize("panel", PANELS)
async def test_a_panel_sends_nothing_when_nothing_changed(panel):
    app = Stage(panel())
    snapshot = make_snapshot()
    async with app.run_test(size=(80, 24)) as pilot:
        app.panel.show(snapshot)
        await pilot.pause()
        asked = watch(app.panel)
        app.panel.show(snapshot)
        app.panel.show(replace(snapshot, elapsed_s=99.0))
        assert asked == []


@pytest.mark.parametrize("panel", PANELS)
def test_what_a_panel_needs_is_a_field_of_the_snapshot(panel):
    assert panel.NEEDS <= SNAPSHOT_FIELDS
    assert panel.LABEL


async def test_one_step_more_changes_few_cells():
    app = Stage(LossChart())
    snapshot = make_snapshot()
    async with app.run_test(size=(120, 40)) as pilot:
        app.panel.show(snapshot)
        await pilot.pause()
        old = snapshot.curves["train_loss"]
        more = Curve(
            np.append(old.steps, old.steps[-1] + 20),
            np.append(old.values, 0.01),
            np.append(old.low, 0.008),
            np.append(old.high, 0.012),
        )
        asked = watch(app.panel)
        app.panel.show(replace(snapshot, step=20_620, curves={**snapshot.curves, "train_loss": more}))
        assert None not in asked
        assert sum(region.area for region in asked) < 60


async def test_the_loss_chart_says_what_it_shows():
    app = Stage(LossChart())
    async with app.run_test(size=(100, 24)) as pilot:
        app.panel.show(make_snapshot())
        await pilot.pause()
        shown = text(app)
        for part in ("Loss", "log · all", "train", "val", "◆adam", "◆relu", "20k"):
            assert part in shown
        app.panel.action_toggle_log()
        await pilot.pause()
        assert "log · " not in text(app)
        app.panel.action_toggle_window()
        await pilot.pause()
        assert "recent" in text(app)


async def test_charts_share_a_view():
    app = Stage(LossChart())
    async with app.run_test(size=(100, 24)) as pilot:
        app.panel.show(make_snapshot())
        app.panel.focus()
        await pilot.press("left", "left")
        cursor = app.panel.view.cursor
        assert cursor is not None
        assert cursor < 20_600
        assert "at 20" in text(app)
        await pilot.press("plus")
        assert app.panel.view.left is not None
        assert "zoom" in text(app)
        before = app.panel.view
        app.panel.show(make_snapshot(step=30_000))
        assert app.panel.view == before
        await pilot.press("shift+left")
        assert app.panel.view.left < before.left
        await pilot.press("A")
        assert app.panel.view.left is None
        await pilot.click(LossChart, offset=(50, 10))
        assert app.panel.view.cursor is not None
        assert app.moves[-1].view == app.panel.view


async def test_smoothing_can_be_switched_off_and_on():
    app = Stage(LossChart())
    async with app.run_test(size=(100, 24)) as pilot:
        app.panel.show(make_snapshot())
        shown = set()
        for _ in range(4):
            await pilot.press("m")
            shown.add(text(app))
        assert len(shown) == 4


async def test_a_curve_is_not_drawn_across_a_change_of_unit():
    app = Stage(LossChart())
    snapshot = make_snapshot()
    async with app.run_test(size=(100, 24)):
        chart = app.panel
        series = chart.line(snapshot.curves["train_loss"], "train", [9_000], 0.9)
        assert np.isnan(series.y).sum() == 2
        assert (np.diff(series.x) >= 0).all()


async def test_the_rate_chart_shows_base_now_future_and_trial():
    app = Stage(RateChart())
    trial = RatePreview({"schedule.name": "step"}, "", np.arange(20_600, 33_000, 100), np.full(124, 0.009))
    async with app.run_test(size=(100, 20)) as pilot:
        app.panel.show(make_snapshot(preview=trial))
        await pilot.pause()
        assert "base 0.01 · now 0.0062" in text(app)
        roles = {role for row in app.panel._rows for _, role in row}
        assert {"rate", "future", "preview"} <= roles


async def test_the_decision_map_can_be_reduced_to_classes_and_points_left_out():
    app = Stage(DecisionPanel())
    async with app.run_test(size=(60, 24)) as pilot:
        app.panel.show(make_snapshot())
        await pilot.pause()
        full = text(app)
        assert "●" in full
        assert "∘" in full
        app.panel.focus()
        await pilot.press("d")
        assert "classes only" in text(app)
        await pilot.press("v", "v", "v")
        assert not any("●" in line or "∘" in line for line in text(app).splitlines()[1:-2])


async def test_names_from_data_are_only_text():
    evil = "[red]x[/]\x1b[2J"
    app = Stage(ConfusionMatrix())
    async with app.run_test(size=(60, 12)) as pilot:
        app.panel.show(make_snapshot(confusion=Confusion(np.array([[3, 1], [0, 4]]), (evil, "b"))))
        await pilot.pause()
        shown = text(app)
        assert "\x1b" not in shown
        assert "[red]" in shown
