"""A table that is looked at again and again with other choices is read once: whoever looks keeps it meanwhile.

As with progress, the one who knows that it will be wanted again stands far above the reader, so it is told through the
context it opens around the call.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from .read import RawTable, read_table


@dataclass
class Kept:
    """The last table that was read, and what it was read from."""

    key: tuple[object, ...] = ()
    table: RawTable | None = None


_KEPT: ContextVar[Kept | None] = ContextVar("kept", default=None)


@contextmanager
def keeping(kept: Kept) -> Iterator[None]:
    """Within this context a table is taken from `kept` where its file is as it was, and kept there when it is read."""
    token = _KEPT.set(kept)
    try:
        yield
    finally:
        _KEPT.reset(token)


def read_once(path: str | os.PathLike[str], delimiter: str, header: str) -> RawTable:
    """As `read_table`, but from what is kept.

    Raises:
        ConfigError: It is no table.
    """
    kept = _KEPT.get()
    if kept is None:
        return read_table(path, delimiter, header)
    try:
        state = os.stat(path)
        key: tuple[object, ...] = (os.fspath(path), state.st_mtime_ns, state.st_size, state.st_ino, delimiter, header)
    except OSError:
        key = ()
    if not key or key != kept.key or kept.table is None:
        kept.key, kept.table = (), None  # not two at a time
        table = read_table(path, delimiter, header)
        kept.key, kept.table = key, table
        return table
    return kept.table
