"""The line of changes: what can be redone, where the run is, what can be undone, and what each would bring back."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from dltui.core.commands import Command, Redo, Undo
from dltui.core.snapshot import Snapshot
from dltui.core.text import safe_text

from ..widgets.choices import Choices
from .window import Window


class HistoryScreen(Window[tuple[Command, ...] | None]):
    """A list to go along; gives back what to send to come to the place chosen.

    Args:
        snapshot: Of the run.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape,q", "dismiss", "Close")]

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self._undo, self._redo, self._step = snapshot.undo, snapshot.redo, snapshot.step

    def compose(self) -> ComposeResult:
        """What was undone, the present, and what was done, the last change first."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Line of changes"
            dialog.border_subtitle = "↑↓ look · Enter undo or redo as far as this · Esc close"
            yield Choices(*self._options(), id="history", markup=False)

    def _options(self) -> list[Option]:
        redo = [
            Option(Content.assemble(("○ redo  ", "dim"), safe_text(text, 300)), id=f"redo-{n}")
            for n, text in reversed(list(enumerate(self._redo, 1)))
        ]
        now = Option(Content.styled(f"▶ now, at step {self._step}", "bold #6db3ff"), id="now")
        undo = [
            Option(Content.assemble(("● undo  ", "dim"), safe_text(text, 300)), id=f"undo-{n}")
            for n, text in enumerate(self._undo, 1)
        ]
        return [*redo, now, *undo]

    def on_mount(self) -> None:
        """Begin where the run is."""
        listing = self.query_one(OptionList)
        listing.highlighted = len(self._redo)
        listing.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go there."""
        kind, _, n = (event.option.id or "now").partition("-")
        if kind == "now":
            self.dismiss(None)
        else:
            self.dismiss(((Undo() if kind == "undo" else Redo()),) * int(n))
