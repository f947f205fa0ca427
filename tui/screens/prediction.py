"""What the network says of one row that is typed, or of one picture that is drawn: at once, while it trains on."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

import numpy as np
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from dltui.core.commands import LONGEST_TEXT, Ask
from dltui.core.snapshot import Answer, AskField, Snapshot

from ..draw.answer_page import TOP, AnswerPage, AskedPicture, AskedRow, answer_page, asked_room, pixel_at, scale_of
from ..draw.format import count
from ..messages import Send
from ..widgets.page import Page
from .about import AboutScreen, explained
from .base import WatchingScreen

INK, SOFT = 1.0, 0.5
"""How a pixel is drawn, and those beside it in a picture of many."""
_FINE = 16
"""Pixels of a side from which on a stroke is wider than one of them."""

_EXPLAINED_ROW = (
    ("field", "a column of the table, or an input; first with the values of a row of the validation part"),
    ("beside it", "the range or the most frequent words of the column, or how what was typed is taken"),
    ("answer", "the likeliest class with all probabilities, or the value in the target's unit and its change"),
    ("type", "the answer changes with every key; an empty field is a missing cell"),
    ("← →", "a number a little smaller or larger, the next word of a category"),
)
_EXPLAINED_PICTURE = (
    ("picture", "first one of the validation part; what is drawn is answered at once"),
    ("mouse", "the left button draws, the right one erases"),
    ("keys", "arrows go from pixel to pixel, space draws or erases, c clears, o brings the first picture back"),
)


class PredictionScreen(WatchingScreen[None]):
    """Fields to type in, or a picture to draw, beside the answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "dismiss", "Close"),
        ("up,shift+tab", "go(-1, 0)", "Up"),
        ("down,tab,enter", "go(1, 0)", "Down"),
        ("left", "go(0, -1)", "Left"),
        ("right", "go(0, 1)", "Right"),
        ("backspace", "erase(False)", "Erase"),
        ("delete,ctrl+u", "erase(True)", "Clear"),
        ("f1", "explain", "Explain"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._answer: Answer | None = None
        self._before = np.zeros(0)
        self._step = 0
        self._fields: tuple[AskField, ...] = ()
        self._cells: dict[str, str] = {}
        self._cursor = 0
        self._pixels: np.ndarray | None = None
        self._at = (0, 0)
        self._drawing = float("nan")
        """What the mouse draws with while a button is down; NaN while none is."""

    @property
    def answer(self) -> Answer | None:
        """The newest."""
        return self._answer

    @property
    def cells(self) -> dict[str, str]:
        """What is typed."""
        return self._cells

    @property
    def pixels(self) -> np.ndarray | None:
        """What is drawn, (height, width); None for rows."""
        return self._pixels

    def compose(self) -> ComposeResult:
        """One page."""
        with Vertical(classes="dialog -whole") as dialog:
            dialog.border_title = "Predict"
            dialog.border_subtitle = "↑↓ field · type · ← → step · Del clear · F1 explain · Esc close"
            yield Page(framed=False, id="prediction-page")

    def on_mount(self) -> None:
        """Ask for a row or a picture of the data."""
        self.query_one(Page).focus()
        self.post_message(Send(Ask()))
        self._show()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the newest answer; begin with the row or picture that comes with the first."""
        self._step = snapshot.step
        if snapshot.answer is None:
            return
        old, self._answer = self._answer, snapshot.answer
        if old is None or _asks_else(old, snapshot.answer):
            self._begin(snapshot.answer)
        self._show()

    def _begin(self, answer: Answer) -> None:
        self._pixels, self._fields, self._cursor = None, (), 0
        if answer.picture:
            _, height, width = answer.image_shape
            self._pixels = np.array(answer.picture).reshape(height, width)
            self._at = (height // 2, width // 2)
            keys = "mouse or space draw · arrows · c clear · o first · F1 explain · Esc close"
            self.query_one(Vertical).border_subtitle = keys
        else:
            self._fields = answer.fields
            self._cells = {one.name: one.example for one in answer.fields}

    def _show(self) -> None:
        asked: AskedRow | AskedPicture | None = None
        if self._pixels is not None:
            asked = AskedPicture(self._pixels.copy(), self._at)
        elif self._fields:
            asked = AskedRow(self._fields, dict(self._cells), self._cursor)
        page = AnswerPage(asked, self._answer, f"by the network at step {count(self._step)}", self._before)
        self.query_one(Page).show_drawing(partial(answer_page, page))

    def _ask(self) -> None:
        """Ask about what is typed or drawn now."""
        if self._answer is not None:
            self._before = self._answer.outputs
        if self._pixels is not None:
            self.post_message(Send(Ask(pixels=tuple(float(one) for one in self._pixels.ravel()))))
        else:
            self.post_message(Send(Ask(dict(self._cells))))
        self._show()

    # A row.

    @property
    def field(self) -> AskField | None:
        """The one in focus."""
        return self._fields[self._cursor] if self._fields else None

    def on_key(self, event: events.Key) -> None:
        """Type into the field in focus, or draw by letters."""
        if self._pixels is not None:
            if event.key in ("space", "c", "o"):
                event.stop()
                self._draw_by(event.key)
        elif event.is_printable and event.character is not None and self.field is not None:
            event.stop()
            self._type(event.character)

    def on_paste(self, event: events.Paste) -> None:
        """Type what is pasted."""
        event.stop()
        if self._pixels is None and self.field is not None:
            self._type(" ".join(event.text.split()))

    def _type(self, text: str) -> None:
        field = self.field
        assert field is not None
        self._cells[field.name] = (self._cells[field.name] + text)[:LONGEST_TEXT]
        self._ask()

    def action_erase(self, whole: bool) -> None:
        """Take back the last sign, or all of the field."""
        if self._pixels is not None:
            self._paint(self._at, 0.0)
        elif self.field is not None:
            self._cells[self.field.name] = "" if whole else self._cells[self.field.name][:-1]
            self._ask()

    def action_go(self, down: int, right: int) -> None:
        """Go to another field or pixel; sideways on a field: another value."""
        if self._pixels is not None:
            height, width = self._pixels.shape
            self._at = (min(max(self._at[0] + down, 0), height - 1), min(max(self._at[1] + right, 0), width - 1))
            self._show()
        elif down and self._fields:
            self._cursor = (self._cursor + down) % len(self._fields)
            self._show()
        elif right and self.field is not None:
            self._cells[self.field.name] = _stepped(self.field, self._cells[self.field.name], right)
            self._ask()

    # A picture.

    def _draw_by(self, key: str) -> None:
        assert self._pixels is not None
        if key == "space":
            self._paint(self._at, 0.0 if self._pixels[self._at] > SOFT else INK)
        elif key == "c":
            self._pixels[:] = 0.0
            self._ask()
        elif self._answer is not None and self._answer.picture:
            self._pixels = np.array(self._answer.picture).reshape(self._pixels.shape)
            self._ask()

    def _paint(self, place: tuple[int, int], ink: float) -> None:
        """Draw a pixel, and in a picture of many those beside it more softly."""
        pixels = self._pixels
        assert pixels is not None
        height, width = pixels.shape
        if min(height, width) >= _FINE and ink:
            for y, x in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                if 0 <= place[0] + y < height and 0 <= place[1] + x < width:
                    beside = (place[0] + y, place[1] + x)
                    pixels[beside] = max(float(pixels[beside]), SOFT)
        pixels[place] = ink
        self._at = place
        self._ask()

    def _pixel_under(self, event: events.MouseEvent) -> tuple[int, int] | None:
        """The pixel that the mouse is on."""
        page = self.query_one(Page)
        offset = event.get_content_offset(page)
        if offset is None or self._pixels is None:
            return None
        height, width = self._pixels.shape
        unit = scale_of(height, width, *asked_room(*page.size), page.look)
        return pixel_at((height, width), offset.x, offset.y - TOP, unit)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin a stroke."""
        place = self._pixel_under(event)
        if place is not None:
            self._drawing = INK if event.button == 1 else 0.0
            self._paint(place, self._drawing)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Go on with it."""
        if np.isfinite(self._drawing):
            place = self._pixel_under(event)
            if place is not None and self._pixels is not None and (place != self._at or not event.button):
                self._paint(place, self._drawing)

    def on_mouse_up(self) -> None:
        """End it."""
        self._drawing = float("nan")

    def action_explain(self) -> None:
        """What is seen, and what the keys do."""
        meanings = _EXPLAINED_PICTURE if self._pixels is not None else _EXPLAINED_ROW
        self.app.push_screen(AboutScreen(explained(meanings, wide=12), "Predict"))


def _asks_else(old: Answer, new: Answer) -> bool:
    """Whether other things can be typed or drawn than before, since the data was changed."""
    return old.image_shape != new.image_shape or [one.name for one in old.fields] != [one.name for one in new.fields]


def _stepped(field: AskField, text: str, by: int) -> str:
    """The next value of a field up or down, the next word of a category; as it is where there is none."""
    if field.words:
        place = field.words.index(text) + by if text in field.words else 0 if by > 0 else -1
        return field.words[place % len(field.words)]
    if not field.step:
        return text
    try:
        return f"{float(text.replace(',', '') or 0.0) + by * field.step:.6g}"
    except ValueError:
        return text
