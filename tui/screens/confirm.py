"""Asks before something that cannot easily be undone: new weights drawn, a run started again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from dltui.core.snapshot import Snapshot
from dltui.core.text import safe_text

from ..draw.format import count
from .window import Window

LONG_S, LONG_STEPS = 60.0, 1_000_000
"""A run that was trained for so many seconds, or that has so many steps, is not left by a stray key."""
NEW_WEIGHTS = ("network.initializer", "training.seed")
"""Settings whose change draws new weights and so starts a new run."""

LOW_ROWS = 12
"""Below so many rows the window takes the whole screen."""


def question(changes: Mapping[str, object]) -> str:
    """What to ask before these changes; "" when nothing need be asked."""
    for path in changes:
        if path.startswith(NEW_WEIGHTS):
            return "New weights are drawn and the run starts again. z brings the steps so far back."
    return ""


def is_long(snapshot: Snapshot | None) -> bool:
    """Whether so much was trained that it is asked before anything takes its place."""
    return snapshot is not None and (snapshot.elapsed_s >= LONG_S or snapshot.step >= LONG_STEPS)


def steps_back(snapshot: Snapshot) -> str:
    """How the steps so far are had again after a new start, in one sentence.

    Example:
        >>> from types import SimpleNamespace
        >>> steps_back(SimpleNamespace(step=12000))
        'z brings the 12 000 steps so far back.'
    """
    return f"z brings the {count(snapshot.step)} steps so far back."


def kept_as(snapshot: Snapshot) -> str:
    """How the run is had again once another has taken its place, in one sentence."""
    if not snapshot.run:
        why = f": {safe_text(snapshot.saved, 200)}" if snapshot.saved else ""
        return f"This run of {count(snapshot.step)} steps is not kept{why}."
    run = safe_text(snapshot.run, 60)
    return f"Run {run} with its {count(snapshot.step)} steps is kept: dltui resume {run}"


class ConfirmScreen(Window[bool]):
    """A question with yes and no.

    Args:
        text: What will happen.
        yes: Word on the button that does it.
        careful: Whether Enter alone must not do it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,n", "answer(False)", "No"),
        ("y", "answer(True)", "Yes"),
        ("left", "app.focus_previous"),
        ("right", "app.focus_next"),
    ]

    def __init__(self, text: str, yes: str = "Yes", careful: bool = False) -> None:
        super().__init__()
        self._text = text
        self._yes = yes
        self._careful = careful

    def compose(self) -> ComposeResult:
        """The sentence and two buttons."""
        with Vertical(classes="dialog -small") as dialog:
            dialog.border_title = "Sure?"
            dialog.border_subtitle = "y yes · n no"
            yield Static(self._text, markup=False)
            with Horizontal(classes="buttons"):
                yes = Button(self._yes, id="yes", variant="primary", compact=True)
                no = Button("No", id="no", compact=True)
                # The first has the focus from the start, before any key can arrive.
                yield from (no, yes) if self._careful else (yes, no)

    def on_resize(self, event: events.Resize) -> None:
        """Keep the buttons on a low screen."""
        self.set_class(event.size.height < LOW_ROWS, "-low")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """A button was pressed."""
        self.dismiss(event.button.id == "yes")

    def action_answer(self, answer: bool) -> None:
        """A key was pressed."""
        self.dismiss(answer)
