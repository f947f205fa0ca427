"""A real terminal for benchmarks: a pty that answers as a fast terminal does and remembers what came when.

Bytes are stored as they come and turned into screens when somebody asks: an emulator written in Python would take the
very processor time that is being measured.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pyte

COLUMNS, ROWS = 120, 36
POSITION_ASKED = b"\x1b[6n"
STEP = re.compile(r"\bstep (\d{1,3}(?: \d{3})*)\b")


def dltui_command(*arguments: str) -> list[str]:
    """The installed command, as a user's shell would start it."""
    beside = Path(sys.executable).with_name("dltui")
    found = str(beside) if beside.exists() else shutil.which("dltui")
    return [found, *arguments] if found else [sys.executable, "-m", "dltui.tui", *arguments]


def surroundings(home: Path, cache: Path) -> dict[str, str]:
    """Environment of a program under test: a colour terminal, one BLAS thread, no home of the user's."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
    return kept | {
        "TERM": "xterm-256color",
        "LC_ALL": "C.UTF-8",
        "DLTUI_HOME": str(home),
        "DLTUI_TOUR": "0",  # it would hold the run
        "DLTUI_CACHE": str(cache),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


class Terminal:
    """One program in one pty.

    Args:
        command: Program and arguments.
        environment: Its whole environment.
        size: Columns and rows.
    """

    def __init__(self, command: Sequence[str], environment: dict[str, str], size: tuple[int, int] = (COLUMNS, ROWS)):
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._screens: list[tuple[float, str]] = []
        self.chunks: list[tuple[float, bytes]] = []
        self._tail = b""
        self.started = time.perf_counter()
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], list(command), environment)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

    def press(self, keys: str) -> None:
        """Type something."""
        os.write(self._master, keys.encode())

    def read_until(self, done: Callable[[], bool], limit_s: float) -> bool:
        """Read and answer until `done` or the limit; whether it was done."""
        end = time.perf_counter() + limit_s
        while time.perf_counter() < end:
            if select.select([self._master], [], [], 0.01)[0]:
                try:
                    data = os.read(self._master, 65536)
                except OSError:
                    return done()
                if not data:
                    return done()
                self.chunks.append((time.perf_counter() - self.started, data))
                self._answer(data)
            if done():
                return True
        return False

    def read_for(self, seconds: float) -> None:
        """Read and answer for a while."""
        self.read_until(lambda: False, seconds)

    def screens(self) -> list[tuple[float, str]]:
        """(seconds since the start, text on the screen) after each piece of output so far."""
        for when, data in self.chunks[len(self._screens) :]:
            self._stream.feed(data.replace(b"\x1b[>", b"\x1b["))
            self._screens.append((when, "\n".join(self._screen.display)))
        return self._screens

    def steps(self) -> list[tuple[float, int]]:
        """(seconds since the start, step shown) each time the number on the screen changed."""
        found: list[tuple[float, int]] = []
        for when, text in self.screens():
            match = STEP.search(text)
            step = int(match[1].replace(" ", "")) if match else 0
            if match and (not found or step != found[-1][1]):
                found.append((when, step))
        return found

    def close(self) -> None:
        """End the program, kindly first."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.kill(self.pid, sign)
            except ProcessLookupError:
                break
            if self._ended(5.0):
                break
        os.close(self._master)

    def _ended(self, limit_s: float) -> bool:
        gone = False

        def done() -> bool:
            nonlocal gone
            gone = gone or os.waitpid(self.pid, os.WNOHANG)[0] == self.pid
            return gone

        end = time.perf_counter() + limit_s
        while not done() and time.perf_counter() < end:
            self.read_until(done, 0.1)
        return gone

    def _answer(self, data: bytes) -> None:
        seen = self._tail + data
        for _ in range(seen.count(POSITION_ASKED)):
            os.write(self._master, b"\x1b[1;1R")
        self._tail = seen[-3:]
