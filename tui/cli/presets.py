"""`dltui presets`: lists the presets; and the quick check of what the user named. Nothing here loads the compiler."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterable

from dltui.core.commands import LINE_PREFIX
from dltui.core.config.presets import SUFFIX, find_preset, list_presets
from dltui.core.config.toml import read_toml
from dltui.core.errors import ConfigError
from dltui.core.text import safe_text

from .parser import Parser, add_json_argument
from .streams import out


def check_source(source: str, commands: Iterable[str] = ()) -> None:
    """Find the preset or the file, before anything heavy is loaded.

    Args:
        source: What the user named.
        commands: Names that may have been meant as well.

    Raises:
        ConfigError: There is no such preset, or the file cannot be read.
    """
    if source.startswith(LINE_PREFIX):
        return  # what it says is checked where it is opened, with the families
    path = find_preset(source, commands)
    if path.endswith(SUFFIX):
        read_toml(path)
    elif not os.path.exists(path):
        raise ConfigError("is not there", value=safe_text(source, 60))


def add_arguments(parser: Parser) -> None:
    """What `dltui presets` takes."""
    add_json_argument(parser, "a JSON list")


def run(args: argparse.Namespace) -> int:
    """`dltui presets`: every preset by lesson; the exit code."""
    presets = list_presets()
    if args.json:
        keys = ("name", "title", "group", "lesson", "path")
        out(json.dumps([{key: getattr(preset, key) for key in keys} for preset in presets]))
        return 0
    width = max((len(preset.name) for preset in presets), default=0)
    group = None
    for preset in presets:
        if preset.group != group:
            group = preset.group
            out(f"\n{group or 'More'}")
        out(f"  {preset.name:<{width}}  {preset.title}")
    return 0
