"""The last guard before the terminal: text of a cell is only text.

Names are made safe where they enter (`core.text`), and one path will be forgotten. Every widget of Textual draws
strips, and a strip writes its text as it is, so here is the one place that all text passes. It touches a method of
Textual, and a test with the real terminal notices if it is ever passed by. The ASCII form has its last guard here too.
"""

from __future__ import annotations

from rich.console import Console
from textual.strip import Strip

from dltui.core.text import safe_text

from ..draw.ascii import ascii_text

_render = Strip.render
_ascii_only = False


def keep_text_plain(ascii_only: bool = False) -> None:
    """From now on nothing in a strip's text is obeyed by the terminal, and with `ascii_only` all of it is ASCII."""
    global _ascii_only
    _ascii_only = ascii_only
    setattr(Strip, "render", _render_ascii if ascii_only else _render_plain)  # noqa: B010


def _render_ascii(self: Strip, console: Console) -> str:
    if self._render_cache is None and any(not text.isascii() for text, _, _ in self._segments):
        self._segments = [segment._replace(text=ascii_text(segment.text)) for segment in self._segments]
    return _render_plain(self, console)


def _render_plain(self: Strip, console: Console) -> str:
    if self._render_cache is None and any(not text.isprintable() for text, _, _ in self._segments):
        self._segments = [segment._replace(text=plain(segment.text)) for segment in self._segments]
    return _render(self, console)


def shown(text: str) -> str:
    """What the terminal may be sent in place of the text of a strip."""
    return plain(ascii_text(text) if _ascii_only and not text.isascii() else text)


def plain(text: str) -> str:
    """The text with one cell for each character that acts, so that the cells after it stay where they are."""
    if text.isprintable():
        return text
    return "".join(character if _shows(character) else safe_text(character)[0] for character in text)


def _shows(character: str) -> bool:
    # Private use is not printable to Python, but is what symbols of terminal fonts are; combining marks stay.
    return character.isprintable() or safe_text(character) == character
