"""A sweep of another process, looked at: leaving it never ends it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType

from ..draw.cells import Row
from ..draw.look import Look
from ..draw.sweep_live import HEAD, SweepView, body_rows, sweep_live
from ..widgets.page import Page

EVERY_S = 0.25
"""Time between two looks at what is known."""


class SweepApp(App[None]):
    """The screen of a sweep.

    Args:
        latest: What is known now; None: nothing yet. Answers at once.
        end: Asks the process at it to end.
    """

    CSS_PATH = Path(__file__).parent.parent / "app.tcss"
    TITLE = "dltui"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        ("q,escape,d,ctrl+c", "quit", "Leave"),
        ("s", "end", "End it"),
        ("c", "charts", "Table or charts"),
        ("up,k", "scroll(-1)", "Up"),
        ("down,j", "scroll(1)", "Down"),
        ("pageup", "scroll(-10)", "Up"),
        ("pagedown,space", "scroll(10)", "Down"),
        ("home", "scroll(-1000000)", "First"),
        ("end", "scroll(1000000)", "Last"),
    ]

    def __init__(self, latest: Callable[[], SweepView | None], end: Callable[[], None]) -> None:
        super().__init__()
        self.look = Look.detect(os.environ, getattr(sys.__stderr__, "encoding", None))
        self._latest, self._end = latest, end
        self._first, self._charts, self._sure, self._said = 0, False, False, ""
        self._shown: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """One page."""
        yield Page(framed=False, id="sweep-page")

    def on_mount(self) -> None:
        """Begin to look."""
        self.query_one(Page).focus()
        self.set_interval(EVERY_S, self.show)
        self.show()

    def show(self) -> None:
        """Draw what is known now, if it is other than what is seen."""
        view = self._latest()
        key = (view, self._first, self._charts, self._said)
        if key != self._shown:
            self._shown = key
            self.query_one(Page).show_drawing(partial(_drawn, view, self._first, self._charts, self._said))

    def action_end(self) -> None:
        """End the sweep, when asked twice."""
        view = self._latest()
        if view is None or view.state != "training":
            self._said = "nobody trains it"
        elif not self._sure:
            self._sure, self._said = True, "press s again to end it; --resume goes on with it"
        else:
            self._end()
            self._said = "it is asked to end"
        self.show()

    def action_charts(self) -> None:
        """Show the charts in place of the table, or the table again."""
        self._charts, self._first = not self._charts, 0
        self.show()

    def action_scroll(self, by: int) -> None:
        """Show what lies further down or up."""
        page, view = self.query_one(Page), self._latest()
        n = len(body_rows(view, page.size.width, self.look, charts=self._charts)) if view is not None else 0
        last = max(n - (page.size.height - HEAD - 1), 0)
        self._first, self._sure, self._said = min(max(self._first + by, 0), last), False, ""
        self.show()


def _drawn(
    view: SweepView | None, first: int, charts: bool, said: str, columns: int, rows: int, look: Look
) -> list[Row]:
    if view is None:
        view = SweepView("", "", "beginning", 0, 0)
    return sweep_live(view, columns, rows, look, first=first, charts=charts, said=said)
