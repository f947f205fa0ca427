"""The way out after a run diverged: back to the last sound state, and on with a smaller rate."""

from __future__ import annotations

import math

from dltui.core.commands import Apply, Command, Restart, Run, Undo
from dltui.core.snapshot import Snapshot

SMALLER = 0.1
"""What the learning rate is multiplied by."""


def way_back(snapshot: Snapshot) -> tuple[Command, ...]:
    """What to ask of the session: the state before the last change, or the start where nothing was changed."""
    kinds = [event.kind for event in snapshot.events]
    begun = len(kinds) - kinds[::-1].index("start") if "start" in kinds else 0
    can_rewind = math.isfinite(snapshot.rewind_rate) or "change" in kinds[begun:]
    back: Command = Undo(rewind=True) if can_rewind else Restart()
    return (back, Apply({"optimizer.learning_rate": _rate(snapshot)}), Run())


def advice(snapshot: Snapshot) -> str:
    """What to say to somebody whose run diverged."""
    why = snapshot.status_text or "the run diverged"
    return f"{why[:1].upper()}{why[1:]}. Press b to go back and on with the learning rate {_rate(snapshot):g}."


def why_no_steps(snapshot: Snapshot | None) -> str:
    """What to say to somebody who asks for steps where there are none; "" where there are."""
    if snapshot is not None and snapshot.status == "diverged":
        return advice(snapshot)
    if snapshot is not None and snapshot.status == "finished":
        why = snapshot.status_text or "the run is finished"
        return f"{why[:1].upper()}{why[1:]}, or press R to begin again."
    return ""


def _rate(snapshot: Snapshot) -> float:
    """A tenth of the rate that comes back with the state, not of the one that was too large."""
    known = math.isfinite(snapshot.rewind_rate)
    rate = snapshot.rewind_rate if known else snapshot.config.optimizer.learning_rate
    return float(f"{rate * SMALLER:.6g}")
