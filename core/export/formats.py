"""Every format there is, found by looking into the folder."""

from __future__ import annotations

import os
import pkgutil
from functools import cache
from importlib import import_module

from ..errors import ConfigError
from ..registry import members_of
from .base import ExportFormat


@cache
def export_formats() -> dict[str, ExportFormat]:
    """Name -> format, in the order of their titles."""
    package = import_module(__package__)
    names = sorted(info.name for info in pkgutil.iter_modules(package.__path__) if not info.ispkg)
    found = [one for name in names for one in members_of(import_module(f"{__package__}.{name}"), ExportFormat)]
    return {one.name: one for one in sorted(found, key=lambda one: one.title.lower())}


def format_named(text: str) -> ExportFormat | None:
    """The format of a name, or of a file whose name ends in its suffix; None where there is none."""
    formats = export_formats()
    if text in formats:
        return formats[text]
    # A file may also be called like the suffix itself: "session.py".
    fitting = [one for one in formats.values() if f".{os.path.basename(text).lower()}".endswith(one.suffix)]
    return max(fitting, key=lambda one: len(one.suffix), default=None)


def check_format(text: str) -> ExportFormat:
    """The format of a name or of a file.

    Raises:
        ConfigError: There is none; lists them.
    """
    found = format_named(text)
    if found is None:
        formats = export_formats()
        allowed = f"{', '.join(formats)}, a file that ends in one of {' '.join(one.suffix for one in formats.values())}"
        raise ConfigError(
            "is no format", field="--to", value=text, allowed=f"{allowed}, or a folder for all of them",
            choices=[*formats],
        )  # fmt: skip
    return found
