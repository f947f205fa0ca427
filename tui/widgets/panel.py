"""What all panels share: fed by a snapshot, drawn line by line, sending only the cells that changed.

A panel paints rows of (text, role) spans, compares them with those on screen and asks Textual for the spans that
differ; a snapshot that changes nothing sends nothing. The frame with title and legend is part of the rows, because
Textual's own border repaints the whole widget whenever its title changes. No text ever passes through markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from dltui.core.snapshot import Snapshot

from ..draw.cells import Row, ascii_row, changed, fit_row, join_ends, row_width
from ..draw.look import Look
from .styles import style

PLAIN = Look()
SETTLED_S = 0.2
"""After so long the layout has come to rest."""


class Panel(Widget, can_focus=True):
    """A part of the screen that shows some of a snapshot.

    Args:
        framed: Whether to draw a frame with a title, where there is room.
        id: See Textual.
        classes: See Textual.
    """

    NEEDS: ClassVar[frozenset[str]] = frozenset()
    """Fields of Snapshot that are computed only while some panel needs them."""
    GROUP: ClassVar[str] = ""
    """Group of the key table it answers."""
    LABEL: ClassVar[str] = ""
    """Title in the frame and on a tab."""
    SHORT: ClassVar[str] = ""
    """Title where the room is short; "" for `LABEL`."""

    DEFAULT_CSS = "Panel { width: 1fr; height: 1fr; min-width: 1; min-height: 1; }"

    def __init__(self, *, framed: bool = True, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.snapshot: Snapshot | None = None
        self.framed = framed
        self.key = ""
        self.room: int | None = None
        """Cells that may change at once: on a slow link the rest follows later. None: any number."""
        self.sent = 0
        """Cells that the last update changed."""
        self.unfinished = False
        """Whether the last update left some for later."""
        self._turn = 0
        self._rows: list[Row] = []
        self._strips: list[Strip | None] = []
        self._base: Style | None = None
        self._styles: dict[str, Style] = {}
        self._shown: tuple[object, ...] | None = None

    # What a panel fills in.

    def paint(self, columns: int, rows: int) -> list[Row]:
        """The inside of the panel, at most so large."""
        raise NotImplementedError

    def content_key(self) -> tuple[object, ...]:
        """What the drawing depends on, beside size and look; while it compares equal nothing is painted."""
        return (self.snapshot,)

    def heading(self) -> Row:
        """Beside the title: what is special now."""
        return []

    def legend(self) -> Row:
        """In the lower edge of the frame."""
        return []

    # What the app calls.

    def show(self, snapshot: Snapshot | None) -> None:
        """Show another snapshot."""
        self.sent = 0
        if snapshot is not self.snapshot or self.unfinished:
            self.snapshot = snapshot
            self.update()

    def show_key(self, key: str) -> None:
        """Show beside the title by which key the panel is called; "" for none."""
        if key != self.key:
            self.key = key
            self.update()

    def update(self, *, force: bool = False) -> None:
        """Paint again if anything changed, and send the cells that differ."""
        columns, rows = self.size
        if columns < 1 or rows < 1 or not self.is_attached or not self.is_on_screen:
            self._shown = None
            return
        self.sent = 0
        key = (columns, rows, self.look, self.has_focus, self.key, *self.content_key())
        if key == self._shown and not force and not self.unfinished:
            return
        self._shown = key
        painted = self._framed(columns, rows)
        if not self.look.unicode:
            painted = [ascii_row(row) for row in painted]
        old = self._rows
        self._rows = painted
        self.unfinished = False
        if force or len(old) != len(painted):
            self._strips = [None] * len(painted)
            self.sent = columns * rows
            self._send([self.size.region])
            return
        regions = []
        left = self.room
        for y in (*range(self._turn, rows), *range(min(self._turn, rows))):
            span = changed(old[y], painted[y])
            if span is None:
                continue
            if left is not None and left <= 0:
                # The line stays as it is on the screen, and comes first the next time.
                if not self.unfinished:
                    self._turn, self.unfinished = y, True
                painted[y] = old[y]
                continue
            self._strips[y] = None
            regions.append(Region(span[0], y, span[1] - span[0], 1))
            self.sent += span[1] - span[0]
            left = None if left is None else left - (span[1] - span[0])
        if regions:
            self._send(regions)

    def _send(self, regions: Sequence[Region]) -> None:
        """Have parts of the panel sent; from behind a window too, where Textual would send the whole screen."""
        front = self.app.screen
        if front is self.screen:
            self.refresh(*regions)
        else:
            self._set_dirty(*regions)  # as `refresh` does, but without telling the screen behind
            front.refresh(*(region.translate(self.region.offset) for region in regions))

    @property
    def look(self) -> Look:
        """What the terminal can show: the app's `look`, if it has one."""
        look = getattr(self.app, "look", PLAIN)
        return look if isinstance(look, Look) else PLAIN

    # What Textual calls.

    def render_line(self, y: int) -> Strip:
        """One line of the panel."""
        if self._rows and len(self._rows) == self.size.height and y < len(self._rows):
            strip = self._strips[y]
            if strip is None:
                # Textual computes the style of a widget from all its ancestors each time it is asked.
                base = self._base = self._base or self.rich_style
                dark = self.look.dark
                styles = self._styles
                for _, role in self._rows[y]:
                    if role not in styles:
                        styles[role] = base + style(role, dark)
                segments = [Segment(text, styles[role]) for text, role in self._rows[y]]
                strip = self._strips[y] = Strip(segments, self.size.width).adjust_cell_length(self.size.width, base)
            return strip
        return Strip.blank(self.size.width, self.rich_style)

    def notify_style_update(self) -> None:
        """Colors may have changed: every line is made anew."""
        super().notify_style_update()
        self._base = None
        self._styles.clear()
        self._strips = [None] * len(self._rows)

    def on_resize(self, event: events.Resize) -> None:
        """Paint for the new size."""
        self.call_after_refresh(self.update, force=True)
        # Textual forgets what was to be repainted where another layout follows at once. What the terminal shows
        # already is not sent again.
        self.set_timer(SETTLED_S, self.refresh)

    def on_show(self) -> None:
        """Paint what was missed while hidden."""
        self.call_after_refresh(self.update)

    def on_focus(self) -> None:
        """Show where the keys go."""
        self.call_later(self.update)  # Textual notes the focus after this handler

    def on_blur(self) -> None:
        """Show that the keys go elsewhere."""
        self.call_later(self.update)

    def _framed(self, columns: int, rows: int) -> list[Row]:
        if not self.framed or rows < 3 or columns < 8:
            return [fit_row(row, columns) if row_width(row) != columns else row for row in self._inside(columns, rows)]
        unicode = self.look.unicode
        focus = "_focus" if self.has_focus else ""
        line, side = ("─", "│") if unicode else ("-", "|")
        corners = "╭╮╰╯" if unicode else "++++"
        frame = f"frame{focus}"
        heading = self.heading()
        right: Row = [(" ", ""), *heading, (" ", "")] if heading else []
        inner = columns - 2
        title: Row = []
        called: Row = [(f" {self.key}", "muted")] if self.key else []
        for label in (self.LABEL, self.SHORT or self.LABEL):
            title = [*called, (f" {label} ", f"title{focus}")] if label else []
            if row_width(title) + row_width(right) + 2 <= inner:
                break
        else:
            right = []
        legend = self.legend()
        foot: Row = [(" ", ""), *legend, (" ", "")] if legend else []
        top = join_ends([(line, frame), *title], [*right, (line, frame)], inner, line, frame)
        if row_width(title) + 2 > inner:
            top = fit_row([(self.LABEL, f"title{focus}")], inner)
        if row_width(foot) + 2 > inner:
            foot = [*fit_row(foot, max(inner - 2, 0))]
        bottom = join_ends([(line, frame), *foot], [(line, frame)], inner, line, frame)
        body = [
            [(side, frame), *(fit_row(row, inner) if row_width(row) != inner else row), (side, frame)]
            for row in self._inside(inner, rows - 2)
        ]
        return [
            [(corners[0], frame), *top, (corners[1], frame)],
            *body,
            [(corners[2], frame), *bottom, (corners[3], frame)],
        ]

    def _inside(self, columns: int, rows: int) -> list[Row]:
        painted = self.paint(columns, rows)[:rows]
        return [*painted, *[[(" " * columns, "")]] * (rows - len(painted))]
