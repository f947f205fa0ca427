"""Every setting of the Config as a list one can walk through: made from its fields, so a new field needs no line here.

What is shown is what the snapshot says is in force. While a value is typed the session is asked what it would do, and
the loss chart draws both futures; what the run refuses stays in the field, with the reason, until it is mended or given
up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.timer import Timer
from textual.widgets import Input, Static

from dltui.core.commands import Foresee, Preview
from dltui.core.config.fields import FieldInfo, parse_text
from dltui.core.errors import ConfigError
from dltui.core.registry import Value
from dltui.core.snapshot import RatePreview, Snapshot
from dltui.core.text import safe_text

from ..draw.format import short_exponents, trimmed
from ..draw.prospects import drawn_horizon
from ..messages import Send, SettingChanged
from .controls_list import ControlsList, EditAsked
from .effects import effect
from .field import gist, nudge, shown, typed_range

SETTLE_S = 0.25
"""How long nothing is typed before the session is asked what the value would do."""
RATE_PATHS = ("optimizer.", "schedule.")
"""Settings whose change may move the learning rate."""


@dataclass(frozen=True)
class Typed:
    """A value that was typed and sent, until it is known whether the run takes it."""

    path: str
    text: str
    value: object
    seen: int
    """Number of the last event before it."""


def forecast(preview: RatePreview) -> str:
    """What a typed value would do, as the session says; "" where there is nothing special to say.

    Args:
        preview: The session's answer; it is not refused.
    """
    said = [safe_text(note, 200) for note in preview.notes]
    rates = [float(rate) for rate in preview.rates]
    if rates and any(path.startswith(RATE_PATHS) for path in preview.changes):
        low, high = trimmed(min(rates)), trimmed(max(rates))
        said.append(f"rate ahead {low}" if low == high else f"rate ahead {low} to {high}")
    return " · ".join(said)


class ControlsPanel(Vertical):
    """The list, a line that explains the setting under the cursor, and a field to type in."""

    NEEDS: ClassVar[frozenset[str]] = frozenset()
    """See `Panel`."""
    LABEL = "Controls"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "leave", "Back"),
        ("up", "step_typed(1)", "More"),
        ("down", "step_typed(-1)", "Less"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._snapshot: Snapshot | None = None
        self.mode = ""
        """What is typed: "edit" a value, "search" a name; "" for nothing."""
        self._sent: Typed | None = None
        self._refused: dict[str, tuple[str, str]] = {}
        self._asked: dict[str, object] = {}
        self._previewed = False
        self._timer: Timer | None = None
        self._before = ""

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
        yield Input(id="controls-input", compact=True, select_on_focus=False)

    @property
    def list(self) -> ControlsList:
        """The list of settings."""
        return self.query_one(ControlsList)

    def show(self, snapshot: Snapshot) -> None:
        """Show the settings in force, and what the session says of a value that is typed or was sent."""
        self._snapshot = snapshot
        if snapshot.config is not self.list.config:
            self.list.set_config(snapshot.config, snapshot.schedule_steps)
            if not self.mode:
                self._explain()
        if self._sent is not None:
            self._hear(self._sent, snapshot)
        preview = snapshot.preview
        if self._asked and preview is not None and dict(preview.changes) == self._asked:
            self._asked = {}
            if self.editing and preview.error:
                self._say(f"✗ {safe_text(preview.error, 400)}", wrong=True)
            elif self.editing and (row := self.list.row) is not None and row.info is not None:
                self._say(self._about(row.info, forecast(preview)))

    def _hear(self, sent: Typed, snapshot: Snapshot) -> None:
        """What became of the value that was sent: what is refused comes back into the field."""
        events = snapshot.events
        if snapshot.config.get(sent.path) == sent.value:
            self._sent = None
        elif refused := [event for event in events if event.kind == "refused" and event.number > sent.seen]:
            self._sent = None
            self._refused[sent.path] = (sent.text, refused[0].text)
            if not self.mode and self.list.has_focus and self.list.cursor == sent.path:
                self._edit(sent.text)
        elif events and events[-1].number < sent.seen:
            self._sent = None  # the run began again

    @property
    def editing(self) -> bool:
        """Whether the user is typing a value."""
        return self.mode == "edit"

    @property
    def searching(self) -> bool:
        """Whether the user is typing what to look for."""
        return self.mode == "search"

    def _say(self, text: str, wrong: bool = False) -> None:
        hint = self.query_one("#controls-hint", Static)
        hint.set_class(wrong, "-wrong")
        hint.update(text, layout=False)

    def _about(self, info: FieldInfo, what: str) -> str:
        """The lines under a value that is typed: what may be typed, and what it would do."""
        layers = [layer.name for layer in self._snapshot.layers] if self._snapshot is not None else []
        return f"{typed_range(info, layers)}\n{what or effect(info.path).partition('. ')[0]}".rstrip()

    def _explain(self) -> None:
        row = self.list.row
        if row is None or row.info is None:
            self._say("Enter folds and unfolds, / finds a setting")
        elif row.path in self._refused:
            text, why = self._refused[row.path]
            self._say(f"✗ {text}: {why}", wrong=True)
        else:
            self._say(gist(row.info))

    def on_cursor_moved(self) -> None:
        """Explain the setting the cursor came to."""
        if not self.editing:
            self._explain()

    def on_edit_asked(self, message: EditAsked) -> None:
        """Open the field with what was typed, what was refused before, or the value in force."""
        row = self.list.row
        if row is not None and row.info is not None:
            text, _ = self._refused.get(row.path, (shown(row.info.value), ""))
            self._edit(message.text or text, select=not message.text)

    def _edit(self, text: str, select: bool = False) -> None:
        row = self.list.row
        if row is None or row.info is None:
            return
        if self.searching:
            self._close()
            self.list.reveal(row.path)
        self._open("edit", text)
        field = self.query_one(Input)
        field.cursor_position = len(text)
        if select:
            field.action_select_all()
        if row.path in self._refused:
            self._say(f"✗ {self._refused[row.path][1]}", wrong=True)
        else:
            self._say(self._about(row.info, ""))

    def action_search(self) -> None:
        """Find a setting by typing part of its name."""
        if not self.mode:
            self._before = self.list.cursor
            self._open("search", "")
            self._say("Type part of a name; ↑ ↓ and Enter, or Esc")

    def _open(self, mode: str, text: str) -> None:
        field = self.query_one(Input)
        self.mode = mode
        self.add_class("-editing")
        field.display = True
        field.placeholder = "find a setting" if mode == "search" else ""
        with field.prevent(Input.Changed):
            field.value = text
        field.focus()

    def _close(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        if self._previewed:
            self.post_message(Send(Foresee()))
            self.post_message(Send(Preview({})))
        self.mode, self._asked, self._previewed = "", {}, False
        self.query_one(Input).display = False
        self.remove_class("-editing")
        self.list.search("")
        self.list.focus()

    def _check(self, text: str) -> Mapping[str, Value] | None:
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
        self._say(self._about(row.info, ""))
        return changes

    def on_input_changed(self, event: Input.Changed) -> None:
        """Check while it is typed, and ask what it would do when the typing rests; or look for settings."""
        if self.searching:
            self.list.search(event.value)
            self._explain()
        elif self.editing:
            if self._timer is not None:
                self._timer.stop()
            changes = self._check(event.value)
            self._asked = {}
            if changes is not None:
                self._timer = self.set_timer(SETTLE_S, lambda: self._ask(changes))

    def _ask(self, changes: Mapping[str, object]) -> None:
        """Ask the session what a value would do, and for the run ahead with it and without it."""
        row = self.list.row
        if self.editing and row is not None and row.info is not None and changes.get(row.path) != row.info.value:
            self._asked, self._previewed = dict(changes), True
            step = self._snapshot.step if self._snapshot is not None else 0
            self.post_message(Send(Foresee(({}, changes), drawn_horizon(step))))
            self.post_message(Send(Preview(changes)))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Apply what was typed, unless it is wrong; or go to the setting that was found."""
        if self.searching:
            found, before = self.list.row, self._before
            self._close()
            self.list.reveal(found.path if found is not None else before)
            return
        changes = self._check(event.value)
        if changes is None:
            return
        ((path, value),) = changes.items()
        events = self._snapshot.events if self._snapshot is not None else ()
        self._refused.pop(path, None)
        self._sent = Typed(path, event.value, value, events[-1].number if events else 0)
        self.post_message(SettingChanged(changes))
        self.action_leave()

    def action_step_typed(self, direction: int) -> None:
        """The next notch of the number that is typed; while looking for a setting, the next one found."""
        if self.searching:
            self.list.action_move(-direction)
            return
        row, field = self.list.row, self.query_one(Input)
        if not self.editing or row is None or row.info is None:
            return
        changes = self._check(field.value)
        if changes is not None:
            field.value = shown(nudge(row.info, direction, changes[row.path]))
            field.cursor_position = len(field.value)

    def action_leave(self) -> None:
        """Stop typing."""
        if self.mode:
            if self.editing and (row := self.list.row) is not None and self._sent is None:
                self._refused.pop(row.path, None)
            searched = self.searching
            self._close()
            if searched:
                self.list.reveal(self._before)
            self._explain()
        else:
            raise SkipAction  # the screen leaves the full screen, or the panel
