"""What happened, newest first: the step, what changed, and what it did to the loss at once."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.reactive import reactive

from dltui.core.snapshot import Event
from dltui.core.text import safe_text

from ..draw.cells import Row, fit_row, join_ends, message
from ..format import count, number, pad
from .panel import Panel

_SIGNS = {
    "change": ("◆", "*", "mark"),
    "start": ("▶", ">", "good"),
    "pause": ("‖", "=", "muted"),
    "diverged": ("✗", "!", "bad"),
    "stopped": ("■", "#", "muted"),
    "saved": ("✓", "+", "good"),
    "refused": ("✗", "!", "bad"),
    "note": ("·", ".", "muted"),
}


class EventList(Panel):
    """The run's log of decisions and mishaps."""

    LABEL = "What happened"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_lines(-1)", "up", show=False),
        Binding("down", "scroll_lines(1)", "down", show=False),
    ]

    first: reactive[int] = reactive(0, repaint=False)
    """How many of the newest are scrolled away."""

    def action_scroll_lines(self, lines: int) -> None:
        """Show older (1) or newer (-1) lines."""
        known = len(self.snapshot.events) if self.snapshot is not None else 0
        self.first = min(max(self.first + lines, 0), max(known - 1, 0))

    def watch_first(self) -> None:
        """Paint other lines."""
        self.update()

    def content_key(self) -> tuple[object, ...]:
        """See `Panel`."""
        return (self.snapshot.events if self.snapshot is not None else (), self.first)

    def paint(self, columns: int, rows: int) -> list[Row]:
        """See `Panel`."""
        events = self.snapshot.events if self.snapshot is not None else ()
        if not events:
            return message("nothing yet", columns, rows)
        digits = max(len(count(event.step)) for event in events)
        newest = list(reversed(events))[self.first : self.first + rows]
        return [self._line(event, digits, columns) for event in newest]

    def _line(self, event: Event, digits: int, columns: int) -> Row:
        sign, plain, role = _SIGNS.get(event.kind, _SIGNS["note"])
        text = safe_text(event.text, 200)
        left: Row = [
            (pad(count(event.step), digits, "right") + " ", "muted"),
            (f"{sign if self.look.unicode else plain} ", role),
            (text, "bad" if role == "bad" else ""),
        ]
        right: Row = []
        if event.before is not None and event.after is not None:
            arrow = "→" if self.look.unicode else ">"
            worse = event.after > event.before * 1.5 or event.after != event.after
            right = [
                (f" {number(event.before, 2)}{arrow}", "muted"),
                (number(event.after, 2), "warn" if worse else "good"),
            ]
        used = sum(len(t) for t, _ in right)
        if columns - used < digits + 14:
            right, used = [], 0
        return join_ends(fit_row(left, max(columns - used, 0)), right, columns)
