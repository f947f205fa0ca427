"""The panels of a small terminal by number, the one shown lit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual import events
from textual.message import Message

from ..draw.cells import Row, fit_row
from ..format import width
from .panel import Panel


class TabBar(Panel, can_focus=False):
    """One line of tabs."""

    LABEL = "Panels"
    DEFAULT_CSS = "TabBar { height: 1; }"

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, panel: str) -> None:
            self.panel = panel
            """Id of its panel."""
            super().__init__()

    def __init__(self, **options: Any) -> None:
        super().__init__(framed=False, **options)
        self._tabs: tuple[tuple[str, str], ...] = ()
        self._chosen = ""
        self._ends: list[tuple[int, str]] = []

    def show_tabs(self, tabs: Sequence[tuple[str, str]], chosen: str) -> None:
        """Show these panels (id, name)."""
        self._tabs, self._chosen = tuple(tabs), chosen
        self.update()

    def content_key(self) -> tuple[object, ...]:
        """See `Panel`."""
        return (self._tabs, self._chosen)

    def paint(self, columns: int, rows: int) -> list[Row]:
        """Names where there is room for all, else only the chosen one's."""
        wide = sum(width(name) + 3 for _, name in self._tabs) <= columns
        row: Row = []
        self._ends = []
        at = 0
        for number, (panel, name) in enumerate(self._tabs, 1):
            here = panel == self._chosen
            label = f"{name} " if wide or here else ""
            sign = f" {number % 10} " if number <= 10 else " · "
            row += [(sign, "title_focus" if here else "faint"), (label.rstrip(), "strong" if here else "muted")]
            at += width(sign) + width(label.rstrip())
            self._ends.append((at, panel))
        return [fit_row(row, columns)]

    def on_click(self, event: events.Click) -> None:
        """Choose the tab under the pointer."""
        for end, panel in self._ends:
            if event.x < end:
                self.post_message(self.Chosen(panel))
                return
