"""The Unix socket through which a terminal reaches a run of another process.

Only the same user can: the socket (0600) lies in a folder (0700) of that user, and the kernel is asked who is at the
other end. Whoever serves gives each viewer a thread of its own and a limit on every send, so that
a viewer who does not read holds up nobody but itself.
"""

from __future__ import annotations

import errno
import hashlib
import os
import select
import socket
import stat
import struct
import time
from collections.abc import Mapping
from contextlib import suppress

from ..disk.disk import DISK
from ..disk.files import make_folder
from ..errors import ConfigError
from ..text import safe_text
from .wire import MAX_FRAMES, Frames, Message, encode


def socket_path(run_path: str, environ: Mapping[str, str] | None = None) -> str:
    """Where the socket of the run in a folder lies; makes the folder for it.

    Raises:
        ConfigError: The folder is not this user's alone.
    """
    runtime = (os.environ if environ is None else environ).get("XDG_RUNTIME_DIR", "")
    folder = os.path.join(runtime, "dltui") if os.path.isabs(runtime) else ""
    if not folder or len(folder) > 50 or not os.path.isdir(runtime):  # a socket's path holds 107 bytes
        folder = f"/tmp/dltui-{os.geteuid()}"
    try:
        make_folder(folder)
        status = os.lstat(folder)
    except OSError as error:
        raise ConfigError(f"cannot hold the sockets of runs ({error.strerror})", file=safe_text(folder)) from error
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o077:
        raise ConfigError("is not this user's alone; no run can be attached", file=safe_text(folder))
    full = os.path.realpath(run_path)
    digest = hashlib.sha256(os.fsencode(full)).hexdigest()[:8]
    return os.path.join(folder, f"{os.path.basename(full)[:32]}-{digest}.sock")


class Channel:
    """One end of a connection; used by one thread for sending and one for receiving."""

    def __init__(self, connection: socket.socket, max_frames: int = MAX_FRAMES) -> None:
        self._socket = connection
        self._frames = Frames(max_frames)
        self._waiting: list[Message] = []
        connection.setblocking(False)

    def send(self, message: Message, timeout: float = 5.0) -> None:
        """Send a message.

        Raises:
            ConfigError: It cannot be sent at all.
            OSError: The other end is gone or does not read; the channel is of no more use.
        """
        rest = memoryview(encode(message))
        stop = time.monotonic() + timeout
        while rest:
            try:
                rest = rest[self._socket.send(rest, socket.MSG_NOSIGNAL) :]
            except BlockingIOError:
                left = stop - time.monotonic()
                if left <= 0:
                    raise TimeoutError(errno.ETIMEDOUT, "the other end does not read") from None
                _wait(self._socket, writing=True, timeout=left)

    def receive(self, timeout: float = 0.0) -> Message | None:
        """The next message, None if none comes in time.

        Raises:
            ConfigError: What came is not a message.
            OSError: The other end is gone.
        """
        stop = time.monotonic() + timeout
        while not self._waiting:
            try:
                data = self._socket.recv(1 << 16)
            except BlockingIOError:
                left = stop - time.monotonic()
                if left <= 0:
                    return None
                _wait(self._socket, writing=False, timeout=left)
                continue
            if not data:
                raise ConnectionResetError(errno.ECONNRESET, "the other end is gone")
            self._waiting += self._frames.feed(data)
        return self._waiting.pop(0)

    def fileno(self) -> int:
        """For `select`."""
        return self._socket.fileno()

    def close(self) -> None:
        """Hang up; wakes a thread that receives."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class Listener:
    """The serving end, for the holder of the run's lock.

    Args:
        run_path: The run's folder.

    Raises:
        ConfigError: The folder of sockets is not this user's alone.
        OSError: There can be no socket.
    """

    def __init__(self, run_path: str, environ: Mapping[str, str] | None = None) -> None:
        self.path = socket_path(run_path, environ)
        with suppress(OSError):
            # Whoever holds the lock is the only server: a socket that is there was left by a dead one.
            if stat.S_ISSOCK(os.lstat(self.path).st_mode):
                DISK.unlink(self.path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.bind(self.path)
            DISK.close_to_others(self.path)
            self._socket.listen(8)
            self._socket.setblocking(False)
            self._status = os.lstat(self.path)
        except BaseException:
            self._socket.close()
            raise

    def accept(self, timeout: float = 0.0) -> Channel | None:
        """A connection of the same user, None if none comes in time or another user's was refused."""
        _wait(self._socket, writing=False, timeout=timeout)
        try:
            connection, _ = self._socket.accept()
        except (BlockingIOError, ConnectionAbortedError, InterruptedError):
            return None
        if peer_uid(connection) != os.geteuid():
            connection.close()
            return None
        return Channel(connection, max_frames=1)

    def fileno(self) -> int:
        """For `select`."""
        return self._socket.fileno()

    def close(self) -> None:
        """Stop listening and remove the socket, if it is still this one."""
        with suppress(OSError):
            if os.path.samestat(os.lstat(self.path), self._status):
                DISK.unlink(self.path)
        self._socket.close()


def connect(run_path: str, environ: Mapping[str, str] | None = None) -> Channel:
    """A connection to the process that serves the run in a folder.

    Raises:
        ConfigError: Nobody serves it, or not this user.
    """
    path = socket_path(run_path, environ)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(2.0)
        connection.connect(path)
        if peer_uid(connection) != os.geteuid():
            raise ConfigError("is served by another user", file=safe_text(path))
    except OSError as error:
        connection.close()
        reason = error.strerror or str(error)
        raise ConfigError(f"is not running where it could be attached ({reason})", file=safe_text(run_path)) from error
    except ConfigError:
        connection.close()
        raise
    return Channel(connection)


def peer_uid(connection: socket.socket) -> int:
    """User at the other end, as the kernel says; where it cannot be asked the folder's mode must do."""
    if not hasattr(socket, "SO_PEERCRED"):
        return os.geteuid()
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    uid: int = struct.unpack("3i", credentials)[1]
    return uid


def _wait(connection: socket.socket, writing: bool, timeout: float) -> None:
    """Return when the socket is ready or the time is over."""
    # poll, not select: a long-lived process may have more than 1024 descriptors
    poll = select.poll()
    poll.register(connection, select.POLLOUT if writing else select.POLLIN)
    poll.poll(max(0.0, timeout) * 1000)
