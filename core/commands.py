"""The commands a session takes. Everything a user can *choose* is a field of Config and goes through `Apply`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from .snapshot import Snapshot


@dataclass(frozen=True)
class Run:
    """Train until paused."""


@dataclass(frozen=True)
class Pause:
    """Stop between two steps."""


@dataclass(frozen=True)
class Step:
    """Run `n` steps (or epochs), then pause."""

    n: int = 1
    unit: str = "step"
    """"step" or "epoch"."""


@dataclass(frozen=True)
class Apply:
    """Change settings between two steps."""

    changes: Mapping[str, Any] = field(default_factory=dict)
    """Config paths and their new values: {"optimizer.name": "adam"}."""
    cold: bool = False
    """Start the optimizer's state from zero instead of carrying it."""


@dataclass(frozen=True)
class Restart:
    """Begin again: from the same start, or from another seed."""

    seed: int | None = None
    """None: the seed in force."""


@dataclass(frozen=True)
class Load:
    """Begin another preset or file in this session."""

    source: str


@dataclass(frozen=True)
class Undo:
    """Take back the last change; with `rewind`, return to the state before it."""

    rewind: bool = False


@dataclass(frozen=True)
class Reinitialize:
    """Give one layer new first weights."""

    layer: str
    """"dense1"."""


@dataclass(frozen=True)
class KeepAverage:
    """Make the averaged weights the weights, and stop averaging."""


@dataclass(frozen=True)
class SetSpeed:
    """Slow motion."""

    steps_per_s: float = 0.0
    """At most so many steps a second; 0 is as fast as possible."""
    lasts_s: float = 0.0
    """Instead, as slowly as it takes for a run with an end to last so many seconds: a network this small may be trained
    before anyone has seen it."""


@dataclass(frozen=True)
class Preview:
    """Ask what a change would do, without making it; the answer is `Snapshot.preview`."""

    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Watch:
    """What the screen shows, so that only that is computed."""

    panels: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Close:
    """Save and end the session."""


Command = (
    Run | Pause | Step | Apply | Restart | Load | Undo | Reinitialize | KeepAverage | SetSpeed | Preview | Watch | Close
)


class SessionFace(Protocol):
    """What a session of this process and one of another have in common: commands in, snapshots out, from any thread."""

    @property
    def failure(self) -> str:
        """Why there is no run, or nothing more comes; "" while all is well."""

    def start(self) -> None:
        """Begin; returns at once."""

    def send(self, command: Command, /) -> None:
        """Ask for something; returns at once."""

    def latest(self) -> Snapshot | None:
        """The newest snapshot: the same object until there is a newer one; None before the first."""

    def close(self, timeout: float = ..., /) -> bool:
        """End the session, or leave it where another process has it; whether it ended in time."""
