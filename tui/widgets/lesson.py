"""The text of a preset: what to look at, and why it behaves so."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.reactive import reactive

from dltui.core.text import safe_text

from ..draw.cells import Row, message
from ..draw.format import wrap
from ..keys import bindings
from .panel import Panel


class Lesson(Panel):
    """The lesson of the run's preset."""

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
        return (self._text(), self._told(), self.first)

    def paint(self, columns: int, rows: int) -> list[Row]:
        """See `Panel`."""
        text = self._text()
        if not text.strip():
            return message("no lesson for this run", columns, rows)
        margin = 1 if columns > 20 else 0
        told = self._told()
        rows -= 1 if told else 0
        lines = wrap(text, columns - 2 * margin)
        first = min(self.first, max(len(lines) - rows, 0))
        if first != self.first:
            self.set_reactive(Lesson.first, first)
        shown: list[Row] = [[(" " * margin + line, "")] for line in lines[first : first + rows]]
        if first + rows < len(lines) and shown:
            shown[-1] = [(" " * margin + ("↓ more" if self.look.unicode else "more"), "muted")]
        return [*shown, [(" " * margin + told, "good")]] if told else shown

    def _told(self) -> str:
        """What is said where the run rests at the end of the lesson's story."""
        snapshot = self.snapshot
        if snapshot is None or not 0 < snapshot.config.preset.steps <= snapshot.step or snapshot.status != "paused":
            return ""
        return "Story told: space goes on."

    def heading(self) -> Row:
        """Title of the preset."""
        if self.snapshot is None:
            return []
        return [(safe_text(self.snapshot.config.preset.title, 40), "muted")]

    def _text(self) -> str:
        if self.snapshot is None:
            return ""
        return "\n".join(safe_text(line, 2000) for line in str(self.snapshot.config.preset.lesson).splitlines())
