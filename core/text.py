"""Text for people; what came from outside is made safe to show.

A class name in a CSV file can hold an escape sequence that writes the reader's clipboard, and the widgets of a terminal
library pass it on. So every name is made visible where it enters: each character that acts instead of showing is
replaced by a symbol, one decision for the screen, for stderr and for `--json`.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence

MAX_MARKS = 4
"""Combining marks kept on one letter: no living script needs more, a flood of them covers the lines above."""

_DOTTED_CIRCLE = "◌"
_ACTING = frozenset(("Cc", "Cf", "Cs", "Cn", "Zl", "Zp"))
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")


def safe_text(text: object, limit: int = 200) -> str:
    """`text` on one line, with nothing in it that a terminal would obey.

    Control characters become their pictures (␛, ␊), other characters without a shape of their own (bidi marks,
    zero-width characters, lone surrogates, 8-bit controls) their number in angle quotes (‹202E›). Applying it twice
    changes nothing.

    Args:
        text: What to show; anything but text is turned into text first.
        limit: Most characters in the answer, the ellipsis included; at least 1.

    Example:
        >>> safe_text("cats" + chr(27) + "[2J")
        'cats␛[2J'
    """
    whole = text if isinstance(text, str) else str(text)
    # The cut comes first: composing a flood of marks takes quadratic time.
    start = _visible(whole[: limit * (MAX_MARKS + 2)])
    shown = _visible(unicodedata.normalize("NFC", start))
    if len(shown) > limit or len(whole) > limit * (MAX_MARKS + 2):
        return shown[: limit - 1] + "…"
    return shown


def safe_lines(text: str) -> str:
    """The same over several lines: what a terminal would obey is made visible, the ends of lines stay.

    Example:
        >>> print(safe_lines("cats" + chr(27) + "[2J" + chr(10) + "dogs"))
        cats␛[2J
        dogs
    """
    return "\n".join(map(_visible, text.split("\n")))


def byte_size(n_bytes: int) -> str:
    """A number of bytes as a person reads it.

    Example:
        >>> byte_size(2400), byte_size(12)
        ('2.4 kB', '12 B')
    """
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if n_bytes >= scale:
            return f"{n_bytes / scale:.1f} {unit}"
    return f"{n_bytes} B"


def distinct_texts(texts: Sequence[object], limit: int = 200) -> tuple[str, ...]:
    """Texts made safe to show, each at most `limit` characters, and no two alike that were not alike before.

    A name is cut at its end; those that would then be one are cut in their middle, and numbered if that does not tell
    them apart either.

    Example:
        >>> distinct_texts(["strain number A", "strain number B", "cat"], 9)
        ('stra…er A', 'stra…er B', 'cat')
    """
    whole = [text if isinstance(text, str) else str(text) for text in texts]
    shown = [safe_text(text, limit) for text in whole]
    of = {text: safe_text(text, limit) for text in whole}
    often = Counter(of.values())
    if len(often) == len(of):
        return tuple(shown)
    taken = {cut for cut in of.values() if often[cut] == 1}
    for text in [text for text, cut in of.items() if often[cut] > 1]:
        keep = (limit - 1) // 2
        safe = safe_text(text, 10 * limit)
        cut = safe if len(safe) <= limit else f"{safe[: limit - 1 - keep]}…{safe[len(safe) - keep :]}"
        number, fresh = 1, cut
        while fresh in taken:
            number += 1
            mark = f" ({number})"
            fresh = cut[: max(0, limit - len(mark))] + mark
        taken.add(fresh)
        of[text] = fresh
    return tuple(of[text] for text in whole)


def _visible(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    pieces: list[str] = []
    marks = 0
    for character in text:
        if _acts(character):
            marks = 0
            pieces.append(_symbol(character))
        elif not unicodedata.category(character).startswith("M"):
            marks = 0
            pieces.append(character)
        else:
            if not pieces:  # it would land on whatever stands before the text
                pieces.append(_DOTTED_CIRCLE)
            marks += 1
            if marks <= MAX_MARKS:
                pieces.append(character)
            elif marks == MAX_MARKS + 1:
                pieces.append(_DOTTED_CIRCLE)
    return "".join(pieces)


def _acts(character: str) -> bool:
    return (
        unicodedata.category(character) in _ACTING
        or character in _BLANK
        or "\u180b" <= character <= "\u180f"  # variation selectors
        or "\ufe00" <= character <= "\ufe0f"
        or "\U000e0000" <= character <= "\U000e0fff"  # tags and more selectors
    )


def _symbol(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"‹{code:04X}›"
