"""The state of a run as one file: safetensors, plus what that format lacks.

Loading safetensors never runs code, but it cannot see a flipped bit. So the header carries a SHA-256 of the whole file
(computed with the digest's own place filled with zeros), and only the exact bytes that `encode` writes are taken: every
changed byte, in the header, the padding or the data, is noticed. Any safetensors reader can open the file.
"""

from __future__ import annotations

import hashlib
import math
import os
import struct
from collections.abc import Mapping
from typing import TypeAlias, TypeGuard

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_safetensors

from ..disk.canonical import from_json, to_json
from ..disk.disk import DISK, Disk
from ..disk.files import read_regular, write_atomic
from ..errors import ConfigError
from ..text import safe_text
from .journal import OTHER_VERSION

FORMAT = "1"
MAX_HEADER = 1 << 20
MAX_TENSORS = 4096
MAX_BYTES = 2 << 30

Header: TypeAlias = Mapping[str, object]

_NO_DIGEST = "0" * 64
_TYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "|i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "|u1",
    "BOOL": "|b1",
}
_NAMES = {np.dtype(code): name for name, code in _TYPES.items()}


def encode(arrays: Mapping[str, np.ndarray], meta: Mapping[str, object]) -> bytes:
    """A checkpoint as bytes; equal states give equal bytes.

    Args:
        arrays: Name -> array of numbers or bools, any shape.
        meta: Plain data: counters, settings, anything `to_json` takes.

    Raises:
        ConfigError: Too many or too large, or of a kind that cannot be saved.
    """
    entries: dict[str, object] = {}
    pieces: list[memoryview] = []
    end = 0
    if len(arrays) > MAX_TENSORS:
        raise ConfigError(f"has too many arrays for a checkpoint ({len(arrays)})", allowed=f"at most {MAX_TENSORS}")
    for name in sorted(arrays):
        array = np.asarray(arrays[name])
        array = np.asarray(array, array.dtype.newbyteorder("<"), order="C")
        if array.dtype not in _NAMES or not name or name == "__metadata__":
            raise ConfigError(f"cannot be saved as an array of {array.dtype}", field=name)
        entries[name] = {
            "dtype": _NAMES[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [end, end + array.nbytes],
        }
        end += array.nbytes
        pieces.append(array.reshape(-1).view(np.uint8).data)
    if end > MAX_BYTES - MAX_HEADER:
        raise ConfigError(f"is too large for a checkpoint ({end} bytes)", allowed=f"at most {MAX_BYTES} bytes")
    metadata = {"digest": _NO_DIGEST, "format": FORMAT, "meta": to_json(meta)}
    start = _start(entries, metadata)
    digest = hashlib.sha256(start)
    for piece in pieces:
        digest.update(piece)
    metadata["digest"] = digest.hexdigest()
    return b"".join([_start(entries, metadata), *pieces])


def decode(data: bytes, file: str = "checkpoint") -> tuple[dict[str, np.ndarray], dict[str, object]]:
    """The arrays and the plain data of a checkpoint.

    Raises:
        ConfigError: A single byte is not as it was written, or it is of a later version; names `file`.
    """
    header = _header(data, file)
    metadata = header.pop("__metadata__", None)
    if not _is_metadata(metadata):
        raise ConfigError("was not written by dltui", file=file)
    if metadata["format"] != FORMAT:
        raise ConfigError(OTHER_VERSION, value=metadata["format"], allowed=f"version {FORMAT}", file=file)
    if len(header) > MAX_TENSORS:
        raise ConfigError("has too many arrays", file=file)
    n_header = len(_start(header, metadata))
    same_header = data[:n_header] == _start(header, metadata)
    digest = hashlib.sha256(_start(header, {**metadata, "digest": _NO_DIGEST}))
    digest.update(memoryview(data)[n_header:])
    if not same_header or digest.hexdigest() != metadata["digest"]:
        raise ConfigError("is damaged: its digest is not that of its content", file=file)
    _check_entries(header, len(data) - n_header, file)
    meta = from_json(metadata["meta"], file)
    if not isinstance(meta, dict):
        raise ConfigError("has no settings", file=file)
    try:
        return load_safetensors(data), meta
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"cannot be read ({safe_text(error)})", file=file) from error


def save(
    path: str | os.PathLike[str], arrays: Mapping[str, np.ndarray], meta: Mapping[str, object], disk: Disk = DISK
) -> None:
    """Write a checkpoint; when this returns it survives a loss of power.

    Raises:
        ConfigError: It cannot be a checkpoint.
        OSError: It could not be written; an older file at `path` is still there.
    """
    write_atomic(path, encode(arrays, meta), disk)


def load(path: str | os.PathLike[str], disk: Disk = DISK) -> tuple[dict[str, np.ndarray], dict[str, object]]:
    """Read what `save` wrote.

    Raises:
        ConfigError: It cannot be read or is damaged; names the file.
    """
    return decode(read_regular(path, MAX_BYTES, disk), safe_text(os.fspath(path)))


def _start(entries: Header, metadata: Mapping[str, str]) -> bytes:
    """Length and header, padded so that the data is aligned."""
    text = to_json({**entries, "__metadata__": metadata}).encode("ascii")
    text += b" " * (-len(text) % 8)
    if len(text) > MAX_HEADER:
        raise ConfigError("has too much beside its arrays for a checkpoint", allowed=f"at most {MAX_HEADER} bytes")
    return struct.pack("<Q", len(text)) + text


def _header(data: bytes, file: str) -> dict[str, object]:
    if len(data) < 8:
        raise ConfigError("is too short for a checkpoint", file=file)
    size = int.from_bytes(data[:8], "little")
    if size > MAX_HEADER or size > len(data) - 8:
        raise ConfigError("is not a checkpoint, or only a part of one", file=file)
    try:
        header = from_json(data[8 : 8 + size], file)
    except ConfigError as error:
        raise ConfigError("is not a checkpoint, or a damaged one", file=file) from error
    if not isinstance(header, dict):
        raise ConfigError("is not a checkpoint", file=file)
    return header


def _is_metadata(metadata: object) -> TypeGuard[dict[str, str]]:
    return (
        isinstance(metadata, dict)
        and set(metadata) == {"digest", "format", "meta"}
        and all(isinstance(value, str) for value in metadata.values())
    )


def _check_entries(entries: Header, n_data: int, file: str) -> None:
    """Arrays lie one behind the other in the order of their names, each as long as its shape says."""
    end = 0
    for name in sorted(entries):
        entry = entries[name]
        wrong = ConfigError("does not describe an array", field=safe_text(name, 60), file=file)
        if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
            raise wrong
        shape, offsets, dtype = entry["shape"], entry["data_offsets"], entry["dtype"]
        if not isinstance(dtype, str) or dtype not in _TYPES or not _counts(shape) or len(shape) > 32:
            raise wrong
        size = math.prod(shape) * np.dtype(_TYPES[dtype]).itemsize
        if not _counts(offsets) or offsets != [end, end + size]:
            raise wrong
        end += size
    if end != n_data:
        raise ConfigError("holds more or less than its header says", file=file)


def _counts(values: object) -> TypeGuard[list[int]]:
    return isinstance(values, list) and all(type(value) is int and value >= 0 for value in values)
