"""Asks before something that cannot easily be undone: new weights drawn, a run started again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

NEW_WEIGHTS = ("network.initializer", "training.seed")
"""Settings whose change draws new weights and so starts a new run."""

LOW_ROWS = 12
"""Below so many rows the window takes the whole screen."""


def question(changes: Mapping[str, object]) -> str:
    """What to ask before these changes; "" when nothing need be asked."""
    for path in changes:
        if path.startswith(NEW_WEIGHTS):
            return "New weights are drawn and a new run starts. The run so far stays saved."
    return ""


class ConfirmScreen(ModalScreen[bool]):
    """A question with yes and no.

    Args:
        text: What will happen.
        yes: Word on the button that does it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,n", "answer(False)", "No"),
        ("y", "answer(True)", "Yes"),
        ("left", "app.focus_previous"),
        ("right", "app.focus_next"),
    ]

    def __init__(self, text: str, yes: str = "Yes") -> None:
        super().__init__()
        self._text = text
        self._yes = yes

    def compose(self) -> ComposeResult:
        """The sentence and two buttons."""
        with Vertical(classes="dialog -small") as dialog:
            dialog.border_title = "Sure?"
            dialog.border_subtitle = "y yes · n no"
            yield Static(self._text, markup=False)
            with Horizontal(classes="buttons"):
                yield Button(self._yes, id="yes", variant="primary", compact=True)
                yield Button("No", id="no", compact=True)

    def on_resize(self, event: events.Resize) -> None:
        """Keep the buttons on a low screen."""
        self.set_class(event.size.height < LOW_ROWS, "-low")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """A button was pressed."""
        self.dismiss(event.button.id == "yes")

    def action_answer(self, answer: bool) -> None:
        """A key was pressed."""
        self.dismiss(answer)
