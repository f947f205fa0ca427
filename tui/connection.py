"""The app's end of the session, from the wish for one to its end.

The session is opened in a thread of its own, because importing it loads the compiler. Nothing is called back from it:
the app asks for the newest snapshot, and what it sends meanwhile waits until there is somebody to take it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from dltui.core.commands import Command, Load, Run
from dltui.core.errors import ConfigError


class SessionLike(Protocol):
    """What the app needs of a session."""

    failure: str
    """Why there is no run; "" while all is well."""

    def start(self) -> None:
        """Begin to work."""

    def send(self, command: Command, /) -> None:
        """Take a command."""

    def latest(self) -> Any:
        """The newest snapshot, or None."""

    def close(self, timeout: float = ..., /) -> Any:
        """Save and end."""


class Connection:
    """One session at most, and what is sent to it.

    Args:
        open_session: Makes the session; called in a thread. Raises ConfigError.
    """

    def __init__(self, open_session: Callable[[Any], SessionLike]) -> None:
        self._open_session = open_session
        self._session: SessionLike | None = None
        self._failure = ""
        self._waiting: list[Command] = []
        self._begun_at: float | None = None
        self._lock = threading.Lock()

    def begin(self, source: Any) -> None:
        """Train this preset, file or Config, in place of what is trained now."""
        if self._begun_at is not None:
            self.send(Load(source))
        else:
            self._begun_at = time.monotonic()
            threading.Thread(target=self._open, args=(source,), name="dltui-open", daemon=True).start()
        self.send(Run())

    def send(self, command: Command) -> None:
        """Hand a command to the session, now or when it is there."""
        with self._lock:
            if self._session is None:
                self._waiting.append(command)
            else:
                self._session.send(command)

    def latest(self) -> Any:
        """The newest snapshot; None before the first."""
        return self._session.latest() if self._session is not None else None

    def waited_s(self) -> float | None:
        """How long the first snapshot has been waited for; None when none is."""
        return None if self._begun_at is None or self.latest() is not None else time.monotonic() - self._begun_at

    def take_failure(self) -> str:
        """Why the session ended, told once; "" while all is well. Another can be begun after it."""
        failure = self._failure or (self._session.failure if self._session is not None else "")
        if failure:
            with self._lock:
                self._session, self._failure, self._begun_at = None, "", None
                self._waiting.clear()
        return failure

    def close(self, timeout: float) -> None:
        """Save the run and end the session."""
        if self._session is not None:
            self._session.close(timeout)

    def _open(self, source: Any) -> None:
        try:
            session = self._open_session(source)
            session.start()
        except ConfigError as error:
            self._failure = str(error)
            return
        with self._lock:
            for command in self._waiting:
                session.send(command)
            self._waiting.clear()
            self._session = session
