"""Leaving while snapshots still come in."""

from __future__ import annotations

from typing import Any

import pytest
from fakes import make_snapshot
from harness import make_app, until

from dltui.tui.screens.dashboard.screen import Dashboard


@pytest.mark.parametrize("late", ["a tick of the timer", "a call after a refresh"])
async def test_a_snapshot_that_comes_while_the_app_is_taken_down_is_not_painted(late: str) -> None:
    app, session = make_app()
    called = []
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is not None)
        dashboard, prune = app.screen, app._prune

        async def pruned(*nodes: Any, **options: Any) -> None:
            await prune(*nodes, **options)
            called.append(nodes)
            session.snapshot = make_snapshot(status="closed")
            app._drawing, app.pacer.ready = False, lambda: True
            app._tick() if late.startswith("a tick") else dashboard._feed()

        app._prune = pruned
    assert called
