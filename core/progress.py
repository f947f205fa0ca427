"""How far a user has come: the lessons that were told, the experiments that were made, whether the tour was seen.

It is one small file in the user's home. Nothing depends on it: where it cannot be written nothing is remembered, and
one that is damaged is said once and begun anew.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from .disk.canonical import from_json, to_json
from .disk.files import make_folder, read_regular, write_atomic
from .disk.home import home_folder
from .errors import ConfigError

FILE = "progress.json"
MAX_BYTES = 256 * 1024
MOST_LESSONS, MOST_TRIES = 2_000, 100
"""Names of lessons and numbers of experiments that are believed."""


@dataclass(frozen=True)
class Progress:
    """What is remembered of a user."""

    done: frozenset[str] = frozenset()
    """Names of the lessons whose story was told."""
    tried: Mapping[str, frozenset[int]] = field(default_factory=lambda: MappingProxyType({}))
    """Name of a lesson -> which of its experiments came to an outcome, counted from 0."""
    toured: bool = False
    """Whether the tour was shown."""

    def with_done(self, name: str) -> Progress:
        """The same with a lesson more."""
        return replace(self, done=self.done | {name})

    def with_tried(self, name: str, numbers: frozenset[int]) -> Progress:
        """The same with experiments more."""
        known = self.tried.get(name, frozenset()) | numbers
        return replace(self, tried=MappingProxyType({**self.tried, name: known}))


def read_progress() -> tuple[Progress, str]:
    """What is remembered, and what to say to the user; "" where all is well."""
    path = _path()
    if not path or not os.path.lexists(path):
        return Progress(), ""
    try:
        return _progress(read_regular(path, MAX_BYTES), path), ""
    except (ConfigError, OSError) as error:
        write_progress(Progress())
        why = error.strerror if isinstance(error, OSError) else "it is damaged"
        return Progress(), f"Which lessons are done cannot be read from {path} ({why}); it is begun anew."


def write_progress(progress: Progress) -> bool:
    """Remember it; whether that was possible."""
    path = _path()
    if not path:
        return False
    content = {
        "done": sorted(progress.done),
        "tried": {name: sorted(numbers) for name, numbers in sorted(progress.tried.items())},
        "toured": progress.toured,
    }
    with suppress(OSError, ConfigError):
        make_folder(os.path.dirname(path))
        write_atomic(path, to_json(content).encode())
        return True
    return False


def _path() -> str:
    home = home_folder()
    return os.path.join(home, FILE) if home else ""


def _progress(data: bytes, path: str) -> Progress:
    """What a file says.

    Raises:
        ConfigError: It is not what is written here.
    """
    match from_json(data, path):
        case {"done": list(done), "tried": dict(tried), "toured": bool(toured), **others} if not others:
            names = [name for name in done if isinstance(name, str)]
            numbers = {name: _numbers(value) for name, value in tried.items()}
            if len(names) == len(done) <= MOST_LESSONS and len(numbers) <= MOST_LESSONS:
                return Progress(frozenset(names), MappingProxyType(numbers), toured)
    raise ConfigError("is not what dltui writes", file=path)


def _numbers(value: object) -> frozenset[int]:
    if not isinstance(value, list) or len(value) > MOST_TRIES:
        raise ConfigError("is not a list of experiments")
    found = frozenset(number for number in value if type(number) is int and 0 <= number < MOST_TRIES)
    if len(found) != len(value):
        raise ConfigError("is not a list of experiments")
    return found
