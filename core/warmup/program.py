"""Compile members into the cache on the disk: the program of a process of its own, with a request on standard input.

First what the run asked about needs, from the last function to the first; then, at low priority, every member, the
largest first: a sudden switch to a small one takes no time worth saving. Each function is named on standard output
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
from ..kernel.cache import is_cached
from ..registry import families
from .child import CompileRequest
from .compiler import DONE, garbage_kept
from .functions import LOOPS, make_ready, needed

FAMILIES = ("activations", "optimizers", "regularizers", "losses", "layers")
"""Families with compiled functions."""


def requested(request: CompileRequest) -> list[Kernel | Loop]:
    """What a run needs, from the end."""
    config = Config.from_dict(request["config"])
    network = design(config, tuple(request["input_shape"]), request["task"], request["n_outputs"])
    return [function for _, function in reversed(needed(network, config))]


def everything() -> list[Kernel | Loop]:
    """All that can be compiled: the engine, the functions of the largest member, those of the next, and so on."""

    def size(*kernels: Kernel) -> int:
        return sum(bytecode_size(kernel.function) for kernel in kernels)

    members = [kernels_of(member) for family in FAMILIES for member in families[family].values()]
    members += [[builtin.average], [builtin.keep_gradient], list(builtin.BLEND)]
    members.sort(key=lambda kernels: size(*kernels), reverse=True)
    return [*LOOPS, *(kernel for kernels in members for kernel in sorted(kernels, key=size, reverse=True))]


def compile_each(functions: Iterable[Kernel | Loop]) -> None:
    """Compile what is not in the cache, saying at each what it is."""
    for function in functions:
        if not is_cached(function.function):
            sys.stdout.write(f"{function.name}\n")
            sys.stdout.flush()
            with garbage_kept():
                make_ready(function)


def main() -> None:
    """Do the request, then all the rest; leave a file that says so."""
    # A session that has ended hears nothing more, and needs nothing more.
    with suppress(BrokenPipeError):
        # A member of the user's own file is not known here: the run compiles it itself.
        with suppress(ConfigError):
            compile_each(requested(json.load(sys.stdin)))
        with suppress(OSError):
            os.nice(15)
        compile_each(everything())
        with suppress(OSError):
            write_atomic(Path(numba.config.CACHE_DIR) / DONE, b"")
