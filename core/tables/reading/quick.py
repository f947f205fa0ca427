"""The first look at a file: whether it is a table at all, and about how large it is. It decides nothing."""

from __future__ import annotations

import os

from ...errors import ConfigError
from .dialect import find_dialect
from .size import Size
from .source import read_source

_SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".data", ".dat", ".test", ".train", ".csv.gz", ".tsv.gz", ".txt.gz", ".gz")


def looks_like_table(path: str | os.PathLike[str]) -> bool:
    """Whether a file is to be read as a table of text: by its content, or by its name where it is damaged."""
    if os.fspath(path).lower().endswith(_SUFFIXES):
        return True
    try:
        find_dialect(read_source(path))
    except ConfigError:
        return False
    return True


def size_of(path: str | os.PathLike[str], delimiter: str = "auto") -> Size | None:
    """About how many rows and columns a table has; None where it cannot be read, which is told when it is."""
    try:
        source = read_source(path)
        dialect = find_dialect(source, delimiter)
    except ConfigError:
        return None
    ends = max(source.data.count(b"\n"), source.data.count(b"\r"))
    return Size(max(1, ends - dialect.skipped), dialect.width - 1)
