"""Sends only the cells that differ from what the terminal shows, and of their styles only what differs as well.

Textual sends whole parts of lines, every stretch of a style with all of its codes and a reset behind it: over SSH nine
bytes of ten are codes. Here the cells on the terminal are remembered, and what Textual wants to write is compared with
them cell by cell. It takes the place of two methods of inner classes of Textual, so it is done for the version it was
written for and left alone otherwise; nothing but the number of bytes depends on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, NamedTuple

from textual import _compositor

from ..draw.format import char_width
from . import plain_text

if TYPE_CHECKING:
    from rich.color import ColorSystem
    from rich.console import Console
    from rich.style import Style
    from textual._compositor import ChopsUpdate, LayoutUpdate
    from textual.strip import Strip

TESTED = "8."
"""Versions of Textual whose inner classes are as expected here."""
BRIDGE = 4
"""Cells written again rather than skipped: skipping them takes as many bytes."""


class Pen(NamedTuple):
    """Codes of a style."""

    attributes: str = ""
    """"1;4" for bold and underlined."""
    ink: str = ""
    ground: str = ""

    @property
    def hollow(self) -> bool:
        """Whether a space written with it shows its ground alone."""
        return not _MARKS_SPACES.intersection(self.attributes.split(";"))


_PLAIN = Pen()
_MARKS_SPACES = frozenset({"4", "7", "9", "21", "51", "52", "53"})
"""Attributes that are seen on a space, too: underlined, reversed, struck, framed."""
_CODE = re.compile(r"[34]8;5;\d+|[34]8;2;\d+;\d+;\d+|\d+")
_RENDERED = re.compile(r"\x1b\[([0-9;]*)mx")


class ShownCells:
    """The cells of a terminal, as far as they are known from what was written."""

    def __init__(self) -> None:
        self._texts: list[list[str]] = []
        self._pens: list[list[Pen]] = []
        self._pen = _PLAIN
        self._at = (-1, -1)
        self._out: list[str] = []

    def forget(self) -> None:
        """Nothing is known any more: all that is written next is sent."""
        self._texts, self._pens = [], []

    def begin(self) -> None:
        """Begin an update; where the cursor stands is not known."""
        self._out, self._pen, self._at = [], _PLAIN, (-1, -1)

    def end(self) -> str:
        """What brings the terminal from the cells it shows to those put since the beginning."""
        if self._pen is not _PLAIN:
            self._out.append("\x1b[0m")
        return "".join(self._out)

    def put(self, x: int, y: int, strip: Strip, left: int, right: int, colors: ColorSystem | None) -> None:
        """Put cells `left` to `right` of a strip that begins at (x, y)."""
        texts, pens = self._row(y, x + right)
        column, skip, last = x, x + left, x + right
        for segment in strip:
            text = plain_text.shown(segment.text)
            pen = pen_of(segment.style, colors) if segment.style is not None else _PLAIN
            if text.isascii() or _is_narrow(text):
                first = max(skip - column, 0)
                cut = text[first : last - column] if last > column else ""
                self._put_narrow(column + first, y, cut, pen, texts, pens)
                column += len(text)
            else:
                column = self._put_wide(column, y, text, pen, (skip, last))
            if column >= last:
                return

    def _row(self, y: int, columns: int) -> tuple[list[str], list[Pen]]:
        """What is known of a row, at least so many cells of it; "" is a cell of which nothing is known."""
        while len(self._texts) <= y:
            self._texts.append([])
            self._pens.append([])
        texts, pens = self._texts[y], self._pens[y]
        if len(texts) < columns:
            pens += [_PLAIN] * (columns - len(texts))
            texts += [""] * (columns - len(texts))
        return texts, pens

    def _put_narrow(self, x: int, y: int, text: str, pen: Pen, texts: list[str], pens: list[Pen]) -> None:
        blank = Pen(ground=pen.ground) if pen.hollow else pen
        for column, char in enumerate(text, x):
            wanted = blank if char == " " else pen
            if texts[column] == char and pens[column] == wanted:
                continue
            texts[column], pens[column] = char, wanted
            self._go(column, y, texts, pens)
            self._take(pen, char == " ")
            self._out.append(char)
            self._at = (column + 1, y)

    def _put_wide(self, column: int, y: int, text: str, pen: Pen, span: tuple[int, int]) -> int:
        """Write signs of which some take two cells or none; where one of two cells ends up is the terminal's affair."""
        texts, pens = self._row(y, span[1])
        for char in text:
            cells = char_width(char)
            if span[0] <= column and column + max(cells, 1) <= span[1]:
                if cells:
                    self._go(column, y, texts, pens)
                    texts[column : column + cells] = [""] * cells
                self._take(pen, char == " ")
                self._out.append(char)
                self._at = (column + cells, y)
            elif cells and column < span[1] and column + cells > span[0]:
                # Half of a sign is a space.
                inside = max(column, span[0])
                self._put_narrow(inside, y, " " * (min(column + cells, span[1]) - inside), pen, texts, pens)
            column += cells
        self._at = (-1, -1)
        return column

    def _go(self, column: int, y: int, texts: list[str], pens: list[Pen]) -> None:
        """Bring the cursor to a cell."""
        here, row = self._at
        if (here, row) == (column, y):
            return
        gap = column - here
        if row == y and gap > 0:
            between = texts[here:column]
            if gap <= BRIDGE and all(between) and all(pen == self._pen for pen in pens[here:column]):
                self._out.append("".join(between))
            else:
                self._out.append(f"\x1b[{gap}C" if gap > 1 else "\x1b[C")
        else:
            self._out.append(f"\x1b[{y + 1};{column + 1}H")

    def _take(self, pen: Pen, for_space: bool) -> None:
        """Change what differs between the pen in the terminal's hand and this one."""
        if for_space and pen.hollow and self._pen.hollow:
            if pen.ground != self._pen.ground:
                self._out.append(f"\x1b[{pen.ground or 49}m")
                self._pen = self._pen._replace(ground=pen.ground)
        elif pen != self._pen:
            self._out.append(change(self._pen, pen))
            self._pen = pen


SHOWN = ShownCells()
"""The terminal this process writes to."""


@lru_cache(maxsize=16384)
def change(old: Pen, new: Pen) -> str:
    r"""The shortest code that turns one pen into another.

    Example:
        >>> change(Pen("1", "31", "40"), Pen("1", "32", "40"))
        '\x1b[32m'
    """
    kept = old
    codes = []
    if old.attributes != new.attributes:
        if old.attributes:
            codes.append("0")
            kept = _PLAIN
        if new.attributes:
            codes.append(new.attributes)
    if kept.ink != new.ink:
        codes.append(new.ink or "39")
    if kept.ground != new.ground:
        codes.append(new.ground or "49")
    return f"\x1b[{';'.join(codes)}m" if codes else ""


@lru_cache(maxsize=8192)
def pen_of(style: Style, colors: ColorSystem | None) -> Pen:
    """The codes of a style."""
    found = _RENDERED.search(style.render("x", color_system=colors))
    attributes, ink, ground = [], "", ""
    for code in _CODE.findall(found[1]) if found else ():
        if code.startswith("38;") or (code.isdigit() and int(code) in (*range(30, 38), 39, *range(90, 98))):
            ink = "" if code == "39" else code
        elif code.startswith("48;") or (code.isdigit() and int(code) in (*range(40, 48), 49, *range(100, 108))):
            ground = "" if code == "49" else code
        else:
            attributes.append(code)
    return Pen(";".join(attributes), ink, ground)


@lru_cache(maxsize=16384)
def _is_narrow(text: str) -> bool:
    """Whether every sign of a text takes one cell."""
    return all(char_width(char) == 1 for char in text)


def send_differences() -> bool:
    """Send only what differs from now on; whether this Textual allows it."""
    chops, layout = (getattr(_compositor, name, None) for name in ("ChopsUpdate", "LayoutUpdate"))
    fits = hasattr(chops, "render_segments") and hasattr(layout, "render_segments")
    if not version("textual").startswith(TESTED) or not fits:
        return False
    setattr(chops, "render_segments", render_spans)  # noqa: B010
    setattr(layout, "render_segments", render_lines)  # noqa: B010
    return True


def render_spans(self: ChopsUpdate, console: Console) -> str:
    """The changed spans as text for the terminal."""
    colors = console._color_system
    SHOWN.begin()
    for y, x1, x2 in self.spans:
        for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
            if strip is not None and x < x2 and end > x1:
                SHOWN.put(x, y, strip, max(x1 - x, 0), min(end, x2) - x, colors)
    return SHOWN.end()


def render_lines(self: LayoutUpdate, console: Console) -> str:
    """Whole lines as text for the terminal."""
    colors = console._color_system
    SHOWN.begin()
    lines: Sequence[Iterable[Strip]] = self.strips
    for y, line in enumerate(lines, self.region.y):
        x = self.region.x
        for strip in line:
            SHOWN.put(x, y, strip, 0, strip.cell_length, colors)
            x += strip.cell_length
    return SHOWN.end()
