"""Branches as a tree, as curves with differences, and in a window; earlier moments with what came after in grey."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fakes import make_snapshot
from harness import make_app, until
from stage import Stage, text
from textual.widgets import Input

from dltui.core.commands import EndBranch, Fork, KeepBranch, LookAt, Promote, RenameBranch
from dltui.core.config import Config
from dltui.core.snapshot import BranchState, Curve, Effect, Event, Prospect, RunCurves
from dltui.tui.draw.branches import in_order, signed, tree_rows
from dltui.tui.draw.cells import row_width
from dltui.tui.draw.look import Look
from dltui.tui.screens.branches import BranchesScreen
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.widgets.branches import BranchTree
from dltui.tui.widgets.loss_chart import LossChart
from dltui.tui.widgets.overlays import Overlays
from dltui.tui.widgets.rate_chart import RateChart

CONFIG = Config.from_dict({})


def curve(values: object) -> Curve:
    y = np.asarray(values, float)
    return Curve(np.arange(len(y)) * 50, y, y, y)


def branch(number: int, parent: int = 0, loss: float = 0.2, apart: float = 0.01, **more: object) -> BranchState:
    curves = {"train_loss": curve(np.linspace(0.7, loss, 100)), "val_loss": curve(np.linspace(0.7, loss, 100))}
    made = BranchState(
        number=number,
        name=f"branch {number}",
        run=f"run-{number}",
        parent=parent,
        forked=500,
        in_front=False,
        step=5000,
        status="in step",
        differs="optimizer: sgd → adam",
        metrics={"train_loss": loss, "val_loss": loss},
        curves=RunCurves(f"branch {number}", CONFIG, 5000, curves),
        difference=curve(np.linspace(0.0, apart, 100)),
        step_us=12.0,
        memory_mb=1.5,
    )
    return replace(made, **more)  # type: ignore[arg-type]


FRONT = branch(0, -1, 0.19, name="trunk", in_front=True, curves=None, difference=None, differs="")
TREE = (
    FRONT,
    branch(1),
    branch(2, 1, 0.3, -0.1, status="diverged"),
    branch(3, 0, 0.19, 0.0, step=400, status="behind"),
)


def test_a_tree_has_its_children_below_their_parents() -> None:
    assert [(lead, one.number) for lead, one in in_order(TREE)] == [("", 0), ("├ ", 1), ("│ └ ", 2), ("└ ", 3)]
    assert signed(0.0) == "±0"


@pytest.mark.parametrize("columns", [20, 50, 100])
def test_a_tree_says_what_tells_its_runs_apart(columns: int) -> None:
    rows = tree_rows(TREE, columns, Look())
    assert [row_width(row) for row in rows] == [columns] * 4
    shown = ["".join(part for part, _ in row) for row in rows]
    assert "trunk" in shown[0] and "branch" in shown[1]
    if columns >= 50:
        assert "+0.0100" in shown[1] and "behi" in shown[3] and "in front" in shown[0]
    if columns >= 100:
        assert "12 µs a step" in shown[1] and "from 500" in shown[1] and "sgd → adam" in shown[1]


def overlays(snapshot):
    made = Overlays()
    made.see(snapshot)
    return made


@pytest.mark.parametrize("look", [Look(), Look(unicode=False)])
async def test_branches_lie_over_the_loss_with_a_strip_of_differences(look):
    app = Stage(LossChart(), look)
    async with app.run_test(size=(100, 24)) as pilot:
        snapshot = make_snapshot("spiral", config=CONFIG, step=5000, branches=TREE[:2])
        app.panel.overlays = overlays(snapshot).shown
        app.panel.show(snapshot)
        await until(pilot, lambda: "branch 1" in text(app))
        shown = text(app)
        assert "+0.00909" in shown and "+0.0100" in shown
        same = (FRONT, branch(3, 0, 0.19, 0.0))
        snapshot = make_snapshot("spiral", config=CONFIG, step=5000, branches=same)
        app.panel.overlays = overlays(snapshot).shown
        app.panel.show(snapshot)
        nothing = "±0" if look.unicode else "=0"
        await until(pilot, lambda: f" {nothing}" in text(app) and "+0.0100" not in text(app))


async def test_the_panel_shows_the_tree():
    app = Stage(BranchTree())
    async with app.run_test(size=(100, 8)) as pilot:
        app.panel.show(make_snapshot("spiral", branches=TREE))
        await until(pilot, lambda: "branch 3" in text(app))
        app.panel.show(make_snapshot("spiral"))
        await until(pilot, lambda: "no branches: u makes one" in text(app))


def test_a_branch_put_in_front_is_not_the_run_before() -> None:
    seen = Overlays()
    seen.see(make_snapshot("spiral", run="run-0", branches=TREE[:2]))
    promoted = (replace(TREE[0], in_front=False, curves=TREE[1].curves), replace(TREE[1], in_front=True, curves=None))
    seen.see(make_snapshot("spiral", run="run-1", branches=promoted))
    assert seen.before is None
    assert [(one.place, one.role, one.branch is not None) for one in seen.shown] == [(0, "branch0", True)]
    looked = make_snapshot("spiral", run="run-1", step=300, now=5000)
    seen.see(looked)
    assert seen.before is None


async def opened(pilot, app, session, size_of=None, **overrides):
    session.snapshot = make_snapshot("spiral", config=CONFIG, step=5000, elapsed_s=1.0, **overrides)
    await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
    await pilot.pause()


async def test_the_window_puts_in_front_renames_ends_and_keeps_one():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot, app, session, branches=TREE)
        await pilot.press("J")
        await until(pilot, lambda: isinstance(app.screen, BranchesScreen) and app.focused is not None)
        await pilot.press("down", "r")
        line = app.screen.query_one(Input)
        await until(pilot, lambda: line.display and line.has_focus)
        line.value = "with adam"
        await pilot.press("enter")
        await until(pilot, lambda: RenameBranch(1, "with adam") in session.commands)
        await pilot.press("e", "u", "o")
        await until(pilot, lambda: EndBranch(1) in session.commands and Fork() in session.commands)
        assert not [one for one in session.commands if isinstance(one, KeepBranch)]
        await pilot.press("o")
        await until(pilot, lambda: KeepBranch(1) in session.commands and isinstance(app.screen, Dashboard))
        await pilot.press("J")
        await until(pilot, lambda: isinstance(app.screen, BranchesScreen) and app.focused is not None)
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: Promote(2) in session.commands)


async def test_esc_leaves_an_earlier_moment():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot, app, session, now=9000, beyond={"val_loss": curve(np.linspace(0.7, 0.1, 180))})
        await pilot.press("escape", "right_curly_bracket")
        await until(
            pilot, lambda: [one for one in session.commands if isinstance(one, LookAt)] == [LookAt(), LookAt(by=1)]
        )


@pytest.mark.parametrize("chart", [LossChart, RateChart])
async def test_what_came_after_the_moment_is_grey(chart):
    app = Stage(chart())
    async with app.run_test(size=(100, 20)) as pilot:
        beyond = {name: curve(np.linspace(0.7, 0.1, 180)) for name in ("train_loss", "val_loss", "learning_rate")}
        app.panel.show(make_snapshot("spiral", step=4000, now=8950, beyond=beyond))
        await until(pilot, lambda: "here" in text(app))
        roles = {role for row in app.panel._rows for _, role in row}
        assert "beyond" in roles
        if chart is LossChart:
            assert "step 4 000 of 8 950" in text(app)


async def test_the_mouse_pulls_the_moment_along_the_axis_of_steps():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot, app, session)
        chart = app.screen.query_one(LossChart)
        assert chart._drawn is not None
        row = chart._drawn.bottom + 1
        middle = 1 + chart._drawn.left + chart._drawn.columns // 2
        await pilot.mouse_down(chart, offset=(middle, row))
        await pilot.hover(chart, offset=(middle - 10, row))
        await pilot.hover(chart, offset=(1 + chart._drawn.left + chart._drawn.columns - 1, row))
        await pilot.mouse_up(chart, offset=(5, row))
        asked = [one.step for one in session.commands if isinstance(one, LookAt)]
        assert asked[0] == round(chart._drawn.step_at(middle - 1)) and asked[1] < asked[0] and asked[2] == -1
        assert chart.view.cursor is None and not chart.view.is_zoomed


async def test_a_card_says_what_a_change_did():
    steps = np.arange(2000, 2500, 10)

    def way(loss):
        metrics = {"train_loss": loss, "val_loss": loss, "val_accuracy": 1 - loss}
        return Prospect({}, steps, np.full(len(steps), loss), metrics, 500, "", 1.0, "")

    mark = Event(3, 2000, "change", "optimizer: sgd → adam", 0.5, 0.5)
    app = Stage(LossChart())
    async with app.run_test(size=(110, 30)) as pilot:
        app.panel.show(make_snapshot("spiral", step=4000, events=(mark,)))
        app.panel.focus()
        await pilot.pause()
        app.panel.action_mark(-1)
        await until(pilot, lambda: "K measures what it did" in text(app))
        await pilot.press("K")
        await pilot.pause()
        found = Effect(2000, 500, way(0.125), way(0.5), busy=False)
        app.panel.show(make_snapshot("spiral", step=4000, events=(mark,), effect=found))
        await until(pilot, lambda: "after 500 steps" in text(app))
        shown = text(app)
        assert "Δ loss −0.375" in shown and "0.500 → 0.125" in shown and "Δ accuracy +0.375" in shown
        same = Effect(2000, 500, way(0.5), way(0.5), busy=False)
        app.panel.show(make_snapshot("spiral", step=4000, events=(mark,), effect=same))
        await until(pilot, lambda: "Δ loss ±0" in text(app))
