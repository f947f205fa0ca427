"""The window of an evaluation asks for it, shows it, scrolls, asks again, and says where there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fakes import FakeSession, make_snapshot
from harness import make_app, until

from dltui.core.commands import Evaluate
from dltui.core.snapshot import EvaluationReport, Event, Score, WorstRow
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.screens.evaluation import EvaluationScreen

REPORT = EvaluationReport(
    "the validation rows", "values", 40, (Score("r2", 0.8, 0.0, 0.7, 0.9),), (), (), (),
    tuple(WorstRow(i, "1", "2", 1.0, {"sqft": str(i)}) for i in range(40)),
)  # fmt: skip


async def opened(pilot: Any, app: Any, session: FakeSession, **fields: object) -> Any:
    session.snapshot = make_snapshot("diabetes", **fields)
    await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
    await pilot.press("V")
    await until(pilot, lambda: isinstance(app.screen, EvaluationScreen) and Evaluate() in session.commands)
    return app.screen


def shown(screen: Any) -> str:
    page = screen.query_one("#evaluation-page")
    return "\n".join(page.render_line(y).text for y in range(page.size.height))


async def test_it_is_asked_for_and_shown_when_it_is_there():
    app, session = make_app()
    async with app.run_test(size=(100, 24)) as pilot:
        screen = await opened(pilot, app, session)
        await until(pilot, lambda: "evaluating" in shown(screen))
        session.snapshot = replace(session.snapshot, evaluation=REPORT, evaluated_at=500, step=700)
        await until(pilot, lambda: "40 rows, at step 500; the run is 200 steps further" in shown(screen))
        assert "0.700 … 0.900" in shown(screen) and "sqft 0" in shown(screen) and "sqft 39" not in shown(screen)
        await pilot.press("end")
        await until(pilot, lambda: "sqft 39" in shown(screen))
        await pilot.press("r")
        await until(pilot, lambda: session.commands.count(Evaluate()) == 2)
        await pilot.press("f1")
        await until(pilot, lambda: type(app.screen).__name__ == "AboutScreen")
        await pilot.press("escape", "escape")
        await until(pilot, lambda: isinstance(app.screen, Dashboard))


async def test_why_there_is_none_is_said():
    app, session = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, app, session, events=())
        refused = Event(1, 5, "refused", "this run answers with its own inputs; there is nothing to evaluate")
        session.snapshot = replace(session.snapshot, events=(refused,))
        await until(pilot, lambda: "nothing to evaluate" in shown(screen))


async def test_it_lives_at_every_size():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot, app, session, evaluation=None)
        session.snapshot = replace(session.snapshot, evaluation=REPORT, evaluated_at=1)
        for size in [(40, 10), (1, 1), (200, 60), (80, 24)]:
            await pilot.resize_terminal(*size)
            await pilot.press("down", "end")
            await pilot.pause()
