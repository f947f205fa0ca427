"""Every sign by its nearest in plain ASCII, of the same width: for terminals that can show nothing else."""

from __future__ import annotations

import unicodedata

from .format import char_width

_NEAREST = str.maketrans(
    {
        **dict(zip("·…→←↑↓—–‐−×∞²³▶‖■✓✗◆●∘○━─│∇Δ≤≥≠“”‘’±", "-~><^v----x823>=#+!**oo--|gd<>!\"\"''=", strict=True)),
        **dict(zip("αβγδεζηθλμνπρστφψωΓΠΣΦΨΩ√⌊⌋", "abgdezntlmnprstfywGPSFYOV[]", strict=True)),
        **dict(zip("▁▂▃▄▅▆▇█▏▎▍▌▋▊▉▀▔▐▕", "_.-=+*%#||||||#'-||", strict=True)),
        **dict(zip("░▒▓▾▸◇┊═║┃", ".:#v>o:=||", strict=True)),
        **dict.fromkeys("╭╮╰╯┌┐└┘├┤┬┴┼╔╗╚╝┏┓┗┛", "+"),
    }
)


def ascii_text(text: str) -> str:
    """A text in plain ASCII, as wide as it was.

    Example:
        >>> ascii_text("β1 → 0.9, André")
        'b1 > 0.9, Andre'
    """
    if text.isascii():
        return text
    return "".join(char if char.isascii() else _base(char) for char in text.translate(_NEAREST))


def _base(char: str) -> str:
    """A letter without its marks; question marks for what has no like."""
    parts, cells = unicodedata.normalize("NFKD", char), char_width(char)
    alone = cells == 1 and " " <= parts[0] <= "~" and all(map(unicodedata.combining, parts[1:]))
    return parts[0] if alone else "?" * cells
