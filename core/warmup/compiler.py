"""Compiling beside training: what a run needs to begin, what a switch needs at once, and the rest ahead of time.

While the cache is cold a child process compiles too (`child`). It begins with the last of the functions a run needs,
while this process begins with the first, so that they meet in the middle; then it continues with all other members, the
largest first. Once it is done, a switch to any member loads machine code in milliseconds. A switch that comes sooner
compiles its own functions in a thread with the processor to itself: the child waits, unless it is at one of them.
"""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numba

from ..engine.state import TrainState
from ..kernel import Kernel, Loop, N, X, Y, bytecode_size, cell
from ..kernel.jit import compile_kernel
from ..simd import load, store
from .child import CompilerProcess
from .functions import make_ready, required_functions

DONE = "all-members"
"""Name of the file in the cache folder that says the cache is full."""
LOOK_S = 0.003
"""Time between two checks whether the child process has finished a function."""


class Compiler:
    """Compiles for one session."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._child = CompilerProcess()

    def prepare(self, state: TrainState, progress: Callable[[str, float], None] = lambda name, share: None) -> None:
        """Compile all that a run needs to begin.

        Args:
            state: Where it begins.
            progress: Called with (what is being compiled, share done).
        """
        self._start_child(state)
        functions = required_functions(state.network, state.config)
        with garbage_collection_off():
            for k, (name, function) in enumerate(functions):
                progress(name, k / len(functions))
                make_ready(function)
        if self._child.started:
            threading.Thread(target=warm_up, name="dltui-warm-up", daemon=True).start()

    def ready(self, missing: Callable[[], list[Kernel | Loop[object]]]) -> bool:
        """Whether nothing is missing; starts compiling what is.

        Args:
            missing: Gives the functions still to be compiled; called only while no thread is at work.
        """
        if self._thread is not None and self._thread.is_alive():
            return False
        functions = missing()
        if not functions:
            return True
        self._thread = threading.Thread(target=self._compile, args=(functions,), name="dltui-compiler", daemon=True)
        self._thread.start()
        return False

    def _compile(self, functions: Sequence[Kernel | Loop[object]]) -> None:
        """Compile functions, the smallest first: the other process, which begins with the largest, may be at one."""
        ordered = sorted(functions, key=lambda function: bytecode_size(function.function))
        left = {function.name: function for function in ordered}
        try:
            with garbage_collection_off():
                while left:
                    elsewhere = self._child.at
                    if elsewhere in left:
                        self._child.resume()
                    else:
                        self._child.pause()
                    mine = next((name for name in left if name != elsewhere), None)
                    if mine is None:
                        time.sleep(LOOK_S)
                    else:
                        make_ready(left.pop(mine))
        finally:
            self._child.resume()

    def _start_child(self, state: TrainState) -> None:
        """Fill the cache in a child process, unless that is done, under way or switched off."""
        full = Path(numba.config.CACHE_DIR) / DONE
        if self._child.started or full.exists() or os.environ.get("DLTUI_COMPILE_AHEAD") == "0":
            return
        self._child.start(
            {
                "config": state.config.to_dict(),
                "input_shape": state.data.input_shape,
                "task": state.data.task,
                "n_outputs": state.data.n_outputs,
            }
        )

    def close(self) -> None:
        """End the process that fills the cache."""
        self._child.close()


@contextmanager
def garbage_collection_off() -> Iterator[None]:
    """Put off garbage collection: a compilation makes so many objects that collecting takes a tenth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def warm_up() -> None:
    """Compile a function nobody calls: the first one of a process takes Numba a fifth of a second longer."""

    def copy(row: int) -> None:
        for i in range(cell(row, N)):
            store(cell(row, Y), i, load(cell(row, X), i))

    compile_kernel(copy, cache=False)
