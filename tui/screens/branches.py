"""The tree of runs to act on: one is put in front, renamed, ended, or kept alone."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from dltui.core.commands import Command, EndBranch, Fork, KeepBranch, Promote, RenameBranch
from dltui.core.snapshot import BranchState, Snapshot
from dltui.core.text import safe_text

from ..draw.branches import in_order, tree_rows
from ..draw.look import Look
from ..messages import Send
from ..widgets.choices import Choices
from ..widgets.styles import style
from .base import RunWindow

LONGEST_NAME = 40
WIDTH = 100
"""Cells of a line."""


class BranchesScreen(RunWindow[None]):
    """A list of the runs that are trained in step.

    Args:
        snapshot: Of the run in front.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "leave", "Close"),
        ("q", "dismiss", "Close"),
        ("u", "fork", "Make a branch"),
        ("r", "rename", "Rename"),
        ("e", "end", "End"),
        ("o", "only", "Keep this one alone"),
    ]

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self._snapshot = snapshot
        self._named: int | None = None
        """Number of the branch that is being renamed."""
        self._sure: int | None = None
        """Number of the branch that is kept alone if the key is pressed again."""

    def compose(self) -> ComposeResult:
        """The tree above a line for a name."""
        with Vertical(classes="dialog -fit") as dialog:
            dialog.border_title = "Branches"
            dialog.border_subtitle = "Enter in front · u branch · r rename · e end · o only this · Esc close"
            yield Choices(id="branch-list", markup=False)
            yield Static(id="branch-said", markup=False)
            yield Input(id="branch-name", max_length=LONGEST_NAME)

    def on_mount(self) -> None:
        """Begin with the list."""
        self.query_one(Input).display = False
        self._list()
        self.query_one(OptionList).focus()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follow the tree, and say what was refused."""
        old, self._snapshot = self._snapshot, snapshot
        if old.branches is not snapshot.branches:
            self._list()
        newest, last = (s.events[-1] if s.events else None for s in (snapshot, old))
        if newest is not None and newest.kind == "refused" and (last is None or newest.number > last.number):
            self._say(f"✗ {safe_text(newest.text, 200)}")

    def _list(self) -> None:
        listing, look = self.query_one(OptionList), getattr(self.app, "look", None)
        look = look if isinstance(look, Look) else Look()
        at, branches = listing.highlighted, self._snapshot.branches
        rows = tree_rows(branches, max(min(self.app.size.width - 8, WIDTH), 20), look)
        options = [
            Option(Text.assemble(*((text, style(role, look.dark)) for text, role in row)), id=str(one.number))
            for row, (_, one) in zip(rows, in_order(branches), strict=True)
        ]
        if len(options) == listing.option_count and all(
            listing.get_option_at_index(i).id == option.id for i, option in enumerate(options)
        ):
            for i, option in enumerate(options):
                listing.replace_option_prompt_at_index(i, option.prompt)
            return
        listing.clear_options()
        listing.add_options(options or [Option("There are no branches: u makes one at this step.", disabled=True)])
        if options:
            listing.highlighted = min(at or 0, len(options) - 1)

    @property
    def _chosen(self) -> BranchState | None:
        listing = self.query_one(OptionList)
        order = in_order(self._snapshot.branches)
        at = listing.highlighted
        return order[at][1] if at is not None and at < len(order) else None

    def _say(self, text: str) -> None:
        self.query_one("#branch-said", Static).update(text)

    def _send(self, command: Command) -> None:
        self._sure = None
        self.post_message(Send(command))

    def action_leave(self) -> None:
        """Leave the line for a name, or close."""
        if self._named is not None:
            self._stop_naming()
        else:
            self.dismiss()

    def action_fork(self) -> None:
        """Make a branch at this step."""
        self._send(Fork())
        self._say("A branch begins here; what you change from now on is changed in the run in front alone.")

    def action_rename(self) -> None:
        """Ask for a name."""
        one, line = self._chosen, self.query_one(Input)
        if one is not None:
            self._named, line.value, line.display = one.number, one.name, True
            line.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the name."""
        if self._named is not None and event.value.strip():
            self._send(RenameBranch(self._named, event.value.strip()))
        self._stop_naming()

    def _stop_naming(self) -> None:
        self._named = None
        self.query_one(Input).display = False
        self.query_one(OptionList).focus()

    def action_end(self) -> None:
        """Train the branch no longer."""
        one = self._chosen
        if one is not None:
            self._send(EndBranch(one.number))
            self._say(f"{one.name} is trained no longer" + (f"; it is kept: dltui resume {one.run}" if one.run else ""))

    def action_only(self) -> None:
        """End all others, if the key is pressed twice."""
        one = self._chosen
        if one is None:
            return
        if self._sure == one.number:
            self._send(KeepBranch(one.number))
            self.dismiss()
            return
        self._sure = one.number
        self._say(f"Press o again to go on with {one.name} alone; the others stay as kept runs.")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Put it in front."""
        number = event.option.id
        if number is not None:
            self._send(Promote(int(number)))
            self.dismiss()
