"""A session of one process on the screen of another.

The serving side lives beside the session and only ever reads its newest snapshot and hands it commands, as the terminal
in the same process does. The decision to know: a viewer that leaves, stalls or sends nonsense is let go, and the run
never notices; only the command `Close` ends it.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from ..commands import Command, SessionFace
from ..errors import ConfigError
from ..session.protocol import wait_for
from ..snapshot import Snapshot
from ..store.fingerprint import package_version
from ..text import safe_text
from .channel import Channel, Listener, connect
from .wire import VERSION, Hello, Refusal

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


class RemoteSession:
    """A session in another process, with the face of one in this: `start`, `send`, `latest`, `wait`, `close`.

    Args:
        run_path: The run's folder.
        watch: Only look: commands are not sent.

    Raises:
        ConfigError: Nobody serves the run.
    """

    def __init__(self, run_path: str, *, watch: bool = False, environ: Mapping[str, str] | None = None) -> None:
        self._channel = connect(run_path, environ)
        self._watch = watch
        try:
            # Here, not in the thread: commands must come after it.
            self._channel.send(Hello(VERSION, package_version("dltui"), os.path.basename(run_path), watch))
        except OSError as error:
            self._channel.close()
            raise ConfigError("has just ended", file=safe_text(run_path)) from error
        self._slot: Snapshot | None = None
        self._arrived = threading.Condition()
        self._thread = threading.Thread(target=self._listen, name="dltui-remote", daemon=True)
        self._left = False
        self.failure = ""
        """Why nothing more comes: one sentence, "" while all is well."""

    def start(self) -> None:
        """Begin to listen; returns at once."""
        self._thread.start()

    def send(self, command: Command) -> None:
        """Ask for something; what cannot be sent any more is forgotten, `failure` says why."""
        if self._watch or self.failure:
            return
        try:
            self._channel.send(command)
        except OSError:
            self._fail("the connection to the run is lost")

    def latest(self) -> Snapshot | None:
        """The newest snapshot; None before the first."""
        return self._slot

    def wait(self, condition: Callable[[Snapshot], bool], timeout: float) -> Snapshot:
        """The first snapshot that meets a condition.

        Raises:
            TimeoutError: None did in `timeout` seconds.
            ConfigError: Nothing more will come.
        """
        return wait_for(self, self._arrived, condition, timeout)

    def close(self, timeout: float = 1.0) -> bool:
        """Leave; the run goes on. Whether the listening thread ended in time."""
        self._left = True
        self._channel.close()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def alive(self) -> bool:
        """Whether more may come."""
        return self._thread.is_alive()

    def _listen(self) -> None:
        try:
            while True:
                message = self._channel.receive(1.0)
                if isinstance(message, Refusal):
                    self._fail(message.reason)
                    return
                if isinstance(message, Snapshot):
                    with self._arrived:
                        self._slot = message
                        self._arrived.notify_all()
        except ConfigError as error:
            self._fail(str(error))
        except (OSError, ValueError):  # ValueError: the socket was closed under poll
            self._fail("" if self._left else "the run has ended, or the connection to it is lost")

    def _fail(self, sentence: str) -> None:
        with self._arrived:
            self.failure = self.failure or sentence
            self._arrived.notify_all()
