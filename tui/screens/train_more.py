"""Asks how many more steps or epochs are to be trained before the next pause."""

from __future__ import annotations

import re
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from dltui.core.commands import MOST_STEPS, Step
from dltui.core.text import safe_text

from .window import Window

ASKED = "How many? 500 is steps, 3 epochs is epochs."
_AMOUNT = re.compile(r"(\d[\d_,' ]*|\d{1,12}e\d{1,2})\s*(s|steps?|e|epochs?)?", re.IGNORECASE)


def amount(text: str) -> Step | None:
    """The steps or epochs that typed text means; None where it means none.

    Example:
        >>> amount("2,000"), amount("3 epochs"), amount("soon")
        (Step(n=2000, unit='step'), Step(n=3, unit='epoch'), None)
    """
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        return None
    number, unit = found[1], (found[2] or "s").lower()
    n = int(float(number)) if "e" in number else int(re.sub(r"[_,' ]", "", number))
    return Step(n, "epoch" if unit.startswith("e") else "step") if 1 <= n <= MOST_STEPS else None


class TrainMore(Window[Step | None]):
    """A line to type a number in; gives back what to train."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss", "Close")]

    def compose(self) -> ComposeResult:
        """The question and the line."""
        with Vertical(classes="dialog -small") as dialog:
            dialog.border_title = "Train more, then pause"
            dialog.border_subtitle = "Enter train · Esc close"
            yield Static(ASKED, markup=False)
            yield Input(placeholder="500", max_length=24)

    def on_mount(self) -> None:
        """Ready to be typed into."""
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Train, or say what can be typed and leave the text to be mended."""
        wanted = amount(event.value or "500")
        if wanted is not None:
            self.dismiss(wanted)
            return
        said = f"{safe_text(event.value.strip(), 24)!r} is no number of steps or epochs, such as 500, 2e4 or 3 epochs."
        self.query_one(Static).update(said)
