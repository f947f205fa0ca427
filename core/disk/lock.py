"""One writer a run: a lock that the kernel gives back.

The decision to know: liveness is asked of the kernel (flock), never of a timer or of a number in a file. What the file
says about its holder is for people.
"""

from __future__ import annotations

import json
import os
import socket
import time
from contextlib import suppress
from typing import Any

from ..errors import ConfigError
from ..text import safe_text
from .disk import DISK, Disk
from .files import read_regular, write_all

_ATTEMPTS = 5


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
        who = describe_holder(read_holder(self.path, disk))
        raise ConfigError(f"is in use{who}", file=safe_text(os.path.dirname(self.path)))

    def note(self, **more: str) -> None:
        """Add to what the file says about its holder."""
        if self._descriptor >= 0:
            self._say_who(self._descriptor, **more)

    def _say_who(self, descriptor: int, **more: str) -> None:
        since = time.strftime("%Y-%m-%d %H:%M:%S")
        content = json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since, **more})
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


def read_holder(path: str | os.PathLike[str], disk: Disk = DISK) -> dict[str, Any]:
    """What a lock's file says about its holder; empty if it cannot be read."""
    try:
        content = json.loads(read_regular(path, 4096, disk))
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def describe_holder(holder: dict[str, Any]) -> str:
    """What to add to "is in use": by which process, where, since when; "" if unknown."""
    if not holder:
        return ""
    pid, host, since = (safe_text(holder.get(key, "?"), 60) for key in ("pid", "host", "since"))
    return f" by process {pid} on {host} since {since}"


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
