"""Readers of NPY, NPZ and IDX files that trust nothing: what a file claims is checked before memory is spent on it.

NumPy's own loader is not used on files from outside: without pickles it still fills the memory on request and raises
eight kinds of exception. Here the one error is `ConfigError`, and no byte is decoded that the header did not justify.
"""

from __future__ import annotations

import io
import math
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable

import numpy as np

from ...disk.files import read_regular
from ...errors import ConfigError
from ...tables.gzipped import inflate, is_gzip
from ...text import safe_text

MAX_FILE = 1 << 28
"""Largest file read, in bytes."""
MAX_DECODED = 1 << 28
"""Most bytes of numbers taken from one file."""
MAX_RATIO = 100
"""How many times larger than its compressed form a large member may be; real data compresses 2 to 20 times."""
SMALL = 1 << 24
"""Up to so many bytes a member may be as much larger as it likes: mostly black pictures compress 300 times."""
MAX_MEMBERS = 16
MAX_HEADER = 4096
MAX_DIMENSIONS = 6
MAX_TEXT = 256
"""Longest text in an array of texts, in characters."""

_NPY_HEADER = re.compile(
    r"\{'descr': '([<>|=]?)([fiubUS])([0-9]{1,3})', 'fortran_order': (True|False), 'shape': \(([0-9, ]*)\),? ?\} *\n?"
)
_IDX_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}

Read = Callable[[int], bytes]


def read_npy(path: str | os.PathLike[str]) -> np.ndarray:
    """The array of a .npy file.

    Raises:
        ConfigError: It is not a sound file of numbers or texts within the limits.
    """
    data = read_regular(path, MAX_FILE)
    return _npy(io.BytesIO(data).read, len(data), safe_text(os.fspath(path)))


def read_npz(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """The arrays of a .npz file, by name.

    Raises:
        ConfigError: It is not a sound archive of at most 16 arrays within the limits.
    """
    file = safe_text(os.fspath(path))
    data = read_regular(path, MAX_FILE)
    _check_directory(data, file)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _check_members(members, len(data), file)
            arrays: dict[str, np.ndarray] = {}
            for member in members:
                name = safe_text(member.filename.removesuffix(".npy"), 60)
                if name in arrays:
                    raise ConfigError("is there twice", field=name, file=file)
                with archive.open(member) as stream:
                    arrays[name] = _npy(stream.read, member.file_size, f"{file}, array {name}")
            return arrays
    except ConfigError:
        raise
    except Exception as error:  # zipfile raises a dozen kinds on damage, and others by version
        raise ConfigError(f"is not a sound NPZ file ({safe_text(error, 80)})", file=file) from error


def read_idx(path: str | os.PathLike[str]) -> np.ndarray:
    """The array of an IDX file (the form of MNIST), gzipped or not, in the machine's byte order.

    Raises:
        ConfigError: It is not a sound IDX file within the limits.
    """
    file = safe_text(os.fspath(path))
    data = read_regular(path, MAX_FILE)
    packed = is_gzip(data)
    shape, dtype = _idx_header(data, file)
    n_header = 4 + 4 * len(shape)
    size = n_header + _n_bytes(shape, dtype, file)
    if packed:
        if size > max(MAX_RATIO * len(data), SMALL):
            raise ConfigError(f"claims {size} bytes in {len(data)} compressed ones", file=file)
        data = inflate(data, size, file)
    if len(data) != size:
        raise ConfigError(f"has {len(data)} bytes, but its header stands for {size}", file=file)
    return np.frombuffer(data, dtype, offset=n_header).reshape(shape).astype(dtype.newbyteorder("="))


def idx_shape(path: str | os.PathLike[str]) -> tuple[int, ...]:
    """The shape an IDX file claims, without its numbers.

    Raises:
        ConfigError: It does not begin like an IDX file.
    """
    file = safe_text(os.fspath(path))
    try:
        with open(path, "rb") as stream:
            head = stream.read(4096)
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror})", file=file) from error
    return _idx_header(head, file)[0]


def _idx_header(data: bytes, file: str) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and type of the numbers of an IDX file, from its beginning."""
    longest = 4 + 4 * MAX_DIMENSIONS
    head = _start(data, longest, file) if is_gzip(data) else data[:longest]
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in _IDX_TYPES or not 1 <= head[3] <= MAX_DIMENSIONS:
        raise ConfigError("is not an IDX file (its first bytes are not 0, 0, type, dimensions)", file=file)
    n_header = 4 + 4 * head[3]
    if len(head) < n_header:
        raise ConfigError("ends within its header", file=file)
    return struct.unpack(f">{head[3]}I", head[4:n_header]), np.dtype(_IDX_TYPES[head[2]])


def _start(data: bytes, n: int, file: str) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(data, n)
    except zlib.error as error:
        raise ConfigError(f"is not a sound gzip file ({error})", file=file) from error


def _check_directory(data: bytes, file: str) -> None:
    """Refuse what the archive reader would walk through at length, from the last 42 bytes alone."""
    end = data[-22:]
    if len(end) < 22 or end[:4] != b"PK\x05\x06" or data[-42:-38] == b"PK\x06\x07":
        raise ConfigError("is not an NPZ file as NumPy writes them", file=file)
    n_members, n_bytes = struct.unpack("<HI", end[10:16])
    if n_members > MAX_MEMBERS or n_bytes > MAX_MEMBERS * 1024:
        raise ConfigError(f"holds {n_members} arrays", file=file, allowed=f"at most {MAX_MEMBERS}")


def _check_members(members: list[zipfile.ZipInfo], n_file: int, file: str) -> None:
    if len(members) > MAX_MEMBERS:
        raise ConfigError(f"holds {len(members)} arrays", file=file, allowed=f"at most {MAX_MEMBERS}")
    if sum(member.compress_size for member in members) > n_file:
        raise ConfigError("has arrays that overlap", file=file)
    if sum(member.file_size for member in members) > MAX_DECODED:
        raise ConfigError("is too large when unpacked", file=file, allowed=f"at most {MAX_DECODED} bytes")
    for member in members:
        name = safe_text(member.filename, 60)
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or member.flag_bits & 1:
            raise ConfigError("is packed in a way that is not read", field=name, file=file)
        if member.file_size > max(MAX_RATIO * member.compress_size + MAX_HEADER, SMALL):
            sizes = f"claims {member.file_size} bytes in {member.compress_size} compressed ones"
            raise ConfigError(sizes, field=name, file=file)


def _npy(read: Read, n_total: int, file: str) -> np.ndarray:
    """One array from a stream of `n_total` bytes."""
    start = read(8)
    if len(start) < 8 or start[:6] != b"\x93NUMPY" or start[6] not in (1, 2, 3):
        raise ConfigError("is not an array as NumPy writes them", file=file)
    n_length = 2 if start[6] == 1 else 4
    length = int.from_bytes(read(n_length), "little")
    if not 0 < length <= MAX_HEADER:
        raise ConfigError(f"has a header of {length} bytes", file=file, allowed=f"1 to {MAX_HEADER}")
    header = read(length).decode("latin-1")
    match = _NPY_HEADER.fullmatch(header)
    if match is None and "'descr': '|O'" in header:
        cure = "plain numbers or texts; array.astype(str) makes texts of labels"
        raise ConfigError("holds Python objects, which could run code when they are read", file=file, allowed=cure)
    if match is None:
        raise ConfigError("holds something else than plain numbers or texts", file=file)
    order, kind, width, fortran, dimensions = match.groups()
    dtype = _dtype(order, kind, int(width), file)
    shape = _shape(dimensions, file)
    size = _n_bytes(shape, dtype, file)
    if 8 + n_length + length + size != n_total:
        raise ConfigError(f"has {n_total - 8 - n_length - length} bytes, but its header stands for {size}", file=file)
    content = read(size + 1)
    if len(content) != size:
        raise ConfigError("ends too early", file=file)
    array = np.frombuffer(content, dtype).reshape(shape, order="F" if fortran == "True" else "C")
    if kind == "U":
        codes = np.frombuffer(content, f"{dtype.byteorder if dtype.byteorder in '<>' else '='}u4")
        if codes.size and int(codes.max()) > 0x10FFFF:
            raise ConfigError("holds a character that does not exist", file=file)
    if kind == "S":
        return np.char.decode(array, "utf-8", "replace")
    return array.astype(np.float32 if kind == "f" and dtype.itemsize == 2 else dtype.newbyteorder("="), copy=False)


def _dtype(order: str, kind: str, width: int, file: str) -> np.dtype:
    texts = range(1, MAX_TEXT + 1)
    widths = {"f": (2, 4, 8), "i": (1, 2, 4, 8), "u": (1, 2, 4, 8), "b": (1,), "U": texts, "S": texts}[kind]
    if width not in widths:
        raise ConfigError(
            f"holds numbers of type {kind}{width}",
            file=file,
            allowed=f"f2 to f8, i1 to i8, u1 to u8, b1, U1 to U{MAX_TEXT}, S1 to S{MAX_TEXT}",
        )
    return np.dtype(f"{order}{kind}{width}")


def _shape(text: str, file: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.removesuffix(",").split(",")] if text.strip() else []
    if len(parts) > MAX_DIMENSIONS or not all(part.isdigit() and len(part) <= 10 for part in parts):
        raise ConfigError("has a shape that cannot be", value=f"({text})", file=file)
    return tuple(int(part) for part in parts)


def _n_bytes(shape: tuple[int, ...], dtype: np.dtype, file: str) -> int:
    n_bytes = math.prod(shape) * dtype.itemsize
    if n_bytes > MAX_DECODED:
        raise ConfigError(f"claims {n_bytes} bytes of numbers", file=file, allowed=f"at most {MAX_DECODED}")
    if n_bytes == 0:
        raise ConfigError("holds no numbers", value=shape, file=file)
    return n_bytes
