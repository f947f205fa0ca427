"""The step last shown, kept where a killed program cannot lose it.

A run is brought back to the step its user saw, not to the last one that happened to be written. Two places are
overwritten in turn and never synced: what the kernel has taken survives the death of the process and costs a
microsecond, a write cut short leaves the other place, and after a loss of power `status.json` says nearly the same. The
sum of a place goes on from the name of its run, so that the file of another run says nothing here.
"""

from __future__ import annotations

import os
import struct
import zlib
from contextlib import suppress

from ..disk.disk import DISK, Disk
from ..disk.files import read_regular, write_all
from ..errors import ConfigError

NAME = "shown"

_NUMBERS = struct.Struct("<QQ")
_SUM = struct.Struct("<I")
_SIZE = _NUMBERS.size + _SUM.size
_NOTHING = (-1, -1)


class LastShown:
    """Writes the step last shown; its owner holds the run's lock.

    Args:
        folder: The run's folder.
        run: Name of the run; "" in a run of a version that named none.
        disk: Where.
    """

    def __init__(self, folder: str, run: str = "", disk: Disk = DISK) -> None:
        self._path = os.path.join(folder, NAME)
        self._run, self._disk = run, disk
        self._descriptor, self._place = -1, 0

    def write(self, n: int, step: int) -> None:
        """Note that `step` is about to be shown, `n` being the last decision; a disk that refuses is no matter."""
        numbers = _NUMBERS.pack(n, step)
        with suppress(OSError):
            if self._descriptor < 0:
                places = _places(self._path, self._run, self._disk)
                self._place = int(places.index(max(places)) == 0)
                self._descriptor = self._disk.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW)
            self._disk.seek(self._descriptor, self._place * _SIZE)
            self._place = 1 - self._place
            write_all(self._disk, self._descriptor, numbers + _sum(numbers, self._run))

    def close(self) -> None:
        """Give the file back."""
        if self._descriptor >= 0:
            with suppress(OSError):
                self._disk.close(self._descriptor)
            self._descriptor = -1


def read_last_shown(folder: str, run: str = "", disk: Disk = DISK) -> tuple[int, int] | None:
    """(last decision, step) as written last; None if there is nothing that can be believed."""
    newest = max(_places(os.path.join(folder, NAME), run, disk))
    return newest if newest != _NOTHING else None


def _places(path: str, run: str, disk: Disk) -> list[tuple[int, int]]:
    """What the two places say; within one decision steps only grow, so the larger is the newer."""
    data = b""
    with suppress(ConfigError):
        data = read_regular(path, 2 * _SIZE, disk)
    places = []
    for start in (0, _SIZE):
        numbers, found = data[start : start + _NUMBERS.size], data[start + _NUMBERS.size : start + _SIZE]
        is_sound = len(numbers) == _NUMBERS.size and found == _sum(numbers, run)
        places.append(_NUMBERS.unpack(numbers) if is_sound else _NOTHING)
    return places


def _sum(numbers: bytes, run: str) -> bytes:
    return _SUM.pack(zlib.crc32(numbers, zlib.crc32(run.encode())))
