"""Comparing drawings with plain-text files: `DLTUI_GOLDENS=write pytest tests/tui` makes them anew, to be looked at."""

from __future__ import annotations

import os
from pathlib import Path

from dltui.tui.draw.cells import Row, plain

FOLDER = Path(__file__).parents[1] / "tui" / "goldens"


def check(name: str, rows: list[Row]) -> None:
    """Fail unless the text of `rows` is that of the golden file."""
    file = FOLDER / f"{name}.txt"
    text = plain(rows)
    if os.environ.get("DLTUI_GOLDENS") == "write":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")
