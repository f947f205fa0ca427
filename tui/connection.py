"""The app's end of the session, from the wish for one to its end.

The session is opened in a thread of its own, because opening it loads the compiler. Nothing is called back from it:
the app asks for the newest snapshot, and what it sends meanwhile waits until there is somebody to take it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from dltui.core.commands import Command, Load, Run, SessionFace, SetSpeed
from dltui.core.errors import ConfigError

if TYPE_CHECKING:
    from dltui.core.snapshot import Snapshot


@runtime_checkable
class Lasting(Protocol):
    """What a session has besides if it can outlive the terminal."""

    notice: str
    """Something to say at the start; "" for nothing."""

    @property
    def run(self) -> str:
        """Id by which others find it; "" if they cannot."""

    def keep_on(self) -> str:
        """Take the right to go on without a terminal; why it cannot be had, "" if it can."""

    def work_until_end(self, lost: bool = ..., /) -> None:
        """Stay until the run has ended; `lost`: the terminal was lost, and not left."""

    def stop(self) -> None:
        """Have `work_until_end` end the run."""

    def note_interrupted(self, by: str) -> None:
        """Leave a word for the next start."""


class Connection:
    """One session at most, and what is sent to it.

    Args:
        open_session: Makes the session from a source and, where there are some, from settings in place of those of the
            source; called in a thread. Raises ConfigError.
    """

    def __init__(self, open_session: Callable[..., SessionFace]) -> None:
        self._open_session = open_session
        self._session: SessionFace | None = None
        self._failure = ""
        self._waiting: list[Command] = []
        self._started_at: float | None = None
        self._lock = threading.Lock()

    @property
    def session(self) -> SessionFace | None:
        """The session, once it is open."""
        return self._session

    def begin(self, source: str, run: bool = True, changes: Mapping[str, object] = MappingProxyType({})) -> None:
        """Train this preset or file in place of what is trained now.

        A lesson is trained at its own pace, whatever was asked for the one before.

        Args:
            source: What to train.
            run: False only looks.
            changes: Settings in place of those of the source.
        """
        if run:
            self.send(SetSpeed(pace=1.0))
        if self._started_at is not None:
            self.send(Load(source, changes))
        else:
            self._started_at = time.monotonic()
            named = (source, changes) if changes else (source,)
            threading.Thread(target=self._open, args=named, name="dltui-open", daemon=True).start()
        if run:
            self.send(Run())

    def send(self, command: Command) -> None:
        """Hand a command to the session, now or when it is there."""
        with self._lock:
            if self._session is None:
                self._waiting.append(command)
            else:
                self._session.send(command)

    def latest(self) -> Snapshot | None:
        """The newest snapshot; None before the first."""
        return self._session.latest() if self._session is not None else None

    def waited_s(self) -> float | None:
        """How long the first snapshot has been waited for; None when none is."""
        return None if self._started_at is None or self.latest() is not None else time.monotonic() - self._started_at

    def take_failure(self) -> str:
        """Why the session ended, said once; "" while all is well. Another can be started after it."""
        failure = self._failure or (self._session.failure if self._session is not None else "")
        if failure:
            with self._lock:
                self._session, self._failure, self._started_at = None, "", None
                self._waiting.clear()
        return failure

    def take_notice(self) -> str:
        """What the session wants said at the start, once."""
        session = self._session
        if not isinstance(session, Lasting):
            return ""
        notice, session.notice = session.notice, ""
        return notice

    def keep_on(self) -> str:
        """Take the right to go on without a terminal; why it cannot be had, "" if it can."""
        session = self._session
        return session.keep_on() if isinstance(session, Lasting) else "nothing is being trained here"

    def close(self, timeout: float, by: str = "") -> None:
        """Save the run and end the session; `by` names who else than the user wants it."""
        session = self._session
        if session is not None:
            if by and isinstance(session, Lasting):
                session.note_interrupted(by)
            session.close(timeout)

    def _open(self, *named: Any) -> None:
        try:
            session = self._open_session(*named)
            session.start()
        except ConfigError as error:
            self._failure = str(error)
            return
        with self._lock:
            for command in self._waiting:
                session.send(command)
            self._waiting.clear()
            self._session = session
