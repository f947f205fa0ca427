"""Arranging the panels by keys: a mode of the dashboard, in which a few keys belong to the panel in focus."""

from __future__ import annotations

from collections.abc import Callable

from dltui.core.commands import Shelf
from dltui.core.errors import ConfigError
from dltui.core.text import safe_text

from .area import PanelArea
from .arrangement import NAME, Arrangement, read, written
from .panels import PANEL_KEYS

Say = Callable[[str], None]


class Arranging:
    """Whether panels are arranged now, and where the arrangement is kept.

    Args:
        area: The panels.
        shelf: Where the arrangement is kept; None: nowhere.
        say: Tells the user something.
    """

    def __init__(self, area: PanelArea, shelf: Shelf | None, say: Say) -> None:
        self._area, self._shelf, self._say = area, shelf, say
        self.active = False
        """Whether the keys of this mode are in force."""
        if shelf is not None:
            self._recall(shelf)

    def _recall(self, shelf: Shelf) -> None:
        try:
            text = shelf.recall(NAME)
            self._area.arrangement = read(text) if text else Arrangement()
        except (ConfigError, ValueError):
            self._say("Where the panels were put cannot be read; they are where they were at first.")
            self._keep()

    def toggle(self) -> None:
        """Begin, or end."""
        if not self.active and (self._area.shape.tabs or self._area.alone):
            self._say("Panels are arranged where several are seen: leave the full screen, or enlarge the terminal.")
            return
        self.active = not self.active

    def move(self, panel: str, by: int) -> None:
        """Up or down in its column."""
        self._take(self._area.arrangement.moved(panel, by, self._area.infos))

    def shift(self, panel: str, by: int) -> None:
        """To the column beside."""
        self._take(self._area.arrangement.shifted(panel, by))

    def size(self, panel: str, by: int) -> None:
        """Higher or lower."""
        share = next((info.share for info in self._area.infos if info.id == panel), 1)
        self._take(self._area.arrangement.sized(panel, by, share))

    def widen(self, panel: str, by: int) -> None:
        """A wider or narrower column."""
        self._take(self._area.arrangement.widened(panel, by))

    def show(self, panel: str, shown: bool) -> None:
        """Seen, or not; the last one stays."""
        if not shown and len(self._area.seen) < 2:
            self._say("The last panel stays.")
            return
        self._take(self._area.arrangement.with_shown(panel, shown))

    def toggle_key(self, key: str) -> None:
        """Show or hide the panel of a key."""
        named = [name for name, its in PANEL_KEYS.items() if its == key]
        seen = [name for name in named if name in self._area.seen]
        if seen:
            self.show(seen[0], False)
            return
        for name in named:
            self._take(self._area.arrangement.with_shown(name, True))

    def reset(self) -> None:
        """Everything where it was at first."""
        self._take(Arrangement())

    def _take(self, arrangement: Arrangement) -> None:
        if arrangement != self._area.arrangement:
            self._area.arrangement = arrangement
            self._keep()

    def _keep(self) -> None:
        if self._shelf is None:
            return
        try:
            self._shelf.remember(NAME, written(self._area.arrangement))
        except ConfigError as error:
            self._say(f"Where the panels are is not kept: {safe_text(error, 200)}")
