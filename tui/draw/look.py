"""What the terminal at hand can show: every drawing has a form for each answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MANY = 256
"""Colors from which on values may be drawn in shades."""
_OF_PYTHON = ("C.UTF-8", "C.utf8", "UTF-8")
"""What Python writes into LC_CTYPE where no encoding was chosen: nothing that a user said."""
_CODESETS = ("ISO", "US-ASCII", "ASCII", "ANSI", "LATIN", "KOI8", "CP", "WINDOWS")
"""How encodings begin where one stands in place of a locale."""


@dataclass(frozen=True)
class Look:
    """Signs and colors that may be used."""

    unicode: bool = True
    """Braille, blocks and box lines; otherwise plain ASCII."""
    color: bool = True
    """Meaning may be carried by color; otherwise signs carry it."""
    dark: bool = True
    """Whether the background is dark, so that "nothing" is drawn dark."""
    n_colors: int = MANY
    """How many colors there are: of 8 or 16 none is a shade of another, so signs carry values as without color."""

    @property
    def shaded(self) -> bool:
        """Whether a value may be drawn as the shade of a cell, or of half a cell."""
        return self.unicode and self.color and self.n_colors >= MANY

    @property
    def strokes(self) -> bool:
        """Whether lines are told apart by their strokes, too: where there are few colors, or none."""
        return not self.color or self.n_colors < MANY

    @classmethod
    def detect(cls, environ: Mapping[str, str], encoding: str | None, dark: bool = True) -> Look:
        """The look for an environment: `NO_COLOR`, `TERM` and locale, `encoding` of the terminal's stream."""
        utf8 = _is_utf8(encoding or "") and _is_utf8(_codeset(environ))
        term = environ.get("TERM", "")
        color = not environ.get("NO_COLOR") and term not in ("vt100", "dumb")
        plain = term in ("linux", "vt100", "dumb")
        return cls(unicode=utf8 and not plain, color=color, dark=dark, n_colors=_n_colors(environ, term))


def _is_utf8(codeset: str) -> bool:
    return codeset.lower().replace("-", "").replace("_", "") == "utf8"


def _codeset(environ: Mapping[str, str]) -> str:
    """The encoding that the locale names; UTF-8 where it names none, as in containers and over some SSH.

    LC_ALL=C is somebody's wish; LANG=C is what is set where nobody set anything.
    """
    chosen = environ.get("LC_ALL", "")
    if not chosen:
        kind = environ.get("LC_CTYPE", "")
        chosen = environ.get("LANG", "") if kind in ("", *_OF_PYTHON) else kind
        chosen = "" if chosen in ("C", "POSIX") else chosen
    name, dot, codeset = chosen.partition(".")
    if dot:
        return codeset.partition("@")[0]
    alone = name in ("C", "POSIX") or name.upper().startswith(_CODESETS)
    return name if alone else "utf8"


def _n_colors(environ: Mapping[str, str], term: str) -> int:
    """Colors as the library that writes them counts them, and the eight of terminals that are known for no more."""
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return 1 << 24
    kind = term.rpartition("-")[2]
    if kind in ("256color", "kitty") or not term:
        return MANY
    return 8 if term in ("linux", "screen", "ansi", "vt220") or kind == "8color" else 16
