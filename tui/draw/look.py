"""What the terminal at hand can show: every drawing has a form for each answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """Signs and colors that may be used."""

    unicode: bool = True
    """Braille, blocks and box lines; otherwise plain ASCII."""
    color: bool = True
    """Meaning may be carried by color; otherwise signs carry it."""
    dark: bool = True
    """Whether the background is dark, so that "nothing" is drawn dark."""

    @classmethod
    def detect(cls, environ: Mapping[str, str], encoding: str | None, dark: bool = True) -> Look:
        """The look for an environment: `NO_COLOR` and `TERM` as users set them, `encoding` of the terminal's stream."""
        utf8 = (encoding or "").lower().replace("-", "").replace("_", "") == "utf8"
        plain = environ.get("TERM", "") in ("linux", "vt100", "dumb")
        color = not environ.get("NO_COLOR") and environ.get("TERM", "") not in ("vt100", "dumb")
        return cls(unicode=utf8 and not plain, color=color, dark=dark)
