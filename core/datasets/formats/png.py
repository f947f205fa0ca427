"""A decoder for small PNG pictures: 8 bits a channel, gray or color, with or without transparency, not interlaced.

Pictures to learn from are small, so one page of Python beats a dependency; and it can refuse by size before it decodes.
"""

from __future__ import annotations

import os
import struct
import zlib

import numpy as np

from ...disk.files import read_regular
from ...errors import ConfigError
from ...text import safe_text

MAX_FILE = 1 << 20
MAX_SIDE = 256
"""Widest and highest picture, in pixels."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}


def read_png(path: str | os.PathLike[str]) -> np.ndarray:
    """The picture as float64 (channels, height, width) in [0, 1]; 1 or 3 channels, transparent parts black.

    Raises:
        ConfigError: It is not a PNG picture of this kind; names the file.
    """
    file = safe_text(os.fspath(path))
    data = read_regular(path, MAX_FILE)
    width, height, color, packed = _chunks(data, file)
    n_channels = _CHANNELS[color]
    n_row = 1 + width * n_channels
    try:
        unpack = zlib.decompressobj()
        lines = unpack.decompress(packed, n_row * height + 1)
    except zlib.error as error:
        raise ConfigError(f"is not a sound PNG picture ({error})", file=file) from error
    if len(lines) != n_row * height:
        raise ConfigError("has more or fewer pixels than it says", file=file)
    pixels = _unfilter(lines, height, n_row, n_channels, file).reshape(height, width, n_channels) / 255.0
    channels = np.ascontiguousarray(pixels.transpose(2, 0, 1))
    return channels if color not in (4, 6) else on_black(channels[:-1], channels[-1])


def on_black(colors: np.ndarray, opacity: np.ndarray) -> np.ndarray:
    """Colors (channels, height, width) with their transparency taken into them; black ink on nothing is its opacity.

    Args:
        colors: In [0, 1].
        opacity: (height, width), 0 where nothing is.
    """
    mixed: np.ndarray = colors * opacity
    return mixed if mixed.any() or opacity.min() == opacity.max() else np.repeat(opacity[None], len(colors), axis=0)


def _chunks(data: bytes, file: str) -> tuple[int, int, int, bytes]:
    """Width, height, color type and the packed pixels."""
    if data[:8] != _SIGNATURE:
        raise ConfigError("is not a PNG picture", file=file)
    header: tuple[int, int, int] | None = None
    packed: list[bytes] = []
    position = 8
    while True:
        if position + 12 > len(data):
            raise ConfigError("is cut off", file=file)
        (length,) = struct.unpack_from(">I", data, position)
        kind = data[position + 4 : position + 8]
        body = data[position + 8 : position + 8 + length]
        position += 12 + length
        if position > len(data):
            raise ConfigError("is cut off", file=file)
        if zlib.crc32(kind + body) != int.from_bytes(data[position - 4 : position], "big"):
            raise ConfigError("is damaged (a checksum is wrong)", file=file)
        if header is None:
            header = _header(kind, body, file)
        elif kind == b"IDAT":
            packed.append(body)
        elif kind == b"IEND":
            return (*header, b"".join(packed))


def _header(kind: bytes, body: bytes, file: str) -> tuple[int, int, int]:
    if kind != b"IHDR" or len(body) != 13:
        raise ConfigError("is not a PNG picture", file=file)
    width, height, depth, color, compression, filtering, interlace = struct.unpack(">IIBBBBB", body)
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
        allowed = f"1 to {MAX_SIDE} pixels wide and high"
        raise ConfigError(f"is {width} by {height} pixels", file=file, allowed=allowed)
    if depth != 8 or color not in _CHANNELS or compression or filtering or interlace:
        raise ConfigError(
            "is a PNG picture of another kind",
            file=file,
            allowed="8 bits a channel, gray or RGB, with or without transparency, no palette, not interlaced",
        )
    return width, height, color


def _unfilter(lines: bytes, height: int, n_row: int, step: int, file: str) -> np.ndarray:
    """Undo the prediction of each row from its neighbors: uint8 (height, n_row - 1)."""
    above = bytearray(n_row - 1)
    out = np.empty((height, n_row - 1), np.uint8)
    for y in range(height):
        method = lines[y * n_row]
        row = bytearray(lines[y * n_row + 1 : (y + 1) * n_row])
        if method > 4:
            raise ConfigError(f"has a row with the unknown filter {method}", file=file)
        if method == 2:
            row = bytearray(((np.frombuffer(row, np.uint8) + np.frombuffer(above, np.uint8)) & 0xFF).tobytes())
        elif method:
            for i in range(len(row)):
                left = row[i - step] if i >= step else 0
                corner = above[i - step] if i >= step else 0
                row[i] = (row[i] + _predict(method, left, above[i], corner)) & 0xFF
        out[y] = row
        above = row
    return out


def _predict(method: int, left: int, up: int, corner: int) -> int:
    if method == 1:
        return left
    if method == 3:
        return (left + up) >> 1
    to_left, to_up, to_corner = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
    if to_left <= to_up and to_left <= to_corner:
        return left
    return up if to_up <= to_corner else corner
