"""Serves the session of this process to terminals that attach.

It only ever reads the newest snapshot and hands over commands, as the terminal in the same process does. A viewer that
leaves, stalls or sends nonsense is let go, and the run never notices; only the command `Close` ends it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import suppress

from ..commands import SessionFace
from ..errors import ConfigError
from ..snapshot import Snapshot
from .channel import Channel, Listener
from .wire import Hello, Refusal

MAX_VIEWERS = 8
FRAME_S = 0.04
"""Shortest time between two snapshots to one viewer."""

_HELLO_S = 2.0
_STALLED_S = 5.0


class Server:
    """Serves a session to terminals that attach; made by the holder of the run's lock.

    Args:
        session: What they see and command.
        run_path: The run's folder.

    Raises:
        ConfigError: There is no safe place for the socket.
        OSError: There can be no socket.
    """

    def __init__(self, session: SessionFace, run_path: str, environ: Mapping[str, str] | None = None) -> None:
        self._session, self._environ = session, environ
        self._listener = Listener(run_path, environ)
        self._ending = threading.Event()
        self._viewers: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._accept, name="dltui-server", daemon=True)
        self._thread.start()

    @property
    def n_viewers(self) -> int:
        """Terminals attached now."""
        return sum(viewer.is_alive() for viewer in self._viewers)

    def move(self, run_path: str) -> None:
        """Serve from now on at the place of another run; viewers stay.

        Raises:
            ConfigError: There is no safe place for the socket.
            OSError: There can be no socket.
        """
        old, self._listener = self._listener, Listener(run_path, self._environ)
        old.close()

    def close(self, timeout: float = 1.0) -> None:
        """Show every viewer the last snapshot and hang up."""
        self._ending.set()
        for thread in (self._thread, *self._viewers):
            thread.join(timeout)
        self._listener.close()

    def _accept(self) -> None:
        while not self._ending.is_set():
            try:
                channel = self._listener.accept(0.2)
            except OSError:
                self._ending.wait(0.2)  # out of descriptors, for a while
                continue
            if channel is None:
                continue
            self._viewers = [viewer for viewer in self._viewers if viewer.is_alive()]
            viewer = threading.Thread(target=self._serve, args=(channel,), name="dltui-viewer", daemon=True)
            self._viewers.append(viewer)
            viewer.start()

    def _serve(self, channel: Channel) -> None:
        with suppress(OSError, ConfigError):
            try:
                self._talk(channel)
            except ConfigError as error:
                channel.send(Refusal(str(error)), 0.5)
        channel.close()

    def _talk(self, channel: Channel) -> None:
        hello = channel.receive(_HELLO_S)
        if not isinstance(hello, Hello):
            raise ConfigError("has not said hello", field="viewer")
        if self.n_viewers > MAX_VIEWERS:
            raise ConfigError("has as many viewers as it can", field="run", allowed=f"at most {MAX_VIEWERS}")
        shown: Snapshot | None = None
        while True:
            ending = self._ending.is_set()
            newest = self._session.latest()
            if newest is not None and newest is not shown:
                channel.send(newest, _STALLED_S)
                shown = newest
            if self._session.failure:
                raise ConfigError(self._session.failure)
            if ending:
                return
            due = time.monotonic() + FRAME_S
            while (left := due - time.monotonic()) > 0:
                command = channel.receive(left)
                if command is not None and not hello.watch and not isinstance(command, (Hello, Refusal, Snapshot)):
                    self._session.send(command)
