"""Compiling beside training: what a run needs to begin, what a switch needs at once, and the rest before it is wanted.

On a cold cache a second process compiles too. It begins with the last of the functions a run needs, while this one
begins with the first, so that they meet in the middle; then it goes on with all other members, at low priority. From
then on a switch to any member loads machine code in milliseconds. A switch that comes sooner compiles its own functions
in a thread.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numba

from .kernel import Kernel, Loop
from .needed import make_ready, needed
from .situation import Situation

DONE = "all-members"
"""Name of the file in the cache folder that says the cache is full."""


class Compiler:
    """Compiles for one session."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self, at: Situation, progress: Callable[[str, float], None] = lambda name, share: None) -> None:
        """Compile all that a run needs to begin.

        Args:
            at: Where it begins.
            progress: Told (what is being compiled, share done).
        """
        self._start_process(at)
        functions = needed(at.network, at.config)
        for k, (name, function) in enumerate(functions):
            progress(name, k / len(functions))
            make_ready(function)

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

    def _start_process(self, at: Situation) -> None:
        """Fill the cache in a process of its own, unless that was done, is under way or is not wanted."""
        full = Path(numba.config.CACHE_DIR) / DONE
        if self._process is not None or full.exists() or os.environ.get("DLTUI_COMPILE_AHEAD") == "0":
            return
        request = {
            "config": at.config.to_dict(),
            "input_shape": at.data.input_shape,
            "task": at.data.task,
            "n_outputs": at.data.n_outputs,
        }
        # Without a second process all is well, only slower.
        with suppress(OSError):
            self._process = subprocess.Popen(
                [sys.executable, "-m", "dltui.core.warm"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            if self._process.stdin is not None:
                self._process.stdin.write(json.dumps(request).encode())
                self._process.stdin.close()

    def close(self) -> None:
        """End the process that fills the cache."""
        if self._process is not None:
            if self._process.poll() is None:
                self._process.terminate()
            self._process.wait()
