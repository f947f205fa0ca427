"""Pasted text is text: without this, Textual's parser reads keys from the escapes in it."""

from __future__ import annotations

_PASTE, _PASTE_END = b"\x1b[200~", b"\x1b[201~"
"""What a terminal sends around text that is pasted."""


class PasteFilter:
    """Takes the escapes out of pasted text: Textual's parser would read what they begin as keys."""

    def __init__(self) -> None:
        self._inside, self._held = False, b""

    def clean(self, data: bytes) -> bytes:
        r"""What may go on to the parser; the beginning of a mark that is not whole yet is held back.

        Example:
            >>> PasteFilter().clean(b"a\x1b[200~b\x1b[31mc\x1b[201~\x1b[C")
            b'a\x1b[200~b[31mc\x1b[201~\x1b[C'
        """
        data, self._held = self._held + data, b""
        parts = []
        while data:
            mark = _PASTE_END if self._inside else _PASTE
            text, found, data = data.partition(mark)
            if not found:
                # An escape by itself outside a paste is a key, and waits for nothing.
                whole = len(text) - _begun(text, mark, 1 if self._inside else 2)
                text, self._held = text[:whole], text[whole:]
            parts += [text.replace(b"\x1b", b"") if self._inside else text, found]
            self._inside ^= bool(found)
        return b"".join(parts)


def _begun(data: bytes, mark: bytes, least: int) -> int:
    """Bytes at the end of `data` with which a mark may begin, if they are at least so many."""
    lengths = range(len(mark) - 1, least - 1, -1)
    return next((length for length in lengths if data.endswith(mark[:length])), 0)
