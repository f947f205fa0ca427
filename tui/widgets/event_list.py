"""What happened, newest first: the step, what changed, and what it did to the loss at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.reactive import reactive

from dltui.core.snapshot import Event
from dltui.core.text import safe_text

from ..draw.cells import Row, fit_row, join_ends, message, row_width
from ..draw.format import count, number, pad, tick, width, wrap
from ..keys import bindings
from .change import short_change
from .panel import Panel

_SIGNS = {
    "change": ("◆", "*", "mark"),
    "start": ("▶", ">", "good"),
    "pause": ("‖", "=", "muted"),
    "diverged": ("✗", "!", "bad"),
    "stopped": ("■", "#", "muted"),
    "saved": ("✓", "+", "good"),
    "refused": ("✗", "!", "bad"),
    "spike": ("↑", "^", "muted"),
    "note": ("·", ".", "muted"),
}

NARROW = 48
"""Cells below which steps are rounded and a second line begins at the left."""


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
        newest = newest_first(events)[self.first : self.first + rows]
        digits = max(width(_step(event, columns)) for event in newest)
        shown = [self._lines(event, digits, columns) for event in newest]
        free = rows - sum(map(len, shown))
        for i, event in enumerate(newest):
            # Where there is room nothing is left out, the newest first.
            whole = self._lines(event, digits, columns, whole=True)
            if free >= len(whole) - len(shown[i]):
                free -= len(whole) - len(shown[i])
                shown[i] = whole
        return [line for lines in shown for line in lines][:rows]

    def _lines(self, event: Event, digits: int, columns: int, whole: bool = False) -> list[Row]:
        """One event on as many lines as it takes; a change on at most two, unless the whole of it is wanted."""
        sign, plain, role = _SIGNS.get(event.kind, _SIGNS["note"])
        head: Row = [
            (pad(_step(event, columns), digits, "right") + " ", "muted"),
            (f"{sign if self.look.unicode else plain} ", role),
        ]
        text, right = safe_text(event.text, 400), self._jump(event)
        start, end = row_width(head), row_width(right)
        longest = max((width(word) for word in text.split()), default=0)
        whole = whole and longest <= columns - start  # a path that would be cut says less than its last word
        in_short = event.kind == "change" and not whole
        if in_short and start + width(text) + end > columns:
            text = short_change(text)
        hang = start if columns >= NARROW else 2
        words = _broken(text, columns - start, columns - hang)
        if in_short:
            words = [*words[:1], " ".join(words[1:])] if words[1:] else words
        text_role = "bad" if role == "bad" else ""
        lines: list[Row] = [[*head, (words[0] if words else "", text_role)]]
        lines += [[(" " * hang, ""), (line, text_role)] for line in words[1:]]
        if right and row_width(lines[-1]) + end > columns and (whole or len(lines) < 2):
            lines.append([])
        room = columns - end if right and end < columns - hang else columns
        last = fit_row(lines[-1], room)
        return [*(fit_row(line, columns) for line in lines[:-1]), join_ends(last, right, columns)]

    def _jump(self, event: Event) -> Row:
        if event.before is None or event.after is None:
            return []
        arrow = "→" if self.look.unicode else ">"
        return [(f" {number(event.before, 2)}{arrow}", "muted"), (number(event.after, 2), _effect(event))]


def newest_first(events: Sequence[Event]) -> list[Event]:
    """Events by their steps, the last first; of one step that which came last."""
    return sorted(events, key=lambda event: (event.step, event.number), reverse=True)


def _effect(event: Event) -> str:
    before, after = event.before or 0.0, event.after or 0.0
    if not math.isfinite(after) or after > before * 1.2:
        return "warn"
    return "good" if after < before * 0.99 else "muted"


def _step(event: Event, columns: int) -> str:
    """The step in few cells: exact, but where a large one would crowd out what happened."""
    return tick(event.step, 1e4) if columns < NARROW and event.step >= 100_000 else count(event.step)


def _broken(text: str, first: int, others: int) -> list[str]:
    """A text in lines, of which the first has room of its own."""
    lines = wrap(text, first)
    rest = text.split()[len(lines[0].split()) :] if lines else []
    return [*lines[:1], *(wrap(" ".join(rest), others) if rest else [])]
