"""What the app asks of a screen that shows a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from dltui.core.snapshot import Snapshot


@runtime_checkable
class SnapshotScreen(Protocol):
    """A screen that is handed the newest snapshot."""

    link: tuple[float, float, float]
    """Frames a second, bytes a second, and seconds until the terminal answered."""

    def show_snapshot(self, snapshot: Snapshot, /) -> None:
        """Show this state of the run."""

    def show_waiting(self, seconds: float | None, /) -> None:
        """Say that the first snapshot is waited for, and for how long; None when nothing was begun."""
