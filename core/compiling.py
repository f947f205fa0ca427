"""Compiling beside training: what a switch needs at once, and everything else before it is asked for.

All members are compiled once, by a process of low priority that fills the cache on the disk; after that a switch to any of
them loads machine code in milliseconds. A switch that comes sooner compiles its own functions in a thread.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable

import numba

from .kernel import Kernel, Loop
from .needed import make_ready

DONE = "all-members"
"""Name of the file that says the cache is full."""


class Compiler:
    """Compiles for one session."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def ready(self, missing: Callable[[], list[Kernel | Loop]]) -> bool:
        """Whether nothing is missing; starts compiling what is.

        Args:
            missing: Functions still to be compiled; asked only while no thread is at work.
        """
        if self._thread is not None and self._thread.is_alive():
            return False
        functions = missing()
        if not functions:
            return True

        def work() -> None:
            for function in functions:
                make_ready(function)

        self._thread = threading.Thread(target=work, name="dltui-compiler", daemon=True)
        self._thread.start()
        return False

    def warm_up(self) -> None:
        """Start filling the cache, unless that was done or is under way."""
        if self._process is not None or os.path.exists(os.path.join(numba.config.CACHE_DIR, DONE)):
            return
        self._process = subprocess.Popen(
            [sys.executable, "-m", "dltui.core.warm"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def close(self) -> None:
        """End the process that fills the cache."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait()
