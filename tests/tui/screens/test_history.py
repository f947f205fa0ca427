"""The line of changes shows what undo and redo would bring back, and goes there."""

from __future__ import annotations

import pytest
from fakes import make_snapshot
from harness import make_app, until

from dltui.core.commands import Load, Redo, Undo
from dltui.core.config import Config
from dltui.tui.screens.command_palette import ActionsProvider
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.screens.history import HistoryScreen

CONFIG = Config.from_dict({})
UNDO = ("hidden: 16 16 → 8 8 8: back to step 500, with the weights of then", "dropout: 0 → 0.1: from here on")
REDO = ("optimizer: sgd → adam: from here on", "restart: on from step 0")


async def started(pilot, app, session, **overrides):
    session.snapshot = make_snapshot("spiral", config=CONFIG, undo=UNDO, redo=REDO, **overrides)
    await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
    await pilot.pause()


@pytest.mark.parametrize(
    ("keys", "sent"),
    [(["down"], [Undo()]), (["down", "down"], [Undo(), Undo()]), (["up"], [Redo()]), (["up", "up"], [Redo(), Redo()])],
)
async def test_one_goes_along_the_line(keys, sent):
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        await pilot.press("U")
        await until(pilot, lambda: isinstance(app.screen, HistoryScreen) and app.focused is not None)
        await pilot.pause()
        await pilot.press(*keys, "enter")
        await until(pilot, lambda: [c for c in session.commands if isinstance(c, (Undo, Redo))] == sent)


async def test_the_palette_says_what_undo_would_bring_back():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        helps = {str(hit.text or hit.prompt): hit.help async for hit in ActionsProvider(app.screen).search("undo")}
        assert helps["undo  (z)"] == f"{UNDO[0]}."


async def test_a_run_is_made_again_with_its_changes_at_their_steps():
    app, session = make_app()
    line = "dltui:spiral @500 optimizer.name=adam"
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session, step=400, elapsed_s=1.0, line=line)
        await pilot.press("G")
        await until(pilot, lambda: [c for c in session.commands if isinstance(c, Load)] == [Load(line)])
