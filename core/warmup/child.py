"""The child process that compiles ahead, seen from the session: which function it is at, and how it is paused.

It announces each function before it compiles it. A stopped process notices nothing, not even that its session was
killed; but since it is a process group of its own within the terminal's session, the kernel ends it then. It looks for
modules where this process does, so that a file that happens to lie in the current folder is never run.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import Any, TypedDict

PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from dltui.core.warmup.program import main; main()"
"""What it runs; its arguments are the folders to find modules in."""


class CompileRequest(TypedDict):
    """What a run needs compiled, as it crosses to the other process."""

    config: dict[str, Any]
    input_shape: tuple[int, ...]
    task: str
    n_outputs: int


class CompilerProcess:
    """Fills the cache of compiled functions beside a session; does nothing until it is started, or if it cannot be."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._unread, self._at, self._paused = b"", "", False

    def start(self, request: CompileRequest) -> None:
        """Begin with what a run needs (see `program`), then continue with everything."""
        # Without a child process all works, only slower.
        with suppress(OSError):
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", PROGRAM, *sys.path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                process_group=0,
            )
            assert self._process.stdin is not None and self._process.stdout is not None
            os.set_blocking(self._process.stdout.fileno(), False)
            self._process.stdin.write(json.dumps(request).encode())
            self._process.stdin.close()

    @property
    def started(self) -> bool:
        """Whether it was started."""
        return self._process is not None

    @property
    def at(self) -> str:
        """Name of the function that is being compiled now; "" while there is none."""
        if self._process is None or self._process.stdout is None:
            return ""
        try:
            while output := os.read(self._process.stdout.fileno(), 4096):
                *lines, self._unread = (self._unread + output).split(b"\n")
                self._at = lines[-1].decode() if lines else self._at
            self._at = ""
        except BlockingIOError:
            pass
        return self._at

    def pause(self) -> None:
        """Make it wait at once, so that the processor is free for what is needed now."""
        self._signal(signal.SIGSTOP, paused=True)

    def resume(self) -> None:
        """Let it continue."""
        self._signal(signal.SIGCONT, paused=False)

    def _signal(self, number: int, *, paused: bool) -> None:
        if self._process is not None and self._paused != paused:
            self._process.send_signal(number)
            self._paused = paused

    def close(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None
