"""The list of settings: one widget that draws its rows itself.

The cursor belongs to a path, not to a row number, so it stays on the same setting when others appear or vanish around
it.
"""

from __future__ import annotations

import time
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from dltui.core.config import Config
from dltui.core.config.fields import FieldInfo
from dltui.core.registry import Value

from ..draw.format import ellipsis
from ..draw.look import Look
from ..keys import bindings
from ..messages import PickAsked, SettingChanged
from .controls_rows import FOLDED, SECTIONS, SettingRow, rows_of, section_of
from .field import NUMBERS, is_found, nudge

DIGITS = "0123456789."
"""What a number begins with."""
NEAR = 56
"""Most cells of a label and its value: farther apart the eye loses the line."""
STICKY_S = 0.7
"""How long a step starts from the value just asked for, until the snapshot confirms it."""


class ControlsList(ScrollView, can_focus=True):
    """The list itself: a cursor, a fold for each section, steps with + and -."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("controls")
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "controls--heading",
        "controls--label",
        "controls--value",
        "controls--off",
        "controls--cursor",
        "controls--rest",
    }

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: list[SettingRow] = []
        self.cursor = "optimizer.name"
        self._config: Config | None = None
        self._schedule_steps = 0
        self._fields: tuple[FieldInfo, ...] = ()
        self._folded = set(FOLDED)
        self._words = ""
        self._asked: tuple[str, Value | None, float] = ("", None, 0.0)

    @property
    def look(self) -> Look:
        """What the terminal can show."""
        look = getattr(self.app, "look", None)
        return look if isinstance(look, Look) else Look()

    @property
    def path(self) -> str:
        """Path of the setting under the cursor."""
        return self.cursor

    @property
    def row(self) -> SettingRow | None:
        """The line under the cursor."""
        return next((row for row in self.rows if row.path == self.cursor), None)

    @property
    def config(self) -> Config | None:
        """The Config in force."""
        return self._config

    def set_config(self, config: Config, schedule_steps: int = 0) -> None:
        """Show the settings of this Config.

        Args:
            config: In force.
            schedule_steps: Steps that the rest of the run comes to for its schedule.
        """
        if config is self._config and schedule_steps == self._schedule_steps:
            return
        self._config, self._schedule_steps = config, schedule_steps
        self._fields = config.controls()
        self._asked = ("", None, 0.0)
        self._build()

    def reveal(self, path: str) -> None:
        """Put the cursor on a setting, or on the first of a section, unfolding it if need be."""
        self._folded.discard(section_of(path))
        self._build()
        found = [row.path for row in self.rows if row.path == path or (row.info and row.info.section == path)]
        if found:
            self._put(found[-1] if path in found and path.count(".") else found[min(1, len(found) - 1)])

    def search(self, words: str) -> None:
        """Show only the settings that fit these words, the cursor on the one whose name fits best; "" shows all."""
        self._words = words.strip()
        self._build()
        found = [row for row in self.rows if row.info is not None]
        if self._words and found:
            first = self._words.lower()
            best = min(found, key=lambda row: (not row.label.lower().startswith(first), first not in row.label.lower()))
            self._put(best.path)

    def _build(self) -> None:
        places = [row.path for row in self.rows]
        at = places.index(self.cursor) if self.cursor in places else 0
        fields, folded = self._fields, self._folded
        if self._words:
            titles = {info.path: SECTIONS.get(section_of(info.path), "") for info in fields}
            fields, folded = tuple(info for info in fields if is_found(info, self._words, titles[info.path])), set()
        self.rows = rows_of(fields, folded, self._schedule_steps)
        if self.rows and self.row is None:
            section = section_of(self.cursor)
            inside = [row.path for row in self.rows if section_of(row.path) == section]
            self.cursor = inside[0] if inside else self.rows[min(at, len(self.rows) - 1)].path
        self.virtual_size = Size(0, len(self.rows))
        self.refresh()

    def _put(self, path: str) -> None:
        self.cursor = path
        at = next(i for i, row in enumerate(self.rows) if row.path == path)
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if at < top or at >= top + height:
            # Forced: the scroll bar, without which Textual will not scroll, comes with the next layout.
            self.scroll_to(y=max(at - height // 2, 0), animate=False, force=True)
        self.refresh()
        self.post_message(CursorMoved())

    def render_line(self, y: int) -> Strip:
        """One line: label on the left, value on the right, and beside them what it is where there is room."""
        whole = self.scrollable_content_region.width
        width = min(whole, NEAR)
        at = self.scroll_offset.y + y
        base = self.rich_style
        if width < 1 or at >= len(self.rows):
            return Strip.blank(max(whole, 0), base)
        row = self.rows[at]
        here = row.path == self.cursor
        shut, opened = ("▸", "▾") if self.look.unicode else (">", "v")
        back = self._style("cursor" if self.has_focus else "rest") if here else Style()
        if row.info is None:
            left = f"{shut if row.folded else opened} {row.label}"
            right = ellipsis(row.value, max(width - len(left) - 1, 0)) if row.folded else ""
            styles = self._style("heading"), self._style("off")
        else:
            choice = row.info.kind in ("member", "choice")
            left, right = f"  {row.label}", f"{row.value} {opened if choice else ' '}"
            off = row.info.section == "regularization" and not row.info.value
            styles = self._style("label"), self._style("off" if off else "value")
        room = max(width - len(right) - 1, min(len(left), width // 2))
        left = left[:room].ljust(room)
        right = right[: max(width - room, 0)].rjust(width - room)
        about = ellipsis(f"   {row.info.summary if row.info is not None else ''}", whole - width)
        segments = [
            Segment(left, base + styles[0] + back),
            Segment(right, base + styles[1] + back),
            Segment(about.ljust(whole - width), base + self._style("off") + back),
        ]
        return Strip(segments if whole > width else segments[:2], whole)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"controls--{name}", partial=True)

    def action_move(self, by: int) -> None:
        """Go up or down."""
        if not self.rows:
            return
        places = [row.path for row in self.rows]
        at = places.index(self.cursor) if self.cursor in places else 0
        self._put(places[min(max(at + by, 0), len(places) - 1)])

    def action_nudge(self, direction: int) -> None:
        """One step up or down, or unfold and fold a section."""
        row = self.row
        if row is None:
            return
        if row.info is None:
            self._fold(row, direction < 0)
        elif row.info.kind == "member":
            self.post_message(PickAsked(row.path))
        else:
            path, asked, when = self._asked
            start = asked if path == row.path and time.monotonic() - when < STICKY_S else None
            value = nudge(row.info, direction, start)
            if value != (row.info.value if start is None else start):
                self._asked = (row.path, value, time.monotonic())
                self.post_message(SettingChanged({row.path: value}))

    def action_open(self) -> None:
        """Fold, choose, switch or type, as the row needs."""
        row = self.row
        if row is None:
            return
        if row.info is None:
            self._fold(row, not row.folded)
        elif row.info.kind in ("member", "choice"):
            self.post_message(PickAsked(row.path))
        elif row.info.kind == "bool":
            self.action_nudge(1)
        else:
            self.post_message(EditAsked())

    def _fold(self, row: SettingRow, fold: bool) -> None:
        (self._folded.add if fold else self._folded.discard)(row.path)
        self._build()

    def on_click(self, event: events.Click) -> None:
        """Choose a row; on its value, change it."""
        at = self.scroll_offset.y + event.y
        if 0 <= at < len(self.rows):
            again = self.rows[at].path == self.cursor
            self._put(self.rows[at].path)
            if again or self.rows[at].info is None:
                self.action_open()

    def on_key(self, event: events.Key) -> None:
        """A digit on a number begins to type it."""
        row, typed = self.row, event.character or ""
        if row is not None and row.info is not None and row.info.kind in NUMBERS and typed in DIGITS and typed:
            event.stop()
            event.prevent_default()
            self.post_message(EditAsked(typed))

    def on_focus(self) -> None:
        """Show the cursor."""
        self.post_message(CursorMoved())


class CursorMoved(Message):
    """The cursor is on another setting."""


class EditAsked(Message):
    """The user wants to type a value."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        """What was typed already; "" begins with the value in force."""
        super().__init__()
