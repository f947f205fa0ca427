"""What happened, newest first: the step, what changed, and what it did to the loss at once."""

from __future__ import annotations

import math
from typing import ClassVar

from textual.binding import BindingType
from textual.reactive import reactive

from dltui.core.snapshot import Event
from dltui.core.text import safe_text

from ..draw.cells import Row, fit_row, join_ends, message, row_width
from ..format import count, is_number, main_change, number, pad, width
from ..keys import bindings
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

    GROUP = "text"
    BINDINGS: ClassVar[list[BindingType]] = bindings(GROUP)

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
        right = self._jump(event)
        if columns - row_width(right) < digits + 14:
            right = []
        room = max(columns - row_width(right), 0)
        if width(text) + digits + 3 > room:
            text = _short(text)
        if width(text) + digits + 3 > room:
            text = text.partition(" ←")[0]
        left: Row = [
            (pad(count(event.step), digits, "right") + " ", "muted"),
            (f"{sign if self.look.unicode else plain} ", role),
            (text, "bad" if role == "bad" else ""),
        ]
        return join_ends(fit_row(left, room), right, columns)

    def _jump(self, event: Event) -> Row:
        if event.before is None or event.after is None:
            return []
        arrow = "→" if self.look.unicode else ">"
        return [(f" {number(event.before, 2)}{arrow}", "muted"), (number(event.after, 2), _effect(event))]


def _effect(event: Event) -> str:
    before, after = event.before or 0.0, event.after or 0.0
    if not math.isfinite(after) or after > before * 1.2:
        return "warn"
    return "good" if after < before * 0.99 else "muted"


def _short(text: str) -> str:
    """A change in fewer cells, "optimizer: sgd → adam" as "adam ← sgd"; of several the most telling."""
    main = main_change(text)
    what, colon, change = main.partition(": ")
    old, arrow, new = change.partition(" → ")
    if not (colon and arrow):
        return text
    word = what.replace(".", " ").replace("_", " ").split()[-1:] if is_number(new) else []
    return " ".join([*word, new, "←", old, *(["…"] if main != text else [])])
