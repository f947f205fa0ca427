"""Readers of NPY, NPZ and IDX files that trust nothing: what a file claims is checked before memory is spent on it.

NumPy reads the headers, but its loader is not used on files from outside: without pickles it still fills the memory on
request. Here the one error is `ConfigError`, and no byte is decoded that the header did not justify.
"""

from __future__ import annotations

import io
import math
import os
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable

import numpy as np
from numpy.lib import format as npy_format

from ...disk.files import read_regular
from ...errors import ConfigError
from ...tables.reading.gzipped import inflate, is_gzip
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

MAX_START = 12 + MAX_HEADER
"""Bytes up to the numbers of a .npy file, at most."""

_TEXTS = range(1, MAX_TEXT + 1)
_WIDTHS = {"f": (2, 4, 8), "i": (1, 2, 4, 8), "u": (1, 2, 4, 8), "b": (1,), "U": _TEXTS, "S": _TEXTS}
"""Kind of a type -> the widths that are read, in bytes or in characters."""
_HEADERS = {(1, 0): npy_format.read_array_header_1_0, (2, 0): npy_format.read_array_header_2_0}
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
    start = read(MAX_START)
    shape, in_columns, dtype, n_header = _npy_header(start, file)
    size = _n_bytes(shape, dtype, file)
    if n_header + size != n_total:
        raise ConfigError(f"has {n_total - n_header} bytes, but its header stands for {size}", file=file)
    content = start[n_header:] + read(max(0, size + 1 - (len(start) - n_header)))
    if len(content) != size:
        raise ConfigError("ends too early", file=file)
    array = np.frombuffer(content, dtype).reshape(shape, order="F" if in_columns else "C")
    if dtype.kind == "U":
        codes = np.frombuffer(content, f"{dtype.byteorder if dtype.byteorder in '<>' else '='}u4")
        if codes.size and int(codes.max()) > 0x10FFFF:
            raise ConfigError("holds a character that does not exist", file=file)
    if dtype.kind == "S":
        return np.char.decode(array, "utf-8", "replace")
    halves = dtype.kind == "f" and dtype.itemsize == 2
    return array.astype(np.float32 if halves else dtype.newbyteorder("="), copy=False)


def _npy_header(start: bytes, file: str) -> tuple[tuple[int, ...], bool, np.dtype, int]:
    """Shape, whether it lies by columns, type, and bytes up to the numbers, from the start of a file."""
    stream = io.BytesIO(start)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of files that a very old NumPy wrote
            read_header = _HEADERS[npy_format.read_magic(stream)]
            shape, in_columns, dtype = read_header(stream, max_header_size=MAX_HEADER)
    except Exception as error:  # the parsers of Python and NumPy raise a dozen kinds on what is none
        raise ConfigError(f"is not an array as NumPy writes them ({safe_text(error, 80)})", file=file) from error
    if dtype.hasobject:
        cure = "plain numbers or texts; array.astype(str) makes texts of labels"
        raise ConfigError("holds Python objects, which could run code when they are read", file=file, allowed=cure)
    width = dtype.itemsize // 4 if dtype.kind == "U" else dtype.itemsize
    if dtype.shape or width not in _WIDTHS.get(dtype.kind, ()):
        allowed = f"f2 to f8, i1 to i8, u1 to u8, b1, U1 to U{MAX_TEXT}, S1 to S{MAX_TEXT}"
        raise ConfigError(f"holds values of type {safe_text(dtype, 60)}", file=file, allowed=allowed)
    if len(shape) > MAX_DIMENSIONS or not all(type(n) is int and n >= 0 for n in shape):
        raise ConfigError("has an impossible shape", value=safe_text(shape, 60), file=file)
    return shape, in_columns, dtype, stream.tell()


def _n_bytes(shape: tuple[int, ...], dtype: np.dtype, file: str) -> int:
    n_bytes = math.prod(shape) * dtype.itemsize
    if n_bytes > MAX_DECODED:
        raise ConfigError(f"claims {n_bytes} bytes of numbers", file=file, allowed=f"at most {MAX_DECODED}")
    if n_bytes == 0:
        raise ConfigError("holds no numbers", value=shape, file=file)
    return n_bytes
