"""Reading a TOML file a stranger may have written: small, regular, shallow, and with the line of every key.

`tomllib` parses; what it does not bound is bounded before (size, length of a line, dots of a key) and after (depth).
It does not tell where a value stood, so a scan of the lines finds the line of each key for the error messages.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..disk.files import read_regular
from ..errors import ConfigError

MAX_BYTES = 64 * 1024
MAX_LINE = 4 * 1024
MAX_DOTS = 16
MAX_DEPTH = 16

_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")
_KEY_PART = re.compile(r"""[\w"'-]+""")
_PART = r"""\s*(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)\s*"""
_KEY = rf"({_PART}(?:\.{_PART})*)"
_TABLES, _TABLE, _ENTRY = (re.compile(form) for form in (rf"\[\[{_KEY}\]\]", rf"\[{_KEY}\]\s*(?:#.*)?$", rf"{_KEY}="))
_QUOTES = ('"""', "'''")


@dataclass(frozen=True)
class TomlFile:
    """What a file says, and where."""

    path: str
    """As given."""
    values: dict[str, Any]
    """Parsed."""
    lines: tuple[str, ...]
    """The text, line by line."""

    def locate(self, error: ConfigError) -> ConfigError:
        """The error with this file and the line (for a formula the column too) of the field it names."""
        field, known = error.field or "", line_of_keys(self.lines)
        while field and field not in known:
            field = field.rpartition(".")[0]
        line = known.get(field)
        column = None
        if line is not None and error.column is not None and isinstance(error.value, str):
            start = self.lines[line - 1].find(error.value)
            column = start + error.column if start >= 0 else None
        return ConfigError(
            error.problem,
            field=error.field,
            value=error.value,
            allowed=error.allowed,
            choices=error.choices,
            file=self.path,
            line=line,
            column=column,
        )


def read_toml(path: str | os.PathLike[str]) -> TomlFile:
    """The file's content.

    Raises:
        ConfigError: It cannot be read, is no regular file, too large, not UTF-8 or not TOML; names the line.
    """
    name = os.fspath(path)
    try:
        text = read_regular(name, MAX_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError("is not UTF-8 text", file=name, line=error.object.count(b"\n", 0, error.start) + 1) from None
    lines = tuple(text.replace("\r\n", "\n").split("\n"))
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE:
            raise ConfigError("the line is too long", allowed=f"{MAX_LINE} characters", file=name, line=number)
        if line.count(".") > MAX_DOTS and _most_dots(line) > MAX_DOTS:
            raise ConfigError("a key has too many dots", allowed=f"{MAX_DOTS} dots", file=name, line=number)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        problem = _PLACE.sub("", str(error)).removesuffix(" (at end of document)")
        at, column = (int(place[1]), int(place[2])) if place else (len(lines), None)
        raise ConfigError(f"is not TOML: {problem}", file=name, line=at, column=column) from None
    except (ValueError, RecursionError) as error:
        reason = "nests too deep" if isinstance(error, RecursionError) else str(error)
        raise ConfigError(f"is not TOML: {reason}", file=name) from None
    if _is_deeper(values, MAX_DEPTH):
        raise ConfigError("nests too deep", allowed=f"{MAX_DEPTH} levels", file=name)
    return TomlFile(name, values, lines)


def line_of_keys(lines: tuple[str, ...]) -> dict[str, int]:
    """Path of each key and table -> its line, counted from 1."""
    found: dict[str, int] = {}
    n_tables: dict[str, int] = {}
    table = ""
    for number, line in _outside_strings(lines):
        text = line.strip()
        if head := _TABLES.match(text):
            path = _plain_key(head[1])
            n_tables[path] = n_tables.get(path, -1) + 1
            found.setdefault(path, number)
            table = f"{path}.{n_tables[path]}"
            found[table] = number
        elif head := _TABLE.match(text):
            table = _plain_key(head[1])
            found.setdefault(table, number)
        elif entry := _ENTRY.match(text):
            key = _plain_key(entry[1])
            found.setdefault(f"{table}.{key}" if table else key, number)
    return found


def _outside_strings(lines: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """The lines that begin outside of a string over several lines."""
    closing = ""
    for number, line in enumerate(lines, 1):
        if closing:
            if closing in line:
                closing = ""
            continue
        yield number, line
        entry = _ENTRY.match(line)
        value = line[entry.end() :] if entry else ""
        for quotes in _QUOTES:
            if value.lstrip().startswith(quotes) and value.count(quotes) == 1:
                closing = quotes


def _plain_key(text: str) -> str:
    """A key as its value is found by, without quotes and escapes."""
    parts: list[str] = []
    try:
        inner: Any = tomllib.loads(f"{text} = 0")
    except tomllib.TOMLDecodeError:  # a line of a text that only looks like a key
        return text
    while isinstance(inner, dict):
        ((part, inner),) = inner.items()
        parts.append(part)
    return ".".join(parts)


def _most_dots(line: str) -> int:
    """The most dots between parts of one key."""
    most = run = 0
    for part in line.split(".")[1:]:
        run = run + 1 if _KEY_PART.match(part.strip()) else 0
        most = max(most, run)
        if not _KEY_PART.fullmatch(part.strip()):
            run = 0
    return most


def _is_deeper(value: Any, depth: int) -> bool:
    if not isinstance(value, (dict, list)):
        return False
    if depth == 0:
        return True
    return any(_is_deeper(item, depth - 1) for item in (value.values() if isinstance(value, dict) else value))
