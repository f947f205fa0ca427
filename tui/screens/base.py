"""What the app asks of a screen that shows a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple, Protocol, TypeAlias, TypeVar, runtime_checkable

from textual.content import Content

from .window import Window

if TYPE_CHECKING:
    from dltui.core.snapshot import Snapshot


T = TypeVar("T")
Part: TypeAlias = str | Content | tuple[str, str]
"""A part of a text: plain, or with a style."""


class Link(NamedTuple):
    """How fast frames reach the terminal."""

    frames_per_s: float = 0.0
    bytes_per_s: float = 0.0
    round_trip_s: float = 0.0
    """Until the terminal answered."""
    room: int | None = None
    """Cells that may change in the next frame; None: any number."""


class RunWindow(Window[T]):
    """A window over a run, which is handed its snapshots: see `SnapshotScreen`."""

    link = Link()

    def show_waiting(self, seconds: float | None, /) -> None:
        """There is always a run behind it."""


class WatchingScreen(RunWindow[T]):
    """A window that shows more of a run than the dashboard behind it."""

    NEEDS: ClassVar[frozenset[str]] = frozenset()
    """Fields of the snapshot that are computed only where they are asked for."""


@runtime_checkable
class SnapshotScreen(Protocol):
    """A screen that is handed the newest snapshot."""

    link: Link
    """How fast frames reach the terminal."""

    def show_snapshot(self, snapshot: Snapshot, /) -> None:
        """Show this state of the run."""

    def show_waiting(self, seconds: float | None, /) -> None:
        """Say that the first snapshot is waited for, and for how long; None when no run was started."""
