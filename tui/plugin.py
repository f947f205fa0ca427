"""A user's own methods: a Python file whose records join the registry like any shipped one."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path

from dltui.core.errors import ConfigError
from dltui.core.registry import families, members_of
from dltui.core.text import safe_text


def load_plugins(files: Sequence[str]) -> None:
    """Add the methods of these files.

    Raises:
        ConfigError: A file cannot be read or fails, holds no method, or one whose name is taken.
    """
    for file in files:
        _load(file)


def _load(file: str) -> None:
    path, shown = Path(file), safe_text(file)
    if not path.is_file():
        raise ConfigError("is not a file", field="--plugin", value=shown)
    name = f"dltui_plugin_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ConfigError("is not a Python file", field="--plugin", value=shown)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        line = getattr(error, "lineno", None)
        problem = f"cannot be used ({type(error).__name__}: {safe_text(error)})"
        raise ConfigError(problem, file=shown, line=line) from error
    found = [(family, member) for family in families for member in members_of(module, families.record_type(family))]
    if not found:
        raise ConfigError("holds no method: none of its records is of a family", file=shown, choices=list(families))
    for family, member in found:
        families.add(family, member)
