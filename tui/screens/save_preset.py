"""Saving the settings in force as a preset: under a name of the user's, never over another file without asking."""

from __future__ import annotations

import os
from collections.abc import Mapping

from dltui.core.config import Config
from dltui.core.config.presets import SUFFIX, save_preset, user_folder
from dltui.core.errors import ConfigError
from dltui.core.text import safe_text


class PresetSaver:
    """Takes a name and writes the preset.

    Args:
        config: In force.
        source: Name or path of the preset the run began with, whose comments are kept; "" for none.
        plan: Changes to come, step -> Config paths and values.
    """

    def __init__(self, config: Config, source: str, plan: Mapping[int, Mapping[str, object]]) -> None:
        self._config, self._source, self._plan = config, source, plan
        self.path = ""
        """The file that was written."""
        self.shell_name = ""
        """What `dltui` takes to open it."""
        folder = user_folder()
        self.said = f"A name (kept in {safe_text(folder, 80)}) or a path that ends in .toml"
        """What to say above the line."""
        stem = os.path.basename(source).removesuffix(SUFFIX) if not source.startswith("dltui:") else ""
        self.suggestion = f"my_{stem or 'preset'}"
        """A name to begin with."""

    def save(self, text: str, again: bool) -> str:
        """Write it; why it cannot be, "" where it was."""
        path = os.path.expanduser(text)
        if not text:
            return "type a name"
        if not (text.endswith(SUFFIX) or os.sep in text):
            name = text.lower().replace("-", "_").replace(" ", "_")
            if not name.isprintable() or name.startswith("."):
                return "a name is letters, digits and _"
            path = os.path.join(user_folder(), name + SUFFIX)
            self.shell_name = name
        elif not text.endswith(SUFFIX):
            return f"the path of a preset ends in {SUFFIX}"
        else:
            self.shell_name = path
        if os.path.lexists(path) and not again:
            return f"{safe_text(path, 120)} is there already; Enter again replaces it"
        try:
            save_preset(self._config, path, self._source, self._plan)
        except ConfigError as error:
            return str(error)
        self.path = path
        return ""
