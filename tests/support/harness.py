"""What pilot tests share: an app over a session that only listens, and waiting for a condition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fakes import FakeSession
from textual.pilot import Pilot

from dltui.tui.app import DltuiApp


def make_app(kind: str = "spiral", **options: Any) -> tuple[DltuiApp, FakeSession]:
    """An app whose session is a fake showing a snapshot of this kind."""
    session = FakeSession(kind)
    return DltuiApp(kind, lambda _source: session, **options), session


async def until(pilot: Pilot[Any], condition: Callable[[], bool], limit: int = 300) -> None:
    """Let the app work until the condition holds."""
    for _ in range(limit):
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError("the condition never came to hold")
