"""The text of a file, whatever its encoding: UTF-8, UTF-16 or UTF-32 with and without its mark, old Windows, gzipped.

What is no table at all (a workbook, a database, a page) is refused with what to do about it.
"""

from __future__ import annotations

import codecs
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...disk.files import read_regular
from ...errors import ConfigError
from ...text import safe_text
from .gzipped import inflate, is_gzip

MAX_BYTES = 1 << 30
"""Largest file read, and the most a gzipped one may unpack to."""
MAX_RATIO = 100
"""How many times larger than its gzipped form a file may be."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHERS = (
    (b"PK\x03\x04", "is an Excel workbook or a ZIP archive; save the table as CSV, or unpack it"),
    (b"\xd0\xcf\x11\xe0", "is an Excel workbook; save the table as CSV"),
    (b"PAR1", "is a Parquet file; write it as CSV or NPZ"),
    (b"SQLite format 3", "is a database; write the table as CSV"),
    (b"%PDF", "is a PDF document, not a table"),
    (b"\x89HDF", "is an HDF5 file; write it as CSV or NPZ"),
    (b"BZh", "is packed by bzip2; unpack it first"),
    (b"\xfd7zXZ", "is packed by xz; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "is packed by zstd; unpack it first"),
    (b"\x93NUMPY", "is an NPY file, not a table of text"),
)
_PAGE = re.compile(rb"\s*(?:<!doctype|<html|<\?xml)", re.IGNORECASE)
_PIECE = 1 << 24
_CONTROL = frozenset(range(32)) - {9, 10, 12, 13, 26, 27}


@dataclass(frozen=True, eq=False)
class Source:
    """A file's content and how its bytes are letters."""

    file: str
    """Its path, safe to show."""
    data: bytes
    """Its bytes, unpacked."""
    encoding: str
    """Python's name of the encoding: "utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "latin-1"."""

    def lines(self) -> Iterator[str]:
        """The lines with their ends, one after the other."""
        return io.TextIOWrapper(io.BytesIO(self.data), self.encoding, errors="replace", newline="")

    def head(self, n_bytes: int) -> str:
        """The beginning of the text, cut at the end of a line where there is one."""
        text = io.TextIOWrapper(io.BytesIO(self.data[:n_bytes]), self.encoding, errors="replace", newline="").read()
        if len(self.data) <= n_bytes:
            return text
        end = max(text.rfind("\n"), text.rfind("\r"))
        return text[: end + 1] if end >= 0 else text


def read_source(path: str | os.PathLike[str]) -> Source:
    """The text of a file.

    Raises:
        ConfigError: It cannot be read, is too large, or is not text; says what to do.
    """
    return source_of(read_regular(path, MAX_BYTES), safe_text(os.fspath(path)))


def source_of(data: bytes, file: str) -> Source:
    """The same from the content of a file, called `file` in messages."""
    if is_gzip(data):
        data = inflate(data, min(MAX_BYTES, max(1 << 20, MAX_RATIO * len(data))), file)
    for magic, problem in _OTHERS:
        if data.startswith(magic):
            raise ConfigError(problem, file=file)
    if _PAGE.match(data[:200]):
        raise ConfigError("is a page of HTML or XML, not a table; save the table itself as CSV", file=file)
    return Source(file, data, _encoding(data, file))


def _encoding(data: bytes, file: str) -> str:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    start = data[:4096]
    if b"\0" in start:
        return _wide(start, file)
    if sum(byte in _CONTROL for byte in start) > len(start) // 10:
        raise ConfigError("is not text", file=file)
    if _decodes(data, "utf-8"):
        return "utf-8"
    return "cp1252" if _decodes(data, "cp1252") else "latin-1"


def _wide(start: bytes, file: str) -> str:
    """The encoding in two bytes a letter whose zeros lie where Western letters have them."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if odd > len(start) // 4 and even < odd // 8:
        return "utf-16-le"
    if even > len(start) // 4 and odd < even // 8:
        return "utf-16-be"
    raise ConfigError("is not text", file=file)


def _decodes(data: bytes, encoding: str) -> bool:
    """Whether all of it is of this encoding; in pieces, so that a large file is not held twice."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(data), _PIECE):
            decoder.decode(data[start : start + _PIECE], start + _PIECE >= len(data))
    except UnicodeDecodeError:
        return False
    return True
