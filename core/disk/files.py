"""Everything that touches a disk goes through here.

Each promise about saved files rests on a few calls in a fixed order: write all, fsync, rename, fsync of the folder.
They stand in one place, on a `Disk` that a test can replace. A file is either replaced whole
(`write_atomic`) or only ever grows by whole records (`AppendLog`).
"""

from __future__ import annotations

import atexit
import errno
import hashlib
import os
import re
import secrets
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from ..errors import ConfigError
from ..text import safe_text
from .disk import DISK, Disk

_HOST = hashlib.sha256(socket.gethostname().encode("utf-8", "replace")).hexdigest()[:8]
_TEMP = re.compile(r"\.dltui-([0-9a-f]{8})-([0-9]{1,10})-[0-9a-f]{16}\.tmp")

_left_behind: list[str] = []


def write_all(disk: Disk, descriptor: int, data: bytes) -> None:
    """Write every byte, however many calls that takes.

    Raises:
        OSError: The disk took less.
    """
    rest = memoryview(data)
    while rest:
        taken = disk.write(descriptor, rest)
        if taken <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        rest = rest[taken:]


def write_atomic(path: str | os.PathLike[str], data: bytes, disk: Disk = DISK) -> None:
    """Put `data` at `path`: whatever happens, a reader finds the old content or the new, whole.

    When it returns the new content survives a loss of power. A failed attempt leaves nothing behind and is never
    repeated on the same file: after a failed fsync the system may have dropped what it could not write and report
    success the next time. A device, a pipe or a folder is never replaced; of a symbolic link the link itself is.

    Raises:
        OSError: It could not be written; the old content is still there (unless only the last call failed, the one
            that makes the new name durable).
    """
    target = os.fspath(path)
    with suppress(FileNotFoundError):
        if not disk.is_link(target) and not disk.is_regular(target):
            raise OSError(errno.EEXIST, "it is not a regular file", target)
    folder = os.path.dirname(target) or "."
    temp = os.path.join(folder, f".dltui-{_HOST}-{os.getpid()}-{secrets.token_hex(8)}.tmp")
    descriptor = disk.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW)
    try:
        try:
            write_all(disk, descriptor, data)
            disk.fsync(descriptor)
        finally:
            disk.close(descriptor)
        disk.rename(temp, target)
    except BaseException:
        _left_behind.append(temp)
        _remove_left_behind(disk)
        raise
    if _left_behind:
        _remove_left_behind(disk)
    disk.sync_folder(folder)


@contextmanager
def failures_named(path: str) -> Iterator[None]:
    """Say in one sentence that names the file why it cannot be written."""
    try:
        yield
    except ConfigError as error:
        raise error.at(file=safe_text(path)) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigError(f"cannot be written: {reason}", file=safe_text(path)) from error


def _remove_left_behind(disk: Disk) -> None:
    """A disk that refuses a write may for a while refuse to remove what was half written, too."""
    for temp in _left_behind[-64:]:
        with suppress(OSError, ValueError):  # ValueError: another thread was faster
            with suppress(FileNotFoundError):
                disk.unlink(temp)
            _left_behind.remove(temp)


def remove_own_temps(folder: str | os.PathLike[str], disk: Disk = DISK) -> list[str]:
    """Remove what a killed writer left half done; the names removed.

    Only files with the name of a temp of this host whose writer is dead: anything else may be somebody's work.
    """
    removed = []
    for name in disk.names(os.fspath(folder)):
        match = _TEMP.fullmatch(name)
        if match and match[1] == _HOST and not is_alive(int(match[2])):
            with suppress(OSError):
                disk.unlink(os.path.join(folder, name))
                removed.append(name)
    return removed


def is_alive(pid: int) -> bool:
    """Whether a process with this number runs on this host."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def make_folder(path: str | os.PathLike[str], disk: Disk = DISK) -> None:
    """Make a folder (0700) and those above it, each durable; one that exists is fine."""
    target = os.path.abspath(path)
    parent = os.path.dirname(target)
    try:
        disk.mkdir(target)
    except FileExistsError:
        return
    except FileNotFoundError:
        make_folder(parent, disk)
        disk.mkdir(target)
    disk.sync_folder(parent)


def make_new_folder(parent: str, name: Callable[[], str], disk: Disk = DISK) -> str:
    """A new folder within another, which is made where it is missing; its path.

    Args:
        parent: The other one.
        name: Gives a name, and another one each time it is asked, until one is free.
        disk: Where.

    Raises:
        OSError: It cannot be made.
    """
    make_folder(parent, disk)
    while True:
        path = os.path.join(parent, name())
        try:
            disk.mkdir(path)
        except FileExistsError:
            continue
        return path


def private_folder(prefix: str) -> str:
    """A new folder of this process alone, which is removed with all that is in it when the process ends."""
    path = tempfile.mkdtemp(prefix=prefix)
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def check_path(path: object, field: str = "path", allowed: str = "text or a pathlib.Path") -> str:
    """A path as text.

    Args:
        path: As it was given.
        field: What it is called.
        allowed: What it may be, in words.

    Raises:
        ConfigError: It is no path.
    """
    try:
        text = os.fsdecode(path)  # type: ignore[arg-type]
    except TypeError:
        text = ""
    if not text:
        raise ConfigError("names no file", field=field, value=path, allowed=allowed)
    return text


def read_regular(path: str | os.PathLike[str], limit: int, disk: Disk = DISK) -> bytes:
    """The content of a regular file of at most `limit` bytes.

    Never waits and never fills the memory: pipes, devices and folders are refused before and after opening, and no more
    than `limit` bytes are read even if the file grows meanwhile or hides its size.

    Raises:
        ConfigError: There is none, or it is not such a file; names it.
    """
    name = os.fspath(path)
    shown = safe_text(name)
    try:
        if not disk.is_regular(name):
            raise ConfigError("is not a regular file", file=shown)
        descriptor = disk.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            size = disk.size(descriptor)
            if size < 0:
                raise ConfigError("is not a regular file", file=shown)
            if size > limit:
                raise ConfigError(f"is too large ({size} bytes)", file=shown, allowed=f"at most {limit} bytes")
            pieces: list[bytes] = []
            n_read = 0
            while piece := disk.read(descriptor, min(limit + 1 - n_read, 1 << 24)):
                pieces.append(piece)
                n_read += len(piece)
                if n_read > limit:
                    raise ConfigError("is too large", file=shown, allowed=f"at most {limit} bytes")
        finally:
            disk.close(descriptor)
    except ConfigError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(f"cannot be read ({reason})", file=shown) from error
    return b"".join(pieces)


class AppendLog:
    """A file that only grows, one whole record a call.

    After any error the state of the last record on the disk is unknown, so the log is `broken` and takes no more:
    its owner writes the file anew (`write_atomic`) and opens it again.

    Args:
        path: The file; made durable if new.
        size: Where to go on: what lies behind is cut off first.

    Raises:
        OSError: It cannot be opened, or holds less than `size`.
    """

    def __init__(self, path: str | os.PathLike[str], size: int, disk: Disk = DISK) -> None:
        self.path = os.fspath(path)
        self.broken = False
        self._disk = disk
        self._descriptor = disk.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            there = disk.size(self._descriptor)
            if there < size:
                raise OSError(errno.EIO, "is shorter than it was", self.path)
            if there > size:
                disk.truncate(self._descriptor, size)  # made durable by the first record that is
            disk.sync_folder(os.path.dirname(self.path) or ".")
        except BaseException:
            disk.close(self._descriptor)
            raise

    def append(self, record: bytes) -> None:
        """Add a record, in one write; when this returns it survives a loss of power.

        Raises:
            OSError: It may be there, in part or not at all.
        """
        if self.broken:
            raise OSError(errno.EIO, "an earlier record could not be written")
        try:
            if self._disk.write(self._descriptor, memoryview(record)) != len(record):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._disk.fdatasync(self._descriptor)
        except BaseException:
            self.broken = True
            raise

    def close(self) -> None:
        """Give the descriptor back."""
        self._disk.close(self._descriptor)
