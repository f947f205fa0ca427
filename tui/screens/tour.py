"""A first run's tour: what is where, in five steps, beside the panels it speaks of."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Static

from ..keys import keys_of
from .window import Window


def _key(action: str, number: int = 0) -> str:
    """How the key of an action is written."""
    return keys_of(action)[number]


def steps() -> tuple[tuple[str, str], ...]:
    """Title and text of each step, with the keys as the key table has them."""
    tries = keys_of("app.make_try")
    return (
        (
            "A network, training",
            f"The first line says what is trained, at which step, and how fast. {_key('toggle_run')} pauses and goes "
            f"on, {_key('step')} makes a single step. A lesson trains slowly enough to watch: {_key('speed')} and "
            f"{_key('speed', 1)} turn its pace.",
        ),
        (
            "The curves",
            "On the left the loss falls: one curve for the points that are learned from, one for those kept back. "
            f"Every change leaves a mark there. {_key('toggle_log')} makes the axis logarithmic, "
            f"{_key('toggle_window')} shows the recent part, arrows read the values.",
        ),
        (
            "What the network answers",
            "In the middle stands what it makes of the data, and the network itself. Tab goes from panel to panel, "
            "Enter shows one full screen, Esc comes back, and each number opens the panel that bears it.",
        ),
        (
            "Turn anything while it trains",
            f"On the right are the controls: Tab to them, then type or press + and -. {_key('app.pick')} changes the "
            f"optimizer, {_key('app.pick', 1)} the activation, {_key('scale_rate')} and {_key('scale_rate', 1)} the "
            f"learning rate; {_key('undo')} undoes it.",
        ),
        (
            "The lesson asks",
            f"The lesson says what to look at, and asks. Guess first; then {tries[0]} to {tries[-1]} make the "
            f"experiments and show the answers. {_key('app.next_lesson')} is the next lesson, "
            f"{_key('app.presets')} lists them, {_key('help')} shows every key, {_key('tour')} this tour.",
        ),
    )


class TourScreen(Window[None]):
    """Five steps, one at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,q", "dismiss", "Close"),
        ("enter,right,space", "turn(1)", "Next"),
        ("left,backspace", "turn(-1)", "Back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.at = 0
        """Which step is shown."""

    def compose(self) -> ComposeResult:
        """A small window, so that the panels stay in sight."""
        with Vertical(classes="dialog -small -tour"):
            yield Static(markup=False)

    def on_mount(self) -> None:
        """Begin with the first step."""
        self._show()

    def action_turn(self, by: int) -> None:
        """The next step or the one before; after the last the tour is over."""
        self.at = max(self.at + by, 0)
        if self.at < len(steps()):
            self._show()
        else:
            self.dismiss(None)

    def _show(self) -> None:
        title, text = steps()[self.at]
        dialog = self.query_one(".dialog")
        dialog.border_title = f"{self.at + 1} of {len(steps())} · {title}"
        dialog.border_subtitle = "Enter next · ← back · Esc leave"
        self.query_one(Static).update(text)
