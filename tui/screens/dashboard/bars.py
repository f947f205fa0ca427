"""The first and the last line of the dashboard: what they are given of a run, or of the wait for one."""

from __future__ import annotations

import math

from dltui.core.snapshot import Snapshot

from ...widgets.status_line import FootLine, StatusLine
from .footer import footer_keys
from .waiting import waiting_text


def show_bars(
    line: StatusLine, foot: FootLine, snapshot: Snapshot | None, link: tuple[float, float, float], tiny: bool
) -> None:
    """Show the state of a run, the keys for it, and what the link bears.

    Args:
        line: The first line.
        foot: The last line.
        snapshot: What is shown; None before the first.
        link: Frames a second, bytes a second, and seconds until the terminal answered.
        tiny: Whether there is room for one line only.
    """
    keys = footer_keys(snapshot.status if snapshot is not None else "starting", line.app.size.width)
    foot.show_keys(keys)
    line.show_tiny(keys if tiny else ())
    line.show(snapshot)
    frames, bytes_per_s, round_trip_s = link
    if bytes_per_s > 0:
        foot.show_vitals(frames, bytes_per_s, round_trip_s or math.nan)


def show_wait(line: StatusLine, foot: FootLine, seconds: float | None) -> None:
    """Say that a run has been starting for so long, or with None that none was begun, and how to begin one."""
    line.show_waiting(waiting_text(seconds))
    foot.show_keys(footer_keys("no run" if seconds is None else "starting", line.app.size.width))
