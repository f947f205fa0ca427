"""The keys, as the key table has them."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from ..keys import WHERE, rows


def keys_text() -> Content:
    """Every group of the key table with its keys and sentences."""
    parts: list[Content | tuple[str, str]] = []
    for where, title in WHERE.items():
        parts.append((f"{title}\n", "bold #6db3ff"))
        for row in rows(where):
            parts.append((f"  {row.text:<10}", "bold"))
            parts.append(Content(f"{row.help}\n"))
        parts.append(Content("\n"))
    parts.append(("In lists: type ↑ ↓ and Enter; Escape leaves without a change.", "dim"))
    return Content.assemble(*parts)


class HelpScreen(ModalScreen[None]):
    """All keys and what they do."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape,question_mark,q,enter", "dismiss", "Close")]

    def compose(self) -> ComposeResult:
        """One scrolling text."""
        with VerticalScroll(classes="dialog") as dialog:
            dialog.border_title = "Keys"
            dialog.border_subtitle = "Esc close · ↑↓ scroll"
            yield Static(keys_text(), markup=False)
