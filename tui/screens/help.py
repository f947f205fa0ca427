"""The keys, as the key table has them."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from ..draw.format import wrap
from ..keys import WHERE, rows
from .base import Part

KEY_COLUMNS = 13
"""Cells in front of the sentences."""


def keys_text(columns: int = 100) -> Content:
    """Every group of the key table with its keys and sentences, in lines of at most `columns` cells."""
    parts: list[Part] = []
    for where, title in WHERE.items():
        parts.append((f"{title}\n", "bold #6db3ff"))
        for row in rows(where):
            parts.append((f"  {row.text:<{KEY_COLUMNS - 2}}", "bold"))
            lines = wrap(row.help, max(columns - KEY_COLUMNS, 16))
            parts.append(Content(("\n" + " " * KEY_COLUMNS).join(lines) + "\n"))
        parts.append(Content("\n"))
    parts.append(("In lists: ↑ ↓ and Enter; Esc leaves without a change.", "dim"))
    return Content.assemble(*parts)


class HelpScreen(ModalScreen[None]):
    """All keys and what they do."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape,question_mark,q,enter", "dismiss", "Close")]

    def compose(self) -> ComposeResult:
        """One scrolling text."""
        with VerticalScroll(classes="dialog") as dialog:
            dialog.border_title = "Keys"
            dialog.border_subtitle = "Esc close · ↑↓ scroll"
            yield Static(markup=False)

    def on_resize(self) -> None:
        """Break the sentences for the width there is."""
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        # One cell is left for the scroll bar, which comes and goes with the text.
        self.query_one(Static).update(keys_text(self.query_one(VerticalScroll).size.width - 1))
