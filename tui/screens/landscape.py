"""The loss around the weights the run has: along the gradient, over a random plane, and over that of its own path."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from dltui.core.commands import LANDSCAPES, LookAround
from dltui.core.snapshot import Landscape, Snapshot

from ..draw.landscape_page import landscape_page
from ..messages import Send
from ..widgets.page import Page
from .base import WatchingScreen

TITLES = {
    "slice": "Loss along the negative gradient, in steps of the run",
    "random": "Loss over two random directions, filter by filter as long as the weights (Li et al. 2018)",
    "path": "Loss over the plane in which the run has moved most, with its path",
}


class LandscapeScreen(WatchingScreen[None]):
    """One view of it at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,q", "dismiss", "Close"),
        ("left", "kind(-1)", "View before"),
        ("right,tab", "kind(1)", "Next view"),
        ("r", "again", "Again"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._at = 0
        self.found: Landscape | None = None
        """What is shown."""

    def compose(self) -> ComposeResult:
        """One page."""
        with Vertical(classes="dialog -whole") as dialog:
            dialog.border_subtitle = "← → another view · r look again · Esc close"
            yield Page(framed=False, id="landscape-page")

    def on_mount(self) -> None:
        """Ask for the first view."""
        self.query_one(Page).focus()
        self.action_again()

    def on_unmount(self) -> None:
        """Nothing is wanted any more."""
        self.app.post_message(Send(LookAround("")))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the view once it is there."""
        found = snapshot.landscape
        if found is not None and found is not self.found and found.kind == LANDSCAPES[self._at]:
            self.found = found
            self._show()

    def _show(self) -> None:
        self.query_one(".dialog").border_title = TITLES[LANDSCAPES[self._at]]
        self.query_one(Page).show_drawing(partial(landscape_page, self.found))

    def action_kind(self, by: int) -> None:
        """Another view."""
        self._at = (self._at + by) % len(LANDSCAPES)
        self.action_again()

    def action_again(self) -> None:
        """Look from where the run is now."""
        self.found = None
        self.post_message(Send(LookAround(LANDSCAPES[self._at])))
        self._show()
