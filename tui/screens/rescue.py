"""The way out after a run diverged: back to the last sound state, and on with a smaller rate."""

from __future__ import annotations

from dltui.core.commands import Apply, Command, Restart, Run, Undo
from dltui.core.snapshot import Snapshot

SMALLER = 0.1
"""What the learning rate is multiplied by."""


def way_back(snapshot: Snapshot) -> tuple[Command, ...]:
    """What to ask of the session: the state before the last change, or the start where nothing was changed."""
    kinds = [event.kind for event in snapshot.events]
    begun = len(kinds) - kinds[::-1].index("start") if "start" in kinds else 0
    back: Command = Undo(rewind=True) if "change" in kinds[begun:] else Restart()
    rate = snapshot.config.optimizer.learning_rate * SMALLER
    return (back, Apply({"optimizer.learning_rate": float(f"{rate:.6g}")}), Run())


def advice(snapshot: Snapshot) -> str:
    """What to say to somebody whose run diverged."""
    rate = snapshot.config.optimizer.learning_rate * SMALLER
    return f"The run {snapshot.status_text or 'diverged'}. Press b to go back and on with the rate {rate:g}."
