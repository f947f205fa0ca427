"""The first and the last line of the dashboard: what they are given of a run, or of the wait for one."""

from __future__ import annotations

import math

from dltui.core.snapshot import Snapshot

from ...draw.format import width
from ...keys import KEYS
from ...widgets.status_line import FootLine, StatusLine
from ..base import Link

NO_RUN = "no run yet: p chooses a preset"
"""Said when no run was started."""
VITALS = 26
"""Cells of the last line kept free for how fast frames arrive."""

_INSTEAD = {"diverged": "go_back", "finished": "app.restart"}
"""Status in which a run makes no step -> the action that leads on."""


def show_bars(line: StatusLine, foot: FootLine, snapshot: Snapshot | None, link: Link, tiny: bool) -> None:
    """Show the state of a run, the keys for it, and how fast frames arrive.

    Args:
        line: The first line.
        foot: The last line.
        snapshot: What is shown; None before the first.
        link: How fast frames reach the terminal.
        tiny: Whether there is room for one line only.
    """
    keys = footer_keys(snapshot.status if snapshot is not None else "starting", line.app.size.width)
    foot.show_keys(keys)
    line.show_tiny(keys if tiny else ())
    line.show(snapshot)
    if link.bytes_per_s > 0:
        foot.show_vitals(link.frames_per_s, link.bytes_per_s, link.round_trip_s or math.nan)


def show_wait(line: StatusLine, foot: FootLine, seconds: float | None) -> None:
    """Say how long a run has been starting; with None that none was started, and how to start one."""
    line.show_waiting(waiting_text(seconds))
    foot.show_keys(footer_keys("no run" if seconds is None else "starting", line.app.size.width))


def waiting_text(seconds: float | None) -> str:
    """The words for a run that has been starting for this many seconds; None when none was started.

    Example:
        >>> waiting_text(3.5)
        'starting...  compiling, kept for the next start  4 s'
    """
    if seconds is None:
        return NO_RUN
    dots = "." * (int(seconds * 2) % 4)
    long = f"compiling, kept for the next start  {seconds:.0f} s" if seconds >= 3 else ""
    return f"starting{dots:<3}  {long}".rstrip()


def footer_keys(status: str, room: int) -> list[tuple[str, str]]:
    """Key and label of as many rows as fit in `room` cells; help and quit stay, whatever else must go.

    Args:
        status: Of the run; "no run" where none was started, and only a preset can be chosen.
        room: Width of the footer.
    """
    rows = sorted((row for row in KEYS if row.footer), key=lambda row: row.where == "app")
    if status == "no run":
        rows = [row for row in rows if row.where == "app" or row.action == "app.presets"]
    if status in _INSTEAD:
        # No step will come of these keys; another leads on.
        rows = [row for row in rows if row.action not in ("toggle_run", "step('step')")]
        rows = [row for row in KEYS if row.action == _INSTEAD[status]] + rows
    words = [
        (row.footer or row.text, "run" if row.action == "toggle_run" and status != "training" else row.label)
        for row in rows
    ]
    while len(words) > 3 and sum(width(key) + width(label) + 3 for key, label in words) > room - VITALS:
        words.pop(-3)
    return words
