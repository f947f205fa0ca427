"""Every setting of the Config as a list one can walk through: made from its fields, so a new field needs no line here.

What is shown is what the snapshot says is in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from dltui.core.config.fields import parse_text
from dltui.core.errors import ConfigError
from dltui.core.snapshot import Snapshot

from ..draw.format import short_exponents
from ..messages import SettingChanged
from .controls_list import ControlsList
from .field import allowed, gist, shown


class ControlsPanel(Vertical):
    """The list, a line that explains the setting under the cursor, and a field to type in."""

    NEEDS: ClassVar[frozenset[str]] = frozenset()
    """See `Panel`."""
    LABEL = "Controls"
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave", "Back")]

    def on_mount(self) -> None:
        """Name the frame."""
        self.border_title = self.LABEL

    def show_key(self, key: str) -> None:
        """Show in the frame by which key the panel is called; "" for none."""
        self.border_title = f"{key} {self.LABEL}".strip()

    def compose(self) -> ComposeResult:
        """List, hint, field."""
        yield ControlsList(id="controls-list")
        yield Static("starting…", id="controls-hint", markup=False)
        yield Input(id="controls-input", compact=True)

    @property
    def list(self) -> ControlsList:
        """The list of settings."""
        return self.query_one(ControlsList)

    def show(self, snapshot: Snapshot) -> None:
        """Show the settings in force."""
        if snapshot.config is not self.list.config:
            self.list.set_config(snapshot.config, snapshot.schedule_steps)
            if not self.editing:
                self._explain()

    @property
    def editing(self) -> bool:
        """Whether the user is typing a value."""
        return bool(self.query_one(Input).display)

    def _say(self, text: str, wrong: bool = False) -> None:
        hint = self.query_one("#controls-hint", Static)
        hint.set_class(wrong, "-wrong")
        hint.update(text, layout=False)

    def _explain(self) -> None:
        row = self.list.row
        if row is None or row.info is None:
            self._say("Enter folds and unfolds")
        else:
            self._say(gist(row.info))

    def on_cursor_moved(self) -> None:
        """Explain the setting the cursor came to."""
        if not self.editing:
            self._explain()

    def on_edit_asked(self) -> None:
        """Open the field with the value in force."""
        row = self.list.row
        if row is not None and row.info is not None:
            field = self.query_one(Input)
            self.add_class("-editing")
            field.display = True
            field.value = shown(row.info.value)
            field.focus()
            field.action_select_all()
            self._say(f"{row.label}: {allowed(row.info)}")

    def _check(self, text: str) -> Mapping[str, object] | None:
        """The change the text means, or None after saying what is wrong."""
        row, config = self.list.row, self.list.config
        if row is None or row.info is None or config is None:
            return None
        try:
            changes = {row.path: parse_text(row.info, text)}
            config.with_changes(changes)
        except ConfigError as error:
            self._say(f"✗ {short_exponents(error.allowed or error.problem)}", wrong=True)
            return None
        self._say(f"{row.label}: {allowed(row.info)}")
        return changes

    def on_input_changed(self, event: Input.Changed) -> None:
        """Check while it is typed."""
        if self.editing:
            self._check(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Apply what was typed, unless it is wrong."""
        changes = self._check(event.value)
        if changes is not None:
            self.post_message(SettingChanged(changes))
            self.action_leave()

    def action_leave(self) -> None:
        """Stop typing."""
        if self.editing:
            self.query_one(Input).display = False
            self.remove_class("-editing")
            self.list.focus()
            self._explain()
        else:
            self.screen.set_focus(None)
