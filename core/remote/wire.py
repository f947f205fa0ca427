"""Snapshots and commands as bytes, for a terminal that attaches to a run of another process.

A message is one line of JSON and the raw arrays behind it, cut into frames of at most 1 MB, each with a checksum. Only
the dataclasses of `snapshot`, `config`, `commands`, of findings and of this file can be built from bytes, every field
is checked by its type, and a stream is given up at its first wrong byte. The limits of numbers are checked where a
command is applied: a viewer shows a Config that the trainer has checked, and need not load the families for it
(measured: 1.5 s for the first, 15 ms for each later one).
"""

from __future__ import annotations

import dataclasses
import math
import struct
import types
import typing
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias, TypeGuard

import numpy as np

from .. import commands, snapshot
from ..config import Config
from ..config.sections import SECTIONS, LayerConfig
from ..config.tries import Try
from ..disk.canonical import Json, from_json, to_json
from ..errors import ConfigError
from ..tables.findings import ColumnFinding, Findings

VERSION = 10
MAX_FRAME = 1 << 20
"""Bytes of a frame, its head included."""
MAX_FRAMES = 16
"""Frames of one message; a command fits in one."""

_HEAD = struct.Struct("<I4sBBHI")  # bytes that follow, magic, version, whether the last, 0, CRC of the rest
_MAGIC = b"DLTW"
_DTYPES = {
    code: np.dtype(code) for code in ["<f4", "<f8", "<i8", "<i4", "<i2", "|i1", "|u1", "<u2", "<u4", "<u8", "|b1"]
}
_CODES = {dtype: code for code, dtype in _DTYPES.items()}


@dataclass(frozen=True)
class Hello:
    """What both sides say first."""

    version: int
    """`VERSION` of the one who says it."""
    dltui: str
    """Its release, for the message when the two do not understand each other."""
    run: str
    """Id of the run."""
    watch: bool = False
    """From a terminal: it only looks, its commands are ignored."""


@dataclass(frozen=True)
class Refusal:
    """Why nothing more will be said."""

    reason: str


Message: TypeAlias = snapshot.Snapshot | commands.Command | Hello | Refusal


def encode(message: object) -> bytes:
    """The frames of a Snapshot, a command, a `Hello` or a `Refusal`.

    Raises:
        ConfigError: It is none of these, or larger than 16 frames.
    """
    arrays: list[np.ndarray] = []
    value = _packed(message, arrays)
    table = [[_CODES[array.dtype], list(array.shape)] for array in arrays]
    text = to_json({"value": value, "arrays": table}).encode()
    text += b" " * (-(len(text) + 4) % 8)
    pieces = [struct.pack("<I", len(text)), text]
    for array in arrays:
        pieces += (array.tobytes(), bytes(-array.nbytes % 8))
    body = b"".join(pieces)
    room = MAX_FRAME - _HEAD.size
    n_frames = max(1, math.ceil(len(body) / room))
    if n_frames > MAX_FRAMES:
        raise ConfigError(f"is too large to be sent ({len(body)} bytes)", field=type(message).__name__)
    return b"".join(_frame(body[i * room : (i + 1) * room], i == n_frames - 1) for i in range(n_frames))


class Frames:
    """Bytes as they arrive -> messages; keeps at most one message that is not whole yet.

    Args:
        max_frames: Most frames of one message: 1 where only commands may come.
    """

    def __init__(self, max_frames: int = MAX_FRAMES) -> None:
        self._max_frames = max_frames
        self._rest = bytearray()
        self._chunks: list[bytes] = []

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are whole now.

        Raises:
            ConfigError: This is no such stream; nothing more can be read from it.
        """
        self._rest += data
        messages = []
        while len(self._rest) >= _HEAD.size:
            size, magic, version, last, zero, crc = _HEAD.unpack_from(self._rest)
            if magic != _MAGIC or zero or last > 1 or size + 4 > MAX_FRAME or size + 4 < _HEAD.size:
                raise ConfigError("is not what dltui sends", field="frame")
            if version != VERSION:
                raise ConfigError("is of another version", field="frame", value=version, allowed=f"version {VERSION}")
            if len(self._rest) < size + 4:
                break
            chunk = bytes(self._rest[_HEAD.size : size + 4])
            del self._rest[: size + 4]
            if _crc(chunk, last) != crc or len(self._chunks) == self._max_frames:
                raise ConfigError("is damaged or too long", field="frame")
            self._chunks.append(chunk)
            if last:
                body = b"".join(self._chunks)
                self._chunks.clear()
                messages.append(_decode(body))
        return messages


def _frame(chunk: bytes, last: bool) -> bytes:
    return _HEAD.pack(_HEAD.size - 4 + len(chunk), _MAGIC, VERSION, last, 0, _crc(chunk, last)) + chunk


def _crc(chunk: bytes, last: int) -> int:
    return zlib.crc32(chunk, VERSION + 2 * int(last))


def _decode(body: bytes) -> Message:
    """One message from its bytes."""
    wrong = ConfigError("is not what dltui sends", field="message")
    n_text = int.from_bytes(body[:4], "little")
    if len(body) < 4 or n_text > len(body) - 4:
        raise wrong
    content = from_json(body[4 : 4 + n_text], "message")
    if not isinstance(content, dict) or set(content) != {"value", "arrays"} or not isinstance(content["arrays"], list):
        raise wrong
    arrays = []
    at = 4 + n_text
    for entry in content["arrays"]:
        match entry:
            case [str(code), list(shape)] if code in _DTYPES and len(shape) <= 8 and all(map(_is_count, shape)):
                dtype = _DTYPES[code]
            case _:
                raise wrong
        size = math.prod(shape)
        if size * dtype.itemsize > len(body) - at:
            raise wrong
        arrays.append(np.frombuffer(body, dtype, size, at).reshape(shape))
        at += size * dtype.itemsize + -(size * dtype.itemsize) % 8
    if at != len(body):
        raise wrong
    message = _unpacked(content["value"], arrays)
    if not _is_message(message):
        raise wrong
    return message


def _is_count(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 <= value < 1 << 32


def _packed(value: object, arrays: list[np.ndarray]) -> Json:
    """JSON for a value; whatever is not a plain scalar becomes a list that starts with a letter."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case np.ndarray():
            array = np.asarray(value, value.dtype.newbyteorder("<"), order="C")
            if array.dtype not in _CODES:
                raise ConfigError(f"cannot be sent as an array of {array.dtype}", field="message")
            arrays.append(array)
            return ["a", len(arrays) - 1]
        case np.generic():
            scalar: Json = value.item()
            return scalar
        case tuple() | list():
            return ["t", *(_packed(item, arrays) for item in value)]
        case frozenset() | set():
            return ["s", *sorted(value)]
        case Mapping():
            return ["m", {str(key): _packed(item, arrays) for key, item in value.items()}]
    kind: type = type(value)
    if kind is not _types().get(kind.__name__):
        raise ConfigError(f"cannot be sent: {kind.__name__}", field="message")
    return ["d", kind.__name__, {field: _packed(getattr(value, field), arrays) for field in _hints(kind)}]


def _unpacked(value: Json, arrays: list[np.ndarray]) -> object:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case ["a", int(index)] if not isinstance(index, bool) and 0 <= index < len(arrays):
            return arrays[index]
        case ["t", *items]:
            return tuple(_unpacked(item, arrays) for item in items)
        case ["s", *items] if all(isinstance(item, str) for item in items):
            return frozenset(items)
        case ["m", dict(content)]:
            return {key: _unpacked(item, arrays) for key, item in content.items()}
        case ["d", str(name), dict(fields)] if name in _types():
            return _built(_types()[name], {key: _unpacked(item, arrays) for key, item in fields.items()})
    raise ConfigError("is not what dltui sends", field="message")


def _built(kind: type, values: dict[str, object]) -> object:
    hints = _hints(kind)
    if set(values) != set(hints):
        raise ConfigError("has other fields than this version knows", field=kind.__name__)
    for name, hint in hints.items():
        if not _fits(values[name], hint):
            raise ConfigError("is of another type than it should be", field=f"{kind.__name__}.{name}")
    return kind(**values)


def _fits(value: object, hint: object) -> bool:
    """Whether a value is of the type a field declares."""
    if hint is Any or hint is object:
        return _is_plain(value)
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if hint is int:
        return type(value) is int and -(1 << 63) <= value < 1 << 64
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return any(_fits(value, choice) for choice in inner)
    if origin is tuple and inner[-1] is Ellipsis:
        return isinstance(value, tuple) and all(_fits(item, inner[0]) for item in value)
    if origin is tuple:
        return isinstance(value, tuple) and len(value) == len(inner) and all(map(_fits, value, inner))
    if origin is frozenset:
        return isinstance(value, frozenset)
    if origin is not None:  # a mapping
        return isinstance(value, dict) and all(_fits(item, inner[1]) for item in value.values())
    return isinstance(hint, type) and isinstance(value, hint)


def _is_plain(value: object) -> bool:
    """Whether a setting is of a kind a Config may hold; what it may be is checked when it is applied."""
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    if isinstance(value, tuple):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, (bool, int, float, str))


@cache
def _types() -> dict[str, type]:
    """The dataclasses a message may hold, by name."""
    settings = (Config, LayerConfig, Try, *SECTIONS.values())
    places = (vars(snapshot).values(), vars(commands).values(), settings, (Hello, Refusal, Findings, ColumnFinding))
    found = [item for place in places for item in place if isinstance(item, type) and dataclasses.is_dataclass(item)]
    return {item.__name__: item for item in found}


def _is_message(value: object) -> TypeGuard[Message]:
    return type(value) in _messages()


@cache
def _messages() -> frozenset[type]:
    return frozenset(typing.get_args(Message))


@cache
def _hints(kind: type) -> dict[str, object]:
    hints: Callable[..., dict[str, object]] = typing.get_type_hints
    return hints(kind, localns={"Config": Config, "Findings": Findings})
