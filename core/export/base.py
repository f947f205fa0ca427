"""Contract of a format that a run is exported in.

A format is a record at the top of a file of this folder: adding one is adding a file. It makes all its bytes in memory
before a file is touched, so that an export that fails leaves nothing behind. What a format needs beyond dltui itself is
imported when it is asked for, and not before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from types import ModuleType

from ..config import Config
from ..errors import ConfigError
from ..predict.predictor import Predictor
from ..snapshot import Event
from ..training.bookmark import Bookmark
from ..training.history import History


@dataclass(frozen=True, eq=False)
class ExportedRun:
    """A run in the state that is exported."""

    name: str
    """What its files are called, unless another name is asked for."""
    bookmark: Bookmark
    """The newest state that was written, with its curves and events."""
    source: str
    """As it was asked for: id of the run, its folder, or a saved state."""

    @property
    def config(self) -> Config:
        """The settings in force."""
        return self.bookmark.state.config

    @property
    def history(self) -> History:
        """Its curves."""
        return self.bookmark.history

    @property
    def events(self) -> tuple[Event, ...]:
        """What happened in it, in order: the marks on the curves."""
        return self.bookmark.events

    @property
    def title(self) -> str:
        """Name for people."""
        return self.config.preset.title or self.name

    @cached_property
    def predictor(self) -> Predictor:
        """Its network with the preparation of its data."""
        return Predictor(self.bookmark.state)


@dataclass(frozen=True, kw_only=True)
class ExportFormat:
    """One format."""

    name: str
    """What it is asked for by: "onnx"."""
    title: str
    """Name for people."""
    summary: str
    """One line: what is in it, and what reads it."""
    suffix: str
    """End of the name of its file: ".onnx"."""
    make: Callable[[ExportedRun, str], Mapping[str, bytes]]
    """(run, name of the file without its suffix) -> name of each file -> its content, the main one first. Raises
    ConfigError for a run that cannot be exported so."""
    alone: bool = True
    """Whether its main file is of use without the others, so that it can go into a pipe."""
    is_text: bool = False
    """Whether its file can be shown in a terminal."""


def library(name: str, package: str) -> ModuleType:
    """A package that is not needed for anything else, imported now.

    Args:
        name: What is imported: "PIL.Image".
        package: What pip calls it.

    Raises:
        ConfigError: It is not installed; says the command that does it.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise ConfigError(
            f"needs the package {package}, which is not installed: pip install {package}", field="this format"
        ) from error
