"""Numbers, times and texts in few cells, the way a person at a status line wants them.

Everything here returns plain text whose width in cells is known; nothing is ever markup.
"""

from __future__ import annotations

import math
import re
import unicodedata
from functools import lru_cache

THIN = " "
"""Between groups of three digits: a plain space, since a thin one is one cell wide anyway."""


_UNUSUAL = re.compile("[^ -~¡-¬®-˿Α-ΡΣ-ω‐-‧‰-⁞←-⇿∀-⋿─-▟■-◼✓✗⠀-⣿]")
"""Signs that may not be one cell wide; drawings consist of the others, whose widths need no look-up."""

_EXPONENT = re.compile(r"(?<=\d)e(?:\+|(-))0*(?=\d)(\d+)")


def number(value: float | None, digits: int = 3) -> str:
    """A number in at most about eight cells: "0.0082", "3e-5", "12.5", "20 600"."""
    if value is None or math.isnan(value):
        return "—"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if size == 0:
        return "0"
    if size < 1e-3 or size >= 1e7:
        mantissa, exponent = f"{value:.{max(digits - 2, 0)}e}".split("e")
        if "." in mantissa:
            mantissa = mantissa.rstrip("0").rstrip(".")
        return f"{mantissa}e{int(exponent)}"
    if float(value).is_integer() or size >= 10 ** (digits + 1):
        return count(round(value))
    decimals = max(digits - 1 - math.floor(math.log10(size)), 0)
    return f"{value:.{decimals}f}"


def trimmed(value: float) -> str:
    """`number` without zeros at its end, and as a setting is written: "0.01", "0.0001", "1e-5"."""
    text = f"{value:.3g}" if 1e-4 <= abs(value) < 1e-3 else number(value)
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def short_exponents(text: str) -> str:
    """A text with the exponents of its numbers in few signs.

    Example:
        >>> short_exponents("a number in [1e-08, 1e+06]")
        'a number in [1e-8, 1e6]'
    """
    return _EXPONENT.sub(r"e\1\2", text)


def fixed(value: float, decimals: int = 3) -> str:
    """A number with a fixed count of decimals, so that a column of them lines up: "0.981"."""
    return f"{value:.{decimals}f}" if math.isfinite(value) else number(value)


def count(value: float) -> str:
    """A whole number in groups of three digits: "20 600"."""
    return f"{int(value):,}".replace(",", THIN)


def short(value: float) -> str:
    """A number for an axis or a rate: "1.2 M", "20 k", "0.01"."""
    if not math.isfinite(value):
        return number(value)
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            unit = 1e3 if letter == "k" else size
            scaled = value / unit
            text = f"{scaled:.1f}" if abs(scaled) < 10 else f"{scaled:.0f}"
            return f"{text.removesuffix('.0')} {letter}"
    return number(value) if abs(value) < 1000 else count(round(value))


def tick(value: float, step: float) -> str:
    """The label of a tick of an axis whose ticks are `step` apart: as few signs as tell them apart."""
    if value == 0:
        return "0"
    size = abs(value)
    for unit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if size >= unit and step >= unit / 100:
            return f"{value / unit:.4g}{letter}"
    if size < 1e-3 or size >= 1e7:
        return short_exponents(f"{value:.3g}")
    decimals = max(-math.floor(math.log10(abs(step)) + 1e-9), 0) if step else 3
    text = f"{value:.{min(decimals, 8)}f}"
    return text.rstrip("0").rstrip(".") if decimals > 3 and "." in text else text


def rate(value: float, unit: str) -> str:
    """So many a second: "1.2 M steps/s"."""
    return f"{short(value)} {unit}/s"


def is_number(text: str) -> bool:
    """Whether a value in the text of a change is a number."""
    return text[:1].isdigit() or text[:1] in ("+", "-", ".")


def main_change(text: str) -> str:
    """The most telling of several changes: a new method before a new number, else the first.

    Example:
        >>> main_change("learning_rate: 0.1 → 0.01, optimizer: sgd → adam")
        'optimizer: sgd → adam'
    """
    parts = re.split(r", (?=[\w. ]+: )", text)
    methods = [part for part in parts if "→" in part and not is_number(part.rpartition("→")[2].strip())]
    return methods[0] if methods else parts[0]


def percent(share: float) -> str:
    """A share in whole per cent: "3%"."""
    return f"{share * 100:.0f}%" if math.isfinite(share) else "—"


def char_width(char: str) -> int:
    """Cells one character takes: 0, 1 or 2."""
    if " " <= char <= "~":
        return 1
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


@lru_cache(maxsize=65536)
def width(text: str) -> int:
    """Cells a text takes."""
    return sum(map(char_width, text)) if _UNUSUAL.search(text) else len(text)


def ellipsis(text: str, cells: int, end: str = "…") -> str:
    """`text` in at most `cells` cells, its end replaced by `end` where it does not fit."""
    if width(text) <= cells:
        return text
    room = cells - width(end)
    if room < 0:
        return ""
    kept, used = [], 0
    for char in text:
        used += char_width(char)
        if used > room:
            break
        kept.append(char)
    return "".join(kept) + end


def pad(text: str, cells: int, align: str = "left") -> str:
    """`text` in exactly `cells` cells: cut with an ellipsis or filled with spaces."""
    cut = ellipsis(text, cells)
    space = " " * max(cells - width(cut), 0)
    return space + cut if align == "right" else cut + space


def wrap(text: str, cells: int) -> list[str]:
    """`text` in lines of at most `cells` cells, broken between words; empty lines of the text are kept."""
    if cells < 1:
        return []
    lines: list[str] = []
    for paragraph in text.splitlines():
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}" if line else word
            if width(longer) <= cells:
                line = longer
                continue
            if line:
                lines.append(line)
            line = ellipsis(word, cells)
        lines.append(line)
    return lines
