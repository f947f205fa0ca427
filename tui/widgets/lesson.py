"""The lesson of a run: what to look at, why it behaves so, and what to try."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.reactive import reactive

from dltui.core.text import safe_text

from ..draw.cells import Row, message
from ..draw.lesson_page import lesson_page
from ..keys import bindings, keys_of
from .panel import Panel


class Lesson(Panel):
    """The lesson of the run's preset, and its experiments."""

    LABEL = "Lesson"

    GROUP = "text"
    BINDINGS: ClassVar[list[BindingType]] = bindings(GROUP)

    first: reactive[int] = reactive(0, repaint=False)
    """Lines scrolled away above."""

    def action_scroll_lines(self, lines: int) -> None:
        """Scroll the text."""
        self.first = max(self.first + lines, 0)

    def watch_first(self) -> None:
        """Paint other lines."""
        self.update()

    def content_key(self) -> tuple[object, ...]:
        """See `Panel`."""
        if self.snapshot is None:
            return ()
        states = self.snapshot.tries
        counts = any(state.outcome == "waiting" for state in states)
        tried = tuple((state.number, state.outcome, state.due) for state in states)
        step = self.snapshot.step if counts else 0
        return (self._text(), self.snapshot.config.preset.tries, tried, step, self._told(), self.first)

    def paint(self, columns: int, rows: int) -> list[Row]:
        """See `Panel`."""
        text = self._text()
        if self.snapshot is None or not (text.strip() or self.snapshot.config.preset.tries):
            return message("no lesson for this run", columns, rows)
        tries, states, keys = self.snapshot.config.preset.tries, self.snapshot.tries, keys_of("app.make_try")
        page, first = lesson_page(
            text,
            tries,
            states,
            self.snapshot.step,
            keys,
            columns,
            rows,
            told=self._told(),
            first=self.first,
            unicode=self.look.unicode,
        )
        if first != self.first:
            self.set_reactive(Lesson.first, first)
        return page

    def _told(self) -> str:
        """What is said where the run rests: that the story is told, and where to go when all was tried."""
        snapshot = self.snapshot
        if snapshot is None or snapshot.status not in ("paused", "finished"):
            return ""
        tries, n_known = snapshot.config.preset.tries, sum(bool(state.after) for state in snapshot.tries)
        if n_known == len(tries) and tries:
            return f"All tried. {keys_of('app.next_lesson')[0]} is the next lesson."
        if n_known or not 0 < snapshot.config.preset.steps <= snapshot.step:
            return ""
        return "Story told. What do you think?" if tries else "Story told: space goes on."

    def heading(self) -> Row:
        """Title of the preset."""
        if self.snapshot is None:
            return []
        return [(safe_text(self.snapshot.config.preset.title, 40), "muted")]

    def _text(self) -> str:
        if self.snapshot is None:
            return ""
        return "\n".join(safe_text(line, 2000) for line in str(self.snapshot.config.preset.lesson).splitlines())
