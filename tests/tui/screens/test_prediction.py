"""One row typed field by field, or one picture drawn by mouse or keys: every key is asked about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from fakes import FakeSession, make_snapshot
from harness import make_app, until
from textual import events

from dltui.core.commands import Ask
from dltui.core.snapshot import Answer, AskField
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.screens.prediction import PredictionScreen

ROW = Answer(
    (
        AskField("sqft", "number", "521 … 4458", (), "3000", 80.0),
        AskField("heating", "category", "", ("gas", "oil"), "gas"),
    ),
    ("price",), np.array([1000.0]), "", {}, "values",
)  # fmt: skip
PICTURE = Answer((), ("0", "1"), np.array([0.5, 0.5]), "", {}, "classes", (1, 8, 8), (0.0,) * 64)


async def opened(pilot: Any, app: Any, session: FakeSession, answer: Answer) -> Any:
    session.snapshot = make_snapshot("diabetes")
    await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
    await pilot.press("I")
    await until(pilot, lambda: isinstance(app.screen, PredictionScreen) and Ask() in session.commands)
    session.snapshot = replace(session.snapshot, answer=answer)
    await until(pilot, lambda: app.screen.answer is answer)
    return app.screen


def asked(session: FakeSession) -> Ask:
    return [one for one in session.commands if isinstance(one, Ask)][-1]


def shown(screen: Any) -> str:
    page = screen.query_one("#prediction-page")
    return "\n".join(page.render_line(y).text for y in range(page.size.height))


async def test_a_row_is_typed_and_the_answer_changes_with_every_key():
    app, session = make_app()
    async with app.run_test(size=(100, 24)) as pilot:
        screen = await opened(pilot, app, session, ROW)
        assert screen.cells == {"sqft": "3000", "heating": "gas"} and "3000" in shown(screen)
        await pilot.press("5")
        await until(pilot, lambda: asked(session).cells == {"sqft": "30005", "heating": "gas"})
        session.snapshot = replace(session.snapshot, answer=replace(ROW, outputs=np.array([1500.0])))
        await until(pilot, lambda: "1 500" in shown(screen) and "+500" in shown(screen))
        await pilot.press("backspace", "backspace")
        await until(pilot, lambda: asked(session).cells["sqft"] == "300")
        await pilot.press("right")
        await until(pilot, lambda: asked(session).cells["sqft"] == "380")
        await pilot.press("down", "right")
        await until(pilot, lambda: asked(session).cells["heating"] == "oil")
        await pilot.press("delete", "q")
        await until(pilot, lambda: asked(session).cells["heating"] == "q")
        app.screen.post_message(events.Paste("oil"))
        await until(pilot, lambda: asked(session).cells["heating"] == "qoil")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and asked(session) == Ask(on=False))


async def test_other_fields_take_the_place_of_those_that_are_gone():
    app, session = make_app()
    async with app.run_test(size=(100, 24)) as pilot:
        screen = await opened(pilot, app, session, ROW)
        await pilot.press("down", "x")
        session.snapshot = replace(session.snapshot, answer=replace(ROW, fields=ROW.fields[:1]))
        await until(pilot, lambda: screen.cells == {"sqft": "3000"} and "heating" not in shown(screen))
        await pilot.press("1")
        await until(pilot, lambda: asked(session).cells == {"sqft": "30001"})


async def test_a_picture_is_drawn_by_keys():
    app, session = make_app()
    async with app.run_test(size=(100, 24)) as pilot:
        screen = await opened(pilot, app, session, PICTURE)
        await pilot.press("up", "left", "space")
        await until(pilot, lambda: sum(asked(session).pixels) == 1.0)
        assert screen.pixels[3, 3] == 1.0
        await pilot.press("space", "right", "space", "down", "space")
        await until(pilot, lambda: [*np.flatnonzero(asked(session).pixels)] == [3 * 8 + 4, 4 * 8 + 4])
        await pilot.press("backspace")
        await until(pilot, lambda: sum(asked(session).pixels) == 1.0)
        await pilot.press("c")
        await until(pilot, lambda: len(asked(session).pixels) == 64 and not any(asked(session).pixels))


async def test_a_picture_is_drawn_by_the_mouse():
    app, session = make_app()
    async with app.run_test(size=(100, 24)) as pilot:
        screen = await opened(pilot, app, session, PICTURE)
        page = screen.query_one("#prediction-page")
        await pilot.mouse_down(page, offset=(1, 2))
        await pilot.hover(page, offset=(5, 2))
        await pilot.mouse_up(page, offset=(5, 2))
        await until(pilot, lambda: len(asked(session).pixels) == 64)
        assert screen.pixels[0, 0] == 1.0 and screen.pixels[0, 1] == 1.0
        n = screen.pixels.sum()
        await pilot.hover(page, offset=(9, 8))
        assert screen.pixels.sum() == n


async def test_it_lives_at_every_size():
    for answer in (ROW, PICTURE):
        app, session = make_app()
        async with app.run_test(size=(120, 36)) as pilot:
            await opened(pilot, app, session, answer)
            for size in [(40, 10), (1, 1), (200, 60), (80, 24)]:
                await pilot.resize_terminal(*size)
                await pilot.press("down", "right", "f1")
                await until(pilot, lambda app=app: type(app.screen).__name__ == "AboutScreen")
                await pilot.press("escape")
                await until(pilot, lambda app=app: isinstance(app.screen, PredictionScreen))
