"""The calls to the operating system that files are made of, one method each.

They form an object so that a test can put in its place a disk that loses power, fills up or fails. No other module of
the core calls the system to change a file; the one exception is Numba, which writes its cache itself.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from contextlib import suppress


class Disk:
    """The calls to the operating system, one method each, so that a test can stand in for the disk."""

    def open(self, path: str, flags: int) -> int:
        """A descriptor; a new file may be read by its owner only."""
        return os.open(path, flags | os.O_CLOEXEC, 0o600)

    def close(self, descriptor: int) -> None:
        """Give the descriptor back."""
        os.close(descriptor)

    def read(self, descriptor: int, size: int) -> bytes:
        """At most `size` bytes from where the descriptor stands."""
        return os.read(descriptor, size)

    def write(self, descriptor: int, data: memoryview) -> int:
        """Write some of `data`; the number of bytes taken."""
        return os.write(descriptor, data)

    def seek(self, descriptor: int, offset: int) -> None:
        """Go to a byte."""
        os.lseek(descriptor, offset, os.SEEK_SET)

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut the file at `size`."""
        os.ftruncate(descriptor, size)

    def fsync(self, descriptor: int) -> None:
        """Return when content and size are on the disk."""
        os.fsync(descriptor)

    def fdatasync(self, descriptor: int) -> None:
        """The same without the times of the file, where the system knows the difference."""
        getattr(os, "fdatasync", os.fsync)(descriptor)

    def sync_folder(self, path: str) -> None:
        """Return when the names in a folder are on the disk."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno != errno.EINVAL:  # some file systems have no such call for folders
                raise
        finally:
            os.close(descriptor)

    def rename(self, old: str, new: str) -> None:
        """Put `old` in the place of `new`, at once."""
        os.replace(old, new)

    def unlink(self, path: str) -> None:
        """Remove a file."""
        os.unlink(path)

    def mkdir(self, path: str) -> None:
        """Make a folder for its owner only."""
        os.mkdir(path, 0o700)

    def close_to_others(self, path: str) -> None:
        """Let only the owner read and write a file or a socket."""
        os.chmod(path, 0o600)

    def rmdir(self, path: str) -> None:
        """Remove an empty folder."""
        os.rmdir(path)

    def names(self, path: str) -> list[str]:
        """What a folder holds, sorted."""
        return sorted(os.listdir(path))

    def size(self, descriptor: int) -> int:
        """Bytes in an open file; -1 if it is not a regular file."""
        status = os.fstat(descriptor)
        return status.st_size if stat.S_ISREG(status.st_mode) else -1

    def is_regular(self, path: str) -> bool:
        """Whether `path` leads to a regular file."""
        return stat.S_ISREG(os.stat(path).st_mode)

    def is_link(self, path: str) -> bool:
        """Whether `path` is a symbolic link."""
        return os.path.islink(path)

    def lock(self, descriptor: int) -> bool:
        """Take the lock that the kernel gives back when this process ends; False if another has it."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def is_at(self, descriptor: int, path: str) -> bool:
        """Whether the open file is still the one that `path` names."""
        with suppress(OSError):
            return os.path.samestat(os.fstat(descriptor), os.stat(path))
        return False


DISK = Disk()
"""The real one."""
