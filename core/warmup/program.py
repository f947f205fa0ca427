"""Compiles members into the cache on the disk: the program of the child process, with a request on standard input.

First come the functions the run needs, from the last to the first; then, at low priority, every member, the largest
first: a sudden switch to a small one takes no time worth saving. Each function is named on standard output
before it is compiled.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import numba

from ..config import Config
from ..disk.files import write_atomic
from ..engine import builtin
from ..engine.design import design
from ..errors import ConfigError
from ..kernel import Kernel, Loop, bytecode_size, kernels_of
from ..kernel.jit import is_cached
from ..registry import families
from .child import CompileRequest
from .compiler import DONE, garbage_collection_off
from .functions import LOOPS, make_ready, required_functions

FAMILIES = ("activations", "optimizers", "regularizers", "losses", "layers")
"""Families with compiled functions."""


def functions_of_run(request: CompileRequest) -> list[Kernel | Loop[object]]:
    """What a run needs, from the end."""
    config = Config.from_dict(request["config"])
    network = design(config, tuple(request["input_shape"]), request["task"], request["n_outputs"])
    return [function for _, function in reversed(required_functions(network, config))]


def all_functions() -> list[Kernel | Loop[object]]:
    """All that can be compiled: the engine, the functions of the largest member, those of the next, and so on."""

    def size(*kernels: Kernel) -> int:
        return sum(bytecode_size(kernel.function) for kernel in kernels)

    members = [kernels_of(member) for family in FAMILIES for member in families[family].values()]
    members += [[builtin.average], [builtin.keep_gradient], list(builtin.BLEND)]
    members.sort(key=lambda kernels: size(*kernels), reverse=True)
    return [*LOOPS, *(kernel for kernels in members for kernel in sorted(kernels, key=size, reverse=True))]


def compile_each(functions: Iterable[Kernel | Loop[object]]) -> None:
    """Compile what is not in the cache, naming each function before."""
    for function in functions:
        if not is_cached(function.function):
            sys.stdout.write(f"{function.name}\n")
            sys.stdout.flush()
            with garbage_collection_off():
                make_ready(function)


def main() -> None:
    """Compile what is requested, then all the rest; leave a file that says so."""
    # A session that has ended reads nothing more, and needs nothing more.
    with suppress(BrokenPipeError):
        # A member of the user's own file is not known here: the run compiles it itself.
        with suppress(ConfigError):
            compile_each(functions_of_run(json.load(sys.stdin)))
        with suppress(OSError):
            os.nice(15)
        compile_each(all_functions())
        with suppress(OSError):
            write_atomic(Path(numba.config.CACHE_DIR) / DONE, b"")
