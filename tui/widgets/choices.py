"""A list of choices that bears a click on a line that is gone: what is typed may shorten it before that arrives."""

from __future__ import annotations

from textual import events
from textual.widgets import OptionList


class Choices(OptionList):
    """Textual's list, which takes the number of the line clicked from what was drawn."""

    def on_click(self, event: events.Click) -> None:
        """Pass over a click on a line that is no longer there."""
        line = event.style.meta.get("option")
        if line is not None and line >= self.option_count:
            event.prevent_default()
            event.stop()
