"""The step last shown, kept where a killed program cannot lose it.

A run is brought back to the step its user saw, not to the last one that happened to be written. The decision to know:
the file is overwritten in place and never synced. What the kernel has taken survives the death of the process, costs a
microsecond, and after a loss of power `status.json` says nearly the same.
"""

from __future__ import annotations

import os
import struct
import zlib
from contextlib import suppress

from .disk import DISK, Disk
from .errors import ConfigError
from .files import read_regular, write_all

NAME = "shown"

_NUMBERS = struct.Struct("<QQ")
_CHECK = struct.Struct("<I")


class Shown:
    """Writes the step last shown; its owner holds the run's lock.

    Args:
        folder: The run's folder.
        disk: Where.
    """

    def __init__(self, folder: str, disk: Disk = DISK) -> None:
        self._path = os.path.join(folder, NAME)
        self._disk = disk
        self._descriptor = -1

    def write(self, n: int, step: int) -> None:
        """Note that `step` is about to be shown, `n` being the last decision; a disk that refuses is no matter."""
        numbers = _NUMBERS.pack(n, step)
        with suppress(OSError):
            if self._descriptor < 0:
                self._descriptor = self._disk.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW)
            self._disk.seek(self._descriptor, 0)
            write_all(self._disk, self._descriptor, numbers + _CHECK.pack(zlib.crc32(numbers)))

    def close(self) -> None:
        """Give the file back."""
        if self._descriptor >= 0:
            with suppress(OSError):
                self._disk.close(self._descriptor)
            self._descriptor = -1


def last_shown(folder: str, disk: Disk = DISK) -> tuple[int, int] | None:
    """(last decision, step) as written last; None if there is nothing that can be believed."""
    with suppress(ConfigError):
        data = read_regular(os.path.join(folder, NAME), 64, disk)
        if len(data) == _NUMBERS.size + _CHECK.size:
            numbers, check = data[: _NUMBERS.size], data[_NUMBERS.size :]
            if check == _CHECK.pack(zlib.crc32(numbers)):
                n, step = _NUMBERS.unpack(numbers)
                return n, step
    return None
