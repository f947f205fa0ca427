"""What pilot tests share: an app over a session that only listens, and waiting for a condition."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from fakes import FakeSession
from patience import LIMIT_S
from textual.pilot import Pilot

from dltui.tui.app import DltuiApp


def make_app(kind: str = "spiral", **options: Any) -> tuple[Any, FakeSession]:
    """A DltuiApp over a fake session that shows a snapshot of this kind; a test asks its screens for what they are."""
    session = FakeSession(kind)
    return DltuiApp(kind, lambda _source: session, **options), session


async def until(pilot: Pilot[Any], condition: Callable[..., object]) -> None:
    """Let the app work until the condition holds."""
    end = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < end, "the condition never came to hold"
        await pilot.pause(0.01)
