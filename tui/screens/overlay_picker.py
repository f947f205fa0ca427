"""Kept runs to lay over the charts: which there are, which are shown, and in what they differ from the run at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from dltui.core.commands import KeptRun, Shelf
from dltui.core.errors import ConfigError
from dltui.core.snapshot import RunCurves, Snapshot
from dltui.core.text import safe_text

from ..draw.format import count, ellipsis
from ..draw.line import dash_sign
from ..draw.look import Look
from ..widgets.choices import Choices
from ..widgets.field import shown
from ..widgets.overlays import MOST_PINNED, Overlay, Overlays, differing_settings, short_name, telling_setting
from ..widgets.styles import style
from .base import Part
from .window import Window

MOST_LISTED = 200
"""Most runs in the list."""


class OverlayPicker(Window[None]):
    """A list of kept runs; Enter lays one over the charts, or takes it away.

    Args:
        overlays: What is laid over them; changed here.
        shelf: Where the runs are kept; None: nowhere.
        snapshot: Of the run at hand.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape,q", "dismiss", "Close")]

    def __init__(self, overlays: Overlays, shelf: Shelf | None, snapshot: Snapshot) -> None:
        super().__init__()
        self._overlays, self._shelf, self._snapshot = overlays, shelf, snapshot
        self._runs: Sequence[KeptRun] = ()
        self._pinned: dict[str, RunCurves] = {}
        """Id of a run that was pinned here -> its curves."""

    def compose(self) -> ComposeResult:
        """The runs beside what is compared."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Lay other runs over the charts"
            dialog.border_subtitle = "↑↓ look · Enter show or take away · Esc close"
            with Horizontal():
                yield Choices(id="overlay-list", markup=False)
                with VerticalScroll(id="overlay-detail", can_focus=False):
                    yield Static(id="overlay-text", markup=False)

    def on_mount(self) -> None:
        """Look for the runs in a thread: there may be many."""
        self.query_one(OptionList).focus()
        self._say()
        if self._shelf is not None:
            self.run_worker(partial(self._find, self._shelf), thread=True, exit_on_error=False)

    def _find(self, shelf: Shelf) -> None:
        runs = [run for run in shelf.kept_runs() if run.id != self._snapshot.run][:MOST_LISTED]
        self.app.call_from_thread(self._list, runs)

    def _list(self, runs: Sequence[KeptRun]) -> None:
        self._runs = runs
        listing = self.query_one(OptionList)
        at = listing.highlighted or 0
        listing.clear_options()
        listing.add_options([Option(self._line(run), id=run.id) for run in runs])
        if runs:
            listing.highlighted = min(at, len(runs) - 1)
        self._say()

    def _line(self, run: KeptRun) -> Content:
        """A run of the list, with its line where it is shown."""
        overlay = self._overlay(run)
        look = self._look
        sign: Part = "   "
        if overlay is not None:
            sign = (f"{dash_sign(overlay.place, look)} ", f"{style(overlay.role, look.dark)}")
        day = safe_text(run.created[5:16].replace("T", " "), 20)
        step = f"step {count(run.step)}" if run.step is not None else ""
        return Content.assemble(sign, f"{ellipsis(safe_text(run.title, 60), 26)} ", (f"{day} {step}", "dim"))

    def _overlay(self, run: KeptRun) -> Overlay | None:
        curves = self._pinned.get(run.id)
        ending = _ending(run)
        for overlay in self._overlays.all:
            if overlay.run is curves or (overlay.run in self._overlays.pinned and overlay.run.name.endswith(ending)):
                return overlay
        return None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Show a run, or take it away."""
        run = next((run for run in self._runs if run.id == event.option.id), None)
        if run is None or self._shelf is None:
            return
        overlay = self._overlay(run)
        if overlay is not None:
            self._overlays.unpin(overlay.run.name)
        else:
            try:
                curves = self._shelf.curves_of(run.id)
            except ConfigError as error:
                self.notify(safe_text(error, 400), severity="error", markup=False)
                return
            if telling := telling_setting(curves.config, self._snapshot.config):
                curves = replace(curves, name=f"{telling} {_ending(run)}")
            if not self._overlays.pin(curves):
                self.notify(f"{MOST_PINNED} runs are shown already; take one away first.", timeout=4, markup=False)
                return
            self._pinned[run.id] = curves
            self._overlays.hidden = False
        self._list(self._runs)

    def _say(self) -> None:
        """What is shown, and in what the runs differ."""
        shown_now, look = self._overlays.all, self._look
        parts: list[Part] = []
        if self._shelf is None:
            parts.append(("No kept runs can be seen from here.\n\n", "dim"))
        elif not self._runs:
            parts.append(("No other run is kept.\n\n", "dim"))
        for overlay in shown_now:
            parts.append((f"{dash_sign(overlay.place, look)} ", f"{style(overlay.role, look.dark)}"))
            parts.append(f"{short_name(overlay.run, 40)}, step {count(overlay.run.step)}\n")
        if not shown_now:
            parts.append("Enter shows the run under the cursor as a curve of its own in every chart.\n")
        differing = differing_settings([overlay.run for overlay in shown_now], self._snapshot)
        if shown_now:
            parts.append(("\nSettings that differ\n" if differing else "\nAll settings are the same.\n", "bold"))
        for path, values in differing.items():
            parts.append((f"{path}\n", "#6db3ff"))
            words = [safe_text(shown(value), 40) for value in values]
            parts.append(f"   {words[0]} here\n")
            for overlay, word in zip(shown_now, words[1:], strict=True):
                if word != words[0]:
                    parts.append((f"   {dash_sign(overlay.place, look)} ", f"{style(overlay.role, look.dark)}"))
                    parts.append(f"{word}\n")
        self.query_one("#overlay-text", Static).update(Content.assemble(*parts))

    @property
    def _look(self) -> Look:
        look = getattr(self.app, "look", None)
        return look if isinstance(look, Look) else Look()


def _ending(run: KeptRun) -> str:
    """The end of the id of a run, by which it is known in a legend."""
    return run.id.rpartition("-")[2]
