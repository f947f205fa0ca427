"""The keys, as the key table has them, those of the panel in focus first; found by typing."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from ..draw.format import wrap
from ..keys import WHERE, Key, rows
from .base import Part
from .window import Window

KEY_COLUMNS = 13
"""Cells in front of the sentences."""


def keys_text(columns: int = 100, first: str = "", wanted: str = "") -> Content:
    """The groups of the key table with their keys and sentences, in lines of at most `columns` cells.

    Args:
        columns: Cells of a line.
        first: Group that stands first: that of the panel in focus.
        wanted: Words; only rows in which all of them occur are shown. "" shows all.
    """
    parts: list[Part] = []
    words = wanted.lower().split()
    for where in sorted(WHERE, key=lambda group: group != first):
        found = [row for row in rows(where) if _fits(row, WHERE[where], words)]
        if not found:
            continue
        parts.append((f"{WHERE[where]}\n", "bold #6db3ff"))
        for row in found:
            parts.append((f"  {row.text:<{KEY_COLUMNS - 2}}", "bold"))
            lines = wrap(row.help, max(columns - KEY_COLUMNS, 16))
            parts.append(Content(("\n" + " " * KEY_COLUMNS).join(lines) + "\n"))
        parts.append(Content("\n"))
    if not parts:
        return Content(f"No key for “{wanted.strip()}”. Ctrl+P finds settings, g explains terms.")
    parts.append(("In lists: ↑ ↓ and Enter; Esc leaves without a change.", "dim"))
    return Content.assemble(*parts)


def _fits(row: Key, group: str, words: list[str]) -> bool:
    known = f"{row.text} {' '.join(row.keys)} {row.label} {row.word} {row.help} {group}".lower()
    return all(word in known for word in words)


class HelpScreen(Window[None]):
    """All keys and what they do, and a line to look for one.

    Args:
        first: Group of the key table that stands first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "dismiss", "Close"),
        ("up", "scroll(-1)", "Up"),
        ("down", "scroll(1)", "Down"),
        ("pageup", "scroll(-10)", "Page up"),
        ("pagedown", "scroll(10)", "Page down"),
    ]

    def __init__(self, first: str = "") -> None:
        super().__init__()
        self._first = first

    def compose(self) -> ComposeResult:
        """The line above the text."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Keys"
            dialog.border_subtitle = "type to find · ↑↓ scroll · Esc close"
            yield Input(placeholder="find a key", compact=True)
            with VerticalScroll(can_focus=False):
                yield Static(markup=False)

    def on_resize(self) -> None:
        """Break the sentences for the width there is."""
        self.call_after_refresh(self._fill)

    def on_input_changed(self) -> None:
        """Find while typing."""
        self._fill()

    def on_input_submitted(self) -> None:
        """Close."""
        self.dismiss()

    def _fill(self) -> None:
        # One cell is left for the scroll bar, which comes and goes with the text.
        columns = self.query_one(VerticalScroll).size.width - 1
        self.query_one(Static).update(keys_text(columns, self._first, self.query_one(Input).value))

    def action_scroll(self, by: int) -> None:
        """Read on."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)
