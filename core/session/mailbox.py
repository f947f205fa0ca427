"""The one place where the newest snapshot lies, alike for a session of this process and for one of another."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import ConfigError

if TYPE_CHECKING:
    from ..snapshot import Snapshot


class Mailbox:
    """Holds the newest snapshot, and why no more will come; for any thread."""

    def __init__(self) -> None:
        self._newest: Snapshot | None = None
        self._failure = ""
        self._changed = threading.Condition()

    @property
    def failure(self) -> str:
        """Why nothing more comes: one sentence, "" while all is well."""
        return self._failure

    def latest(self) -> Snapshot | None:
        """The newest snapshot: the same object until there is a newer one; None before the first."""
        return self._newest

    def put(self, snapshot: Snapshot) -> None:
        """Replace the newest snapshot."""
        with self._changed:
            self._newest = snapshot
            self._changed.notify_all()

    def fail(self, sentence: str) -> None:
        """Say why nothing more comes; what is said first holds."""
        with self._changed:
            self._failure = self._failure or sentence
            self._changed.notify_all()

    def wait(self, condition: Callable[[Snapshot], bool], timeout: float) -> Snapshot:
        """The first snapshot that meets a condition.

        Args:
            condition: What to wait for.
            timeout: Seconds.

        Raises:
            TimeoutError: None did in time.
            ConfigError: Nothing more will come; says why.
        """
        end = time.monotonic() + timeout
        with self._changed:
            while True:
                if self._newest is not None and condition(self._newest):
                    return self._newest
                if self._failure:
                    raise ConfigError(self._failure)
                left = end - time.monotonic()
                if left <= 0.0:
                    raise TimeoutError("no snapshot met the condition")
                self._changed.wait(left)
