"""A session of another process, with the face of one in this."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping

from ..commands import Command
from ..errors import ConfigError
from ..session.mailbox import Mailbox
from ..snapshot import Snapshot
from ..store.fingerprint import package_version
from ..text import safe_text
from .channel import connect
from .wire import VERSION, Hello, Refusal


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
        self._mailbox = Mailbox()
        self._thread = threading.Thread(target=self._listen, name="dltui-remote", daemon=True)
        self._left = False

    @property
    def failure(self) -> str:
        """Why nothing more comes: one sentence, "" while all is well."""
        return self._mailbox.failure

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
            self._mailbox.fail("the connection to the run is lost")

    def latest(self) -> Snapshot | None:
        """The newest snapshot; None before the first."""
        return self._mailbox.latest()

    def wait(self, condition: Callable[[Snapshot], bool], timeout: float) -> Snapshot:
        """The first snapshot that meets a condition.

        Raises:
            TimeoutError: None did in `timeout` seconds.
            ConfigError: Nothing more will come.
        """
        return self._mailbox.wait(condition, timeout)

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
                    self._mailbox.fail(message.reason)
                    return
                if isinstance(message, Snapshot):
                    self._mailbox.put(message)
        except ConfigError as error:
            self._mailbox.fail(str(error))
        except (OSError, ValueError):  # ValueError: the socket was closed under poll
            self._mailbox.fail("" if self._left else "the run has ended, or the connection to it is lost")
