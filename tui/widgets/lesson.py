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
        return (self._text(), self.first)

    def paint(self, columns: int, rows: int) -> list[Row]:
        """See `Panel`."""
        text = self._text()
        if not text.strip():
            return message("no lesson for this run", columns, rows)
        margin = 1 if columns > 20 else 0
        lines = wrap(text, columns - 2 * margin)
        first = min(self.first, max(len(lines) - rows, 0))
        if first != self.first:
            self.set_reactive(Lesson.first, first)
        shown: list[Row] = [[(" " * margin + line, "")] for line in lines[first : first + rows]]
        if first + rows < len(lines) and shown:
            shown[-1] = [(" " * margin + ("↓ more" if self.look.unicode else "more"), "muted")]
        return shown

    def heading(self) -> Row:
        """Title of the preset."""
        if self.snapshot is None:
            return []
        return [(safe_text(self.snapshot.config.preset.title, 40), "muted")]

    def _text(self) -> str:
        if self.snapshot is None:
            return ""
        return "\n".join(safe_text(line, 2000) for line in str(self.snapshot.config.preset.lesson).splitlines())
