"""What keys of the dashboard ask for: the next rate and speed, the way out after a run diverged, a panel's own keys."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.screen import Screen

from dltui.core.commands import Apply, Command, Restart, Run, SetSpeed, Undo
from dltui.core.errors import ConfigError
from dltui.core.snapshot import Snapshot

from ...keys import WHERE
from ...widgets.controls_list import STICKY_S
from ...widgets.field import rung
from ...widgets.panel import Panel

if TYPE_CHECKING:
    from dltui.core.config import Config

SPEEDS = (1.0, 2.0, 5.0, 10.0, 30.0, 100.0, 1_000.0, 10_000.0)
"""Steps a second to choose from."""
PACES = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Multiples of a lesson's own pace to choose from."""
WATCHABLE = 30.0
"""Steps a second to come back to from full speed, where nothing was chosen before."""
FIRST_RATE = 1e-4
"""What a learning rate of zero is raised to."""
SMALLER = 0.1
"""What the learning rate is multiplied by after a run diverged."""


class HeldKeys:
    """The rate and the speed under a key held down: they continue from what was asked for, not from the snapshot."""

    def __init__(self) -> None:
        self._rate, self._rate_asked_at = 0.0, -math.inf
        self._speed: SetSpeed | None = None
        self._slow: SetSpeed | None = None
        """What was in force before full speed."""

    def confirm(self, snapshot: Snapshot) -> None:
        """Take note of what is in force."""
        if speed_in_force(snapshot) == self._speed:
            self._speed = None

    def next_rate(self, config: Config, direction: int) -> float | None:
        """The next learning rate up or down; None where the Config does not allow it."""
        held = time.monotonic() - self._rate_asked_at < STICKY_S
        rate = self._rate if held else config.optimizer.learning_rate
        wanted = rung(rate, direction) if rate > 0 else FIRST_RATE
        try:
            config.with_changes({"optimizer.learning_rate": wanted})
        except ConfigError:
            return None
        self._rate, self._rate_asked_at = wanted, time.monotonic()
        return wanted

    def next_speed(self, snapshot: Snapshot, by: int) -> SetSpeed:
        """The next speed above or below the one asked for last or shown."""
        asked = speed_in_force(snapshot) if self._speed is None else self._speed
        if snapshot.config.preset.steps:
            self._speed = SetSpeed(pace=next_notch(PACES, asked.pace, by))
        else:
            self._speed = SetSpeed(next_notch(SPEEDS, asked.steps_per_s, by))
        return self._speed

    def full_speed(self, snapshot: Snapshot) -> SetSpeed:
        """As fast as possible; where that is in force, what was before."""
        asked = speed_in_force(snapshot) if self._speed is None else self._speed
        if asked != SetSpeed():
            self._slow, self._speed = asked, SetSpeed()
        else:
            own = SetSpeed(pace=1.0) if snapshot.config.preset.steps else SetSpeed(WATCHABLE)
            before = self._slow or own
            self._speed = before if (before.pace > 0.0) == (own.pace > 0.0) else own
        return self._speed


def speed_in_force(snapshot: Snapshot) -> SetSpeed:
    """What was last asked for, as a snapshot tells."""
    return SetSpeed(pace=snapshot.pace) if snapshot.pace > 0.0 else SetSpeed(snapshot.speed_limit)


def next_notch(notches: Sequence[float], value: float, by: int) -> float:
    """The next notch above or below a value; 0, as fast as possible, lies above the last."""
    if by < 0:
        return max((notch for notch in notches if not value or notch < value), default=notches[0])
    return min((notch for notch in notches if value and notch > value), default=0.0)


def way_back(snapshot: Snapshot) -> tuple[Command, ...]:
    """What to ask after a run diverged: the state before the last change, or the start where nothing was changed."""
    kinds = [event.kind for event in snapshot.events]
    after_start = len(kinds) - kinds[::-1].index("start") if "start" in kinds else 0
    can_rewind = math.isfinite(snapshot.rewind_rate) or "change" in kinds[after_start:]
    back: Command = Undo(rewind=True) if can_rewind else Restart()
    return (back, Apply({"optimizer.learning_rate": _smaller_rate(snapshot)}), Run())


def came_out(old: Snapshot | None, new: Snapshot) -> str:
    """What came of a lesson's experiment between two states of a run; "" for nothing."""
    known = old.tries if old is not None else ()
    for state in new.tries:
        if state.after and state not in known:
            numbers = new.config.preset.tries[state.number].outcome(state.before, state.after)
            verdict = "as foretold" if state.outcome == "held" else "not as foretold this time"
            return f"{numbers[:1].upper()}{numbers[1:]}: {verdict}." if numbers else f"{verdict.capitalize()}."
    return ""


def advice(snapshot: Snapshot) -> str:
    """What to say to somebody whose run diverged."""
    why = snapshot.status_text or "the run diverged"
    rate = f"{_smaller_rate(snapshot):g}"
    return f"{why[:1].upper()}{why[1:]}. Press b to go back and continue with the learning rate {rate}."


def why_no_steps(snapshot: Snapshot | None) -> str:
    """What to say to somebody who asks for steps where there are none; "" where there are."""
    if snapshot is not None and snapshot.status == "diverged":
        return advice(snapshot)
    if snapshot is not None and snapshot.status == "finished":
        why = snapshot.status_text or "the run is finished"
        return f"{why[:1].upper()}{why[1:]}, or press R to begin again."
    return ""


def _smaller_rate(snapshot: Snapshot) -> float:
    """A tenth of the rate that comes back with the state, not of the one that was too large."""
    known = math.isfinite(snapshot.rewind_rate)
    rate = snapshot.rewind_rate if known else snapshot.config.optimizer.learning_rate
    return float(f"{rate * SMALLER:.6g}")


async def relay(screen: Screen[None], group: str, action: str) -> None:
    """Have a panel on the screen do what a key of its group does, the one in focus first; say so if there is none."""
    panels = [panel for panel in screen.query(Panel) if group == panel.GROUP and panel.is_on_screen]
    chosen = next((panel for panel in panels if panel.has_focus), panels[0] if panels else None)
    if chosen is None:
        screen.notify(
            f"This key works {WHERE[group][:1].lower()}{WHERE[group][1:]}; none is shown.", timeout=3, markup=False
        )
    else:
        await chosen.run_action(action)
