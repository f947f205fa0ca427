"""What the dashboard can be shown of a table before it is trained on: what is found in it, and its lines.

It is there before the first paint, so what it needs is imported when it is asked.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dltui.core.errors import ConfigError
from dltui.core.text import safe_text

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from dltui.core.config import Config
    from dltui.core.tables.findings import Findings
    from dltui.core.tables.reading.keep import Kept

_WIDEST = 2_000
"""Most characters of a line that are shown."""
_READ = 1 << 18
"""Most bytes of a file that are read for its first lines."""
_ENDINGS = (".csv", ".tsv", ".tab", ".csv.gz", ".tsv.gz", ".txt", ".data", ".dat")
"""How the names of tables end."""


class FileTables:
    """The user's tables.

    Args:
        source: What the command line names.
        choices: What it says of it: `target`, `drop`, `task`.
    """

    def __init__(self, source: str = "", choices: argparse.Namespace | None = None) -> None:
        self._source, self._choices = source, choices
        self._kept: Kept | None = None

    def is_table(self, source: str) -> bool:
        """Whether a file looks like a table; says so at once, without reading it."""
        return source.lower().endswith(_ENDINGS) and os.path.isfile(source)

    def open(self, source: str, show: Callable[[float], None]) -> tuple[Config, Findings]:
        """The settings that suit a table, and what is found in it.

        Raises:
            ConfigError: It cannot be read, or nothing can be learned from it.
        """
        from dltui.core.config.presets import load_preset

        from .plan import with_data_choices

        config = load_preset(source)
        if self._choices is not None and source == self._source:
            config = with_data_choices(config, self._choices)
        return config, self.find(config, show)

    def find(self, config: Config, show: Callable[[float], None]) -> Findings:
        """What is found in the table of a Config.

        Raises:
            ConfigError: What is set does not fit the table.
        """
        from dltui.core.data import prepare
        from dltui.core.tables.reading.keep import Kept, keeping
        from dltui.core.tables.reading.progress import watched

        self._kept = self._kept or Kept()
        with keeping(self._kept), watched(show):
            found = prepare(config.data, config.training.seed).findings
        if found is None:
            raise ConfigError("is no table of which anything is found", file=_path_of(config))
        return found

    def forget(self) -> None:
        """Give back the memory of what was read."""
        self._kept = None

    def lines(self, config: Config, n: int) -> Sequence[str]:
        """The first lines of the file, as they stand there, safe to show.

        Raises:
            ConfigError: It cannot be read.
        """
        from dltui.core.tables.reading.source import read_source

        source = read_source(str(config.data.settings["path"]))
        text = source.data[:_READ].decode(source.encoding, "replace")
        return [safe_text(line, _WIDEST) for line in text.splitlines()[:n]]


def _path_of(config: Config) -> str:
    return safe_text(config.data.settings.get("path", ""))
