"""Choosing kept runs to lay over the charts."""

import numpy as np
from canned_parts import make_curve
from fakes import FakeShelf, make_snapshot
from harness import make_app, until
from textual.widgets import OptionList

from dltui.core.commands import KeptRun
from dltui.core.errors import ConfigError
from dltui.core.snapshot import RunCurves
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.screens.overlay_picker import OverlayPicker


class RunsShelf(FakeShelf):
    """Five runs, one of which cannot be read."""

    def kept_runs(self):
        return [KeptRun(f"20260101-00000{i}-run{i}", f"lesson {i}", "2026-01-01T00:00:00", 10 * i) for i in range(5)]

    def curves_of(self, run):
        if run.endswith("4"):
            raise ConfigError("cannot be opened", file="x")
        curve = make_curve(np.arange(50), np.full(50, 0.5))
        config = make_snapshot().config.with_changes({"training.seed": int(run[-1])})
        return RunCurves(f"lesson {run[-4:]}", config, 50, {"val_loss": curve, "train_loss": curve})


async def opened(pilot, app, session):
    session.snapshot = make_snapshot("spiral")
    app.shelf = RunsShelf()
    await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
    await pilot.press("O")
    await until(pilot, lambda: isinstance(app.screen, OverlayPicker) and app.screen.query_one(OptionList).option_count)


def detail(app):
    return str(app.screen.query_one("#overlay-text").render())


async def test_runs_are_laid_over_and_taken_away():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot, app, session)
        overlays = app.screen_stack[-2].overlays
        await pilot.press("down", "enter")
        await until(pilot, lambda: [overlay.run.name for overlay in overlays.shown] == ["seed 1 run1"])
        assert "training.seed" in detail(app) and "1" in detail(app)
        await pilot.press("down", "enter", "down", "enter")
        await until(pilot, lambda: len(overlays.shown) == 3)
        await pilot.press("home", "enter")
        await until(pilot, lambda: any("shown already" in note.message for note in app._notifications))
        await pilot.press("down", "enter")
        await until(pilot, lambda: len(overlays.shown) == 2)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, Dashboard))
        chart = app.screen.query_one("#loss")
        await until(pilot, lambda: len(chart.overlays) == 2)
        assert any("seed 2 run2" in "".join(text for text, _ in row) for row in chart._rows)


async def test_a_run_that_cannot_be_read_is_said_and_hides_no_other():
    app, session = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, session)
        await pilot.press("end", "enter")
        await until(pilot, lambda: any("cannot be opened" in note.message for note in app._notifications))
        await pilot.press("up", "enter")
        overlays = app.screen_stack[-2].overlays
        await until(pilot, lambda: len(overlays.shown) == 1)


async def test_without_kept_runs_it_says_so():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        session.snapshot = make_snapshot("spiral")
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
        await pilot.press("O")
        await until(pilot, lambda: isinstance(app.screen, OverlayPicker))
        await pilot.pause()
        assert "No kept runs" in detail(app)
