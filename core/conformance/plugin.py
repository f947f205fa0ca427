"""A user's own methods: a Python file whose records join the registry like any shipped one.

This is the one place where a user's code is run, so it is only ever reached from a name on the command line; nothing a
preset or a run says leads here. What joins has passed the battery the shipped members pass.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import stat
import sys
import threading
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from ..errors import ConfigError
from ..registry import Member, families, members_of
from ..text import safe_text
from .check import check

MAX_BYTES = 1 << 20
"""Largest file that is taken for one method."""

_loaded: set[Path] = set()
_lock = threading.Lock()


def load_plugins(files: Sequence[str]) -> None:
    """Add the methods of these files; a file that has been loaded before is left as it is.

    Raises:
        ConfigError: A file cannot be read or fails, holds no method, or one that is taken or does not pass.
    """
    with _lock:
        for file in files:
            path = Path(os.path.realpath(file))
            if path not in _loaded:
                _load(path, safe_text(file))
                _loaded.add(path)


def _load(path: Path, shown: str) -> None:
    _check_file(path, shown)
    module = _run(path, shown)
    found = _members(module)
    if not found:
        raise ConfigError(
            "holds no method: none of its records belongs to a family", file=shown, choices=list(families)
        )
    for family, member in found:
        if member.name in families[family]:
            problem = f"is already one of the {family}; give yours another name"
            raise ConfigError(problem, field="name", value=member.name, file=shown)
    for family, member in found:
        try:
            check(family, member)
        except ConfigError as error:
            raise error.at(file=shown) from error.__cause__
    for family, member in found:
        families[family].add(member)


def _check_file(path: Path, shown: str) -> None:
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigError(f"cannot be read: {reason}", field="--plugin", value=shown) from None
    if not stat.S_ISREG(status.st_mode) or path.suffix != ".py":
        raise ConfigError("is not a Python file", field="--plugin", value=shown)
    if status.st_size > MAX_BYTES:
        raise ConfigError("is too large for a method", field="--plugin", value=shown, allowed=f"{MAX_BYTES} bytes")


def _run(path: Path, shown: str) -> ModuleType:
    """The module of a file. Its name follows from its place, since the cache of compiled kernels is found by it."""
    name = f"dltui_plugin_{path.stem}_{hashlib.sha256(os.fsencode(path)).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    kept = sys.dont_write_bytecode
    # Nothing is written beside the user's file.
    sys.dont_write_bytecode = True
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        problem = f"cannot be used ({type(error).__name__}: {safe_text(error)})"
        raise ConfigError(problem, file=shown, line=_line(error, path)) from error
    finally:
        sys.dont_write_bytecode = kept
    return module


def _line(error: BaseException, path: Path) -> int | None:
    """Line of the file in which it failed."""
    if isinstance(error, SyntaxError):
        return error.lineno
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return lines[-1] if lines else None


def _members(module: ModuleType) -> list[tuple[str, Member]]:
    """(family, record) of what the file itself defines: a shipped record it imports is none of its own."""
    return [
        (family, member)
        for family in families
        for member in members_of(module, families[family].kind)
        if all(member is not known for known in families[family].values())
    ]
