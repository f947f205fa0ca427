"""The keys of the footer, from the key table."""

from __future__ import annotations

from ...draw.format import width
from ...keys import KEYS

_INSTEAD = {"diverged": "go_back", "finished": "restart"}
"""Status in which a run makes no step -> the action that leads on."""

VITALS = 26
"""Cells kept free for what the link bears."""


def footer_keys(status: str, room: int) -> list[tuple[str, str]]:
    """Key and label of as many rows as fit in `room` cells; help and quit stay, whatever else must go.

    Args:
        status: Of the run; "no run" where none was begun, and only a preset can be chosen.
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
