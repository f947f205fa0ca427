"""Compile every member into the cache on the disk: run as `python -m dltui.core.warm`, at low priority.

Ordered by how likely a member is to be chosen soon: activations and optimizers first.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import numba

from . import averaging, hooks
from .blend import BLEND
from .compiling import DONE
from .kernel import Kernel
from .needed import LOOPS, make_ready
from .registry import families

ORDER = ("activations", "optimizers", "regularizers", "losses", "layers")
"""Families with compiled functions."""


def kernels_of(member: Any) -> list[Kernel]:
    """All compiled functions of a member's record."""
    found: list[Kernel] = []
    for value in vars(member).values():
        parts = value if isinstance(value, tuple) else (value,)
        found += [part for part in parts if isinstance(part, Kernel)]
    return found


def main() -> None:
    """Compile everything, then leave a file that says so."""
    with suppress(OSError):
        os.nice(15)
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


if __name__ == "__main__":
    main()
