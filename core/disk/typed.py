"""Fields of plain data that came from a file, each taken by name with its type and its bounds.

A file that is as it was written may still hold what no dltui writes. What is taken through here has the type it is
declared with, or there is one `ConfigError` that names the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeGuard

from ..errors import ConfigError

MAX_COUNT = 1 << 53
"""The most steps, decisions or epochs there can be."""


def is_count(value: object, high: int = MAX_COUNT) -> TypeGuard[int]:
    """Whether a value from a file is a whole number from 0 to `high`."""
    return type(value) is int and 0 <= value <= high


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value from a file is a number; it may be infinite or none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


class Fields:
    """A table of plain data.

    Args:
        data: The table.
        where: Its name, for messages.

    Raises:
        ConfigError: It is no table.
    """

    def __init__(self, data: object, where: str) -> None:
        if not isinstance(data, Mapping):
            raise ConfigError("is not a table", field=where, value=data)
        self._data, self._where = data, where

    def __contains__(self, name: str) -> bool:
        return name in self._data

    def names(self) -> tuple[str, ...]:
        """All names in the table."""
        return tuple(self._data)

    def raw(self, name: str) -> object:
        """A field as it is; None where there is none."""
        return self._data.get(name)

    def count(self, name: str, high: int = MAX_COUNT) -> int:
        """A whole number from 0 to `high`."""
        value = self._data.get(name)
        if not is_count(value, high):
            raise self.wrong(name)
        return value

    def whole(self, name: str, low: int, high: int = MAX_COUNT) -> int:
        """A whole number from `low` to `high`."""
        value = self._data.get(name)
        if type(value) is not int or not low <= value <= high:
            raise self.wrong(name)
        return value

    def number(self, name: str) -> float:
        """A number; it may be infinite or none."""
        value = self._data.get(name)
        if not is_number(value):
            raise self.wrong(name)
        return value

    def flag(self, name: str, default: bool | None = None) -> bool:
        """True or false."""
        value = self._data.get(name, default)
        if not isinstance(value, bool):
            raise self.wrong(name)
        return value

    def text(self, name: str, default: str | None = None, limit: int = 200) -> str:
        """A text of at most `limit` characters."""
        value = self._data.get(name, default)
        if not isinstance(value, str) or len(value) > limit:
            raise self.wrong(name)
        return value

    def table(self, name: str) -> Fields:
        """A table in this table."""
        return Fields(self._data.get(name), f"{self._where}.{name}")

    def mapping(self, name: str) -> Mapping[str, object]:
        """The same as a mapping."""
        value = self._data.get(name)
        if not isinstance(value, Mapping):
            raise self.wrong(name)
        return value

    def tables(self, name: str, limit: int) -> tuple[Fields, ...]:
        """A list of at most `limit` tables."""
        value = self._data.get(name)
        if not isinstance(value, (list, tuple)) or len(value) > limit:
            raise self.wrong(name)
        return tuple(Fields(item, f"{self._where}.{name}.{i}") for i, item in enumerate(value))

    def wrong(self, name: str) -> ConfigError:
        """The error for a field that is not what it must be."""
        problem = "is not what dltui writes" if name in self._data else "is missing"
        return ConfigError(problem, field=f"{self._where}.{name}", value=self._data.get(name))
