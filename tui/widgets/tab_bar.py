"""The panels of a small terminal by key and name, the one shown lit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from textual import events
from textual.message import Message

from ..draw.cells import Row, fit_row, row_width
from ..draw.tabs import tabs
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

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(framed=False, id=id)
        self._tabs: tuple[tuple[str, str, str], ...] = ()
        self._chosen = ""
        self._ends: list[tuple[int, str]] = []

    def show_tabs(self, tabs: Sequence[tuple[str, str, str]], chosen: str) -> None:
        """Show these panels (id, name, key)."""
        self._tabs, self._chosen = tuple(tabs), chosen
        self.update()

    def content_key(self) -> tuple[object, ...]:
        """See `Panel`."""
        return (self._tabs, self._chosen)

    def paint(self, columns: int, rows: int) -> list[Row]:
        """Every key, and the names around the tab shown."""
        ids = [panel for panel, _, _ in self._tabs]
        chosen = ids.index(self._chosen) if self._chosen in ids else 0
        drawn = tabs(columns, [name for _, name, _ in self._tabs], [key for _, _, key in self._tabs], chosen)
        self._ends = list(zip(accumulate(map(row_width, drawn)), ids, strict=True))
        return [fit_row([span for tab in drawn for span in tab], columns)]

    def on_click(self, event: events.Click) -> None:
        """Choose the tab under the pointer."""
        for end, panel in self._ends:
            if event.x < end:
                self.post_message(self.Chosen(panel))
                return
