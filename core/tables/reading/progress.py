"""Says how far a long reading is, to whoever asked: a bar on the command line, a line on a screen.

The one who wants to know stands far above the reader, past the family of data sets, whose contract knows no progress;
so it is told through the context it opens around the call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_WATCHER: ContextVar[Callable[[float], None] | None] = ContextVar("watcher", default=None)


@contextmanager
def watched(show: Callable[[float], None]) -> Iterator[None]:
    """Within this context `show` is called with the share that is read, 0 to 1, as a file is gone through."""
    token = _WATCHER.set(show)
    try:
        yield
    finally:
        _WATCHER.reset(token)


def report(share: float) -> None:
    """Tell whoever watches how far it is."""
    show = _WATCHER.get()
    if show is not None:
        show(min(max(share, 0.0), 1.0))
