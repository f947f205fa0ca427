"""One writer a run: a lock that the kernel takes back when its holder dies.

Whether a holder lives is asked of the kernel (flock), never of a timer or of a number in a file. What the file says
about its holder is for people.
"""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from dataclasses import dataclass

from ..errors import ConfigError
from ..text import safe_text
from .canonical import from_json, to_json
from .disk import DISK, Disk
from .files import read_regular, write_all

_ATTEMPTS = 5


@dataclass(frozen=True)
class Holder:
    """What a lock's file says about its holder; all of it is safe to show."""

    pid: int = 0
    """0: unknown, like "" for the others."""
    host: str = ""
    since: str = ""
    run: str = ""
    """Id of the run it trains, where the lock is not the run's own."""

    def sentence(self) -> str:
        """What to add to "is in use": by which process, where, since when; "" if unknown."""
        if self == Holder():
            return ""
        return f" by process {self.pid or '?'} on {self.host or '?'} since {self.since or '?'}"


class Lock:
    """The right to write in a folder, held until `release` or the death of the process, however it dies.

    The kernel knows the holder; what the file says (pid, host, since) is for people only.

    Raises:
        ConfigError: Another process has it; says which.
        OSError: The file cannot be made, or the file system has no locks.
    """

    def __init__(self, path: str | os.PathLike[str], disk: Disk = DISK) -> None:
        self.path = os.fspath(path)
        self._disk = disk
        self._descriptor = -1
        for attempt in range(_ATTEMPTS):
            descriptor = disk.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW)
            try:
                free = disk.lock(descriptor)
                # Between opening and locking the file may have been deleted together with its run.
                if free and disk.is_at(descriptor, self.path):
                    self._say_who(descriptor)
                    self._descriptor = descriptor
                    return
            finally:
                if self._descriptor < 0:
                    disk.close(descriptor)
            if attempt + 1 < _ATTEMPTS:
                time.sleep(0.005)  # somebody may only have been asking (`is_locked`)
        who = read_holder(self.path, disk).sentence()
        raise ConfigError(f"is in use{who}", file=safe_text(os.path.dirname(self.path)))

    def note(self, run: str) -> None:
        """Add the run that is trained to what the file says about its holder."""
        if self._descriptor >= 0:
            self._say_who(self._descriptor, run)

    def _say_who(self, descriptor: int, run: str = "") -> None:
        since = time.strftime("%Y-%m-%d %H:%M:%S")
        content = to_json({"pid": os.getpid(), "host": socket.gethostname(), "since": since, "run": run})
        with suppress(OSError):  # a full disk must not keep anyone from training
            self._disk.truncate(descriptor, 0)
            self._disk.seek(descriptor, 0)
            write_all(self._disk, descriptor, content.encode())

    def is_ours(self) -> bool:
        """Whether the folder still holds the file that is locked: it may have been moved or deleted."""
        return self._descriptor >= 0 and self._disk.is_at(self._descriptor, self.path)

    def release(self) -> None:
        """Give it back; twice is fine."""
        if self._descriptor >= 0:
            self._disk.close(self._descriptor)
            self._descriptor = -1


def read_holder(path: str | os.PathLike[str], disk: Disk = DISK) -> Holder:
    """What a lock's file says about its holder; nothing if it cannot be read."""
    try:
        content = from_json(read_regular(path, 4096, disk), "LOCK")
    except ConfigError:
        return Holder()
    if not isinstance(content, dict):
        return Holder()
    pid = content.get("pid")
    host, since, run = (safe_text(content.get(key, ""), 64) for key in ("host", "since", "run"))
    return Holder(pid if type(pid) is int and 0 < pid < 1 << 31 else 0, host, since, run)


def is_locked(path: str | os.PathLike[str], disk: Disk = DISK) -> bool:
    """Whether a living process holds the lock at `path`; takes nothing and makes nothing."""
    try:
        descriptor = disk.open(os.fspath(path), os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        return not disk.lock(descriptor)
    except OSError:
        return False
    finally:
        disk.close(descriptor)
