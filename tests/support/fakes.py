"""Canned runs for tests of the screen: one snapshot of each kind of task, and a session that only listens.

Nothing here trains. The curves, maps and tables are made by formulas that look like a run half way through, the same
every time, so that pictures and goldens do not move.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import canned
import canned_parts

from dltui.core.snapshot import (
    Snapshot,
)

MAKERS = {
    "empty": canned_parts.empty,
    "spiral": canned.spiral,
    "sine": canned.sine,
    "digits": canned.digits,
    "diabetes": canned.diabetes,
    "autoencoder": canned.autoencoder,
}
KINDS = ("spiral", "sine", "digits", "diabetes", "autoencoder")
"""Kinds of task `make_snapshot` knows."""


def make_snapshot(kind: str = "spiral", **overrides: Any) -> Snapshot:
    """A snapshot of a run half way through.

    Args:
        kind: "spiral" (two inputs, two classes), "sine" (one input, one value), "digits" (images, ten classes),
            "diabetes" (table, one value), "autoencoder" (images to images), or "empty" (nothing loaded yet).
        **overrides: Fields of `Snapshot` to put in place of the made ones.
    """
    made = MAKERS[kind]()
    return Snapshot(**{**made, **overrides})


class FakeSession:
    """Takes commands, gives back whatever snapshot it was given: `session.snapshot = make_snapshot(...)`."""

    def __init__(self, source: Any = "spiral", **options: Any) -> None:
        kind = source if isinstance(source, str) and source in (*KINDS, "empty") else "spiral"
        self.snapshot: Any = make_snapshot(kind)
        """A Snapshot, or None before the first."""
        self.source = source
        self.options = options
        self.commands: list[Any] = []
        self.failure = ""
        self.started = False
        self.closed = False

    def start(self) -> None:
        """Note that the session was started."""
        self.started = True

    def send(self, command: Any) -> None:
        """Record one command."""
        self.commands.append(command)

    def latest(self) -> Snapshot | None:
        """The snapshot put in place by the test."""
        return self.snapshot if self.started else None

    def wait(self, predicate: Callable[[Snapshot], bool], timeout: float = 10.0) -> Snapshot:
        """The snapshot, once `predicate` holds for it."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.snapshot is not None and predicate(self.snapshot):
                return self.snapshot
        raise TimeoutError

    def close(self, timeout: float = 5.0) -> bool:
        """Note that the session was closed."""
        self.closed = True
        return True


class FakeShelf:
    """The user's files without a disk: what is kept and remembered lies in tables."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, bytes]] = {}
        self.remembered: dict[str, str] = {}

    def kept_runs(self) -> list[Any]:
        """No run."""
        return []

    def recall(self, name: str) -> str:
        """What was remembered under a name."""
        return self.remembered.get(name, "")

    def remember(self, name: str, text: str) -> None:
        """Remember a text."""
        self.remembered[name] = text

    def keep_files(self, name: str, files: dict[str, bytes]) -> str:
        """Note files by their name; a path that looks like one."""
        self.kept[name] = files
        return f"/somewhere/{name}"
