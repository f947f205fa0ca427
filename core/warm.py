"""Compile members into the cache on the disk: run as `python -m dltui.core.warm`, with a request on standard input.

First what the run asked about needs, from the last function to the first; then, at low priority, every member, ordered
by how likely it is to be chosen soon.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import numba

from . import averaging, hooks
from .blend import BLEND
from .compiling import DONE
from .config import Config
from .errors import ConfigError
from .kernel import Kernel
from .needed import LOOPS, make_ready, needed
from .registry import families
from .stages import design

ORDER = ("activations", "optimizers", "regularizers", "losses", "layers")
"""Families with compiled functions."""


def kernels_of(member: Any) -> list[Kernel]:
    """All compiled functions of a member's record."""
    found: list[Kernel] = []
    for value in vars(member).values():
        parts = value if isinstance(value, tuple) else (value,)
        found += [part for part in parts if isinstance(part, Kernel)]
    return found


def compile_request(request: dict[str, Any]) -> None:
    """Compile what a run needs, from the end."""
    config = Config.from_dict(request["config"])
    network = design(config, tuple(request["input_shape"]), request["task"], request["n_outputs"])
    for _, function in reversed(needed(network, config)):
        make_ready(function)


def compile_all() -> None:
    """Compile every member, then leave a file that says so."""
    for loop in LOOPS:
        make_ready(loop)
    for family in ORDER:
        for member in families[family].values():
            for kernel in kernels_of(member):
                make_ready(kernel)
    for kernel in (averaging.average, hooks.copy, *BLEND):
        make_ready(kernel)
    with suppress(OSError):
        (Path(numba.config.CACHE_DIR) / DONE).touch()


def main() -> None:
    """Do the request, then all the rest."""
    # A member of the user's own file is not known here: the run compiles it itself.
    with suppress(ConfigError):
        compile_request(json.load(sys.stdin))
    with suppress(OSError):
        os.nice(15)
    compile_all()


if __name__ == "__main__":
    main()
