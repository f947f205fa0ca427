"""Unpacking gzip within a limit, so that a small file cannot fill the memory."""

from __future__ import annotations

import zlib

from ...errors import ConfigError

_GZIP = b"\x1f\x8b"


def is_gzip(data: bytes) -> bool:
    """Whether `data` starts as a gzip file does."""
    return data[:2] == _GZIP


def inflate(data: bytes, limit: int, file: str) -> bytes:
    """The content of gzipped `data`, at most `limit` bytes.

    Raises:
        ConfigError: It is longer, damaged, cut off, or followed by something else.
    """
    unpack = zlib.decompressobj(31)
    try:
        content = unpack.decompress(data, limit + 1)
    except zlib.error as error:
        raise ConfigError(f"is not a sound gzip file ({error})", file=file) from error
    if len(content) > limit:
        raise ConfigError("is too large when unpacked", file=file, allowed=f"at most {limit} bytes")
    if not unpack.eof or unpack.unused_data:
        raise ConfigError("is not one whole gzip file", file=file)
    return content
