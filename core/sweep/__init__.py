"""Many runs of one Config, each with settings of its own, on every core there is: `for row in sweep.run("spiral", …)`.

A trial is a pure function of its Config, its data and its seed. So it may run anywhere, be lost and be run again, and
what comes out is the same table. Who hands trials out, and in which order they come back, never shows in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import run

__all__ = ["run"]


def __getattr__(name: str) -> Any:
    if name != "run":
        raise AttributeError(f"module 'dltui.core.sweep' has no attribute {name!r}")
    from importlib import import_module

    return import_module("dltui.core.sweep.api").run
