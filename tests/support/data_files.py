"""Makers of small data files for the tests of loading, sound and damaged, and the settings that load them."""

import gzip
import io
import struct
import zlib

import numpy as np

from dltui.core.config.sections import DataConfig
from dltui.core.registry import families


def section(name, scaler="none", val_fraction=0.5, scaler_settings=None, **settings):
    """A `[data]` section with defaults filled in."""
    member, scaling = families["datasets"][name], families["scalers"][scaler]
    return DataConfig(
        name=name,
        val_fraction=val_fraction,
        scaler=scaler,
        settings={
            param.name: param.check(settings.pop(param.name, param.default), param.name) for param in member.params
        }
        | settings,
        scaler_settings={param.name: param.default for param in scaling.params} | (scaler_settings or {}),
    )


def npy_bytes(array):
    """A .npy file as NumPy writes it."""
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def npz_bytes(compressed=True, **arrays):
    """A .npz file as NumPy writes it."""
    stream = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(stream, **arrays)
    return stream.getvalue()


def idx_bytes(array, code=None, packed=False):
    """An IDX file."""
    codes = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}
    kind = f"{array.dtype.kind}{array.dtype.itemsize}"
    head = bytes((0, 0, codes[kind] if code is None else code, array.ndim)) + struct.pack(
        f">{array.ndim}I", *array.shape
    )
    data = head + array.astype(array.dtype.newbyteorder(">")).tobytes()
    return gzip.compress(data, mtime=0) if packed else data


def png_bytes(pixels, method=0, color=None, depth=8, interlace=0, side=None):
    """A PNG picture of uint8 (height, width, channels), every row filtered by `method` (5: all five in turn)."""
    height, width, n_channels = pixels.shape
    color = {1: 0, 2: 4, 3: 2, 4: 6}[n_channels] if color is None else color
    lines = bytearray()
    flat = pixels.reshape(height, -1).astype(int)
    for y in range(height):
        kind = y % 5 if method == 5 else method
        up = flat[y - 1] if y else np.zeros_like(flat[0])
        left = np.r_[np.zeros(n_channels, int), flat[y][:-n_channels]]
        corner = np.r_[np.zeros(n_channels, int), up[:-n_channels]]
        guess = left + up - corner
        distances = np.abs([guess - left, guess - up, guess - corner])
        paeth = np.choose(np.argmin(distances, axis=0), [left, up, corner])
        prediction = [0 * up, left, up, (left + up) // 2, paeth][kind]
        lines += bytes([kind]) + ((flat[y] - prediction) % 256).astype(np.uint8).tobytes()
    w, h = side or (width, height)
    header = struct.pack(">IIBBBBB", w, h, depth, color, 0, 0, interlace)
    middle = zlib.compress(bytes(lines))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(kind, body)
        for kind, body in ((b"IHDR", header), (b"IDAT", middle[:7]), (b"IDAT", middle[7:]), (b"IEND", b""))
    )


def chunk(kind, body):
    """One chunk of a PNG file."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def table_text(rng, n=30):
    """A sound CSV file with a text column, a quoted name and a text target."""
    rows = [f'{a:.3f},{b},{"red" if a > 0 else "blue"},{"yes" if b > 3 else "no"}' for a, b in
            zip(rng.normal(size=n), rng.integers(0, 8, n), strict=True)]  # fmt: skip
    return 'width,"height, cm",color,good\n' + "\n".join(rows) + "\n"
