"""The first and the last line of the dashboard: what they are given of a run, or of the wait for one."""

from __future__ import annotations

import math
from typing import NamedTuple

from dltui.core.snapshot import Snapshot

from ...draw.format import width
from ...keys import KEYS, PANEL_GROUPS, Key
from ...widgets.status_line import FootLine, StatusLine
from ..base import Link

NO_RUN = "no run yet: p chooses a preset"
"""Said when no run was started."""
LAST = ("help", "quit")
"""Actions that end the footer."""
TYPED = {
    "edit": (("Enter", "apply"), ("↑ ↓", "by notches"), ("Esc", "leave"), ("Ctrl+Q", "quit")),
    "search": (("Enter", "go there"), ("↑ ↓", "choose"), ("Esc", "leave"), ("Ctrl+Q", "quit")),
}
"""What can be done while something is typed in the controls, key and word."""
PANELS_OWN = (*PANEL_GROUPS, "controls", "arrange")
"""Groups whose keys are shown where their panel is used."""


class Here(NamedTuple):
    """Where the keys go."""

    group: str = ""
    """Group of the key table that the panel in focus, or shown alone, answers; "" for none."""
    alone: bool = False
    """Whether that panel has the whole screen."""
    typing: str = ""
    """What is typed: "edit" a value, "search" a name; "" for nothing."""


NOWHERE = Here()
"""No panel has the focus."""
_INSTEAD = {"diverged": "go_back", "finished": "app.restart"}
"""Status in which a run makes no step -> the action that leads on."""


def show_bars(
    line: StatusLine, foot: FootLine, snapshot: Snapshot | None, link: Link, tiny: bool, here: Here = NOWHERE
) -> None:
    """Show the state of a run, the keys for it, and how fast frames arrive.

    Args:
        line: The first line.
        foot: The last line.
        snapshot: What is shown; None before the first.
        link: How fast frames reach the terminal.
        tiny: Whether there is room for one line only.
        here: Where the keys go.
    """
    status, undo = ("starting", ((), ())) if snapshot is None else (snapshot.status, (snapshot.undo, snapshot.redo))
    keys = footer_keys(status, line.app.size.width, here, undo=bool(undo[0]), redo=bool(undo[1]))
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


def footer_keys(
    status: str, room: int, here: Here = NOWHERE, *, undo: bool = True, redo: bool = False
) -> list[tuple[str, str]]:
    """What can be done now and here, key and word, as many as fit in `room` cells, the most useful first.

    In a full-screen panel, and on a control, that panel's keys come first. Help and quit stay, whatever else must go.

    Args:
        status: Of the run; "no run" where none was started, and only a preset can be chosen.
        room: Width of the footer.
        here: Where the keys go.
        undo: Whether there is a change to undo.
        redo: Whether there is one to redo.
    """
    if here.typing:
        return list(TYPED[here.typing])
    ranked = sorted((row for row in KEYS if row.rank and row.where not in PANELS_OWN), key=lambda row: row.rank)
    rows = [row for row in ranked if row.action not in LAST]
    if status == "no run":
        rows = [row for row in rows if row.where == "app" or row.action == "app.presets"]
    if status in _INSTEAD:
        # No step will come of these keys; another leads on.
        rows = [row for row in rows if row.action not in ("toggle_run", "step('step')", _INSTEAD[status])]
        rows = [row for row in KEYS if row.action == _INSTEAD[status]] + rows
    rows = [row for row in rows if (undo or row.action != "undo(False)") and (redo or row.action != "redo")]
    own = sorted((row for row in KEYS if row.rank and row.where == here.group), key=lambda row: row.rank)
    if own and (here.alone or here.group in ("controls", "arrange")):
        rows = [*own, *(row for row in rows if row.action not in ("zoom", "undo(False)") or not here.alone)]
    elif not here.group:
        rows = [row for row in rows if row.action != "zoom"]
    words = [("Esc", "all panels")] if here.alone else []
    words += [(row.footer or row.text, _word(row, status)) for row in [*rows, *(r for r in ranked if r.action in LAST)]]
    while len(words) > 3 and sum(width(key) + width(label) + 3 for key, label in words) > room:
        words.pop(-3)
    return words


def _word(row: Key, status: str) -> str:
    return "run" if row.action == "toggle_run" and status != "training" else row.word or row.label
