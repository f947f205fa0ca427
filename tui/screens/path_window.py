"""A window in which a path or a name is typed, with the files that begin so, and with the reason where it cannot be.

What was typed stays until it is right. Tab completes as far as all files agree, as a shell does.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from dltui.core.text import safe_text

from .window import Window

MOST_NAMES = 8
"""Files listed at once."""
MOST_READ = 2_000
"""Entries of a folder that are looked at."""

Check = Callable[[str, bool], str]
"""(what was typed, whether Enter was pressed a second time on it) -> why it cannot be, "" where it can."""


def completed(text: str) -> tuple[str, list[str]]:
    """What is typed, completed as far as all fitting files agree, and their names; folders end with a slash."""
    folder, part = os.path.split(os.path.expanduser(text))
    names: list[str] = []
    try:
        with os.scandir(folder or ".") as entries:
            for number, entry in enumerate(entries):
                if number >= MOST_READ:
                    break
                hidden = entry.name.startswith(".") and not part.startswith(".")
                if entry.name.startswith(part) and entry.name.isprintable() and not hidden:
                    names.append(entry.name + (os.sep if entry.is_dir() else ""))
    except (OSError, ValueError):
        return text, []
    names.sort()
    common = _common(names[0], names[-1]) if names else ""
    head = text[: len(text) - len(os.path.basename(text))]
    return (head + common if len(common) > len(part) else text), names


def _common(first: str, last: str) -> str:
    """How both texts begin; of sorted names the first and the last begin as all do."""
    n = next((i for i, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    return first[:n]


def check_file(text: str, _again: bool) -> str:
    """Why a path cannot be opened; what is in the file is for the session to say."""
    path = os.path.expanduser(text)
    if not text:
        return "type the path of a preset (.toml) or of data"
    try:
        there = os.path.exists(path)
    except ValueError:
        there = False
    return "" if there else f"{safe_text(text, 200)} is not there"


class PathWindow(Window[str | None]):
    """A line to type a path in; gives back the path, with a leading ~ replaced.

    Args:
        title: Title of the window.
        said: What it is for.
        check: Says why what was typed cannot be.
        text: In the line at first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss", "Close"), ("tab", "complete", "Complete")]

    def __init__(self, title: str, said: str, check: Check = check_file, text: str = "") -> None:
        super().__init__()
        self._title, self._said, self._check, self._text = title, said, check, text
        self._asked = ""

    def compose(self) -> ComposeResult:
        """The line above the files that begin so."""
        with Vertical(classes="dialog -small") as dialog:
            dialog.border_title = self._title
            dialog.border_subtitle = "Enter · Tab complete · Esc close"
            yield Static(self._said, id="path-said", markup=False)
            yield Input(self._text, id="path-line", select_on_focus=False)
            yield Static(id="path-names", markup=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        """List the files that begin so."""
        self._asked = ""
        self._list(completed(event.value)[1] if event.value else [])

    def _list(self, names: list[str]) -> None:
        more = f" … {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        listed = "  ".join(safe_text(name, 40) for name in names[:MOST_NAMES])
        self.query_one("#path-names", Static).update(listed + more)

    def action_complete(self) -> None:
        """Complete what is typed as far as all files agree."""
        line = self.query_one(Input)
        line.value, names = completed(line.value)
        line.cursor_position = len(line.value)
        self._list(names)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take it, or say why it cannot be."""
        text = event.value.strip()
        why = self._check(text, self._asked == text)
        self._asked = text
        if why:
            self.query_one("#path-said", Static).update(f"✗ {why}")
        else:
            self.dismiss(os.path.expanduser(text))
