"""The text of a change in few words, for a mark on a chart and for a line of the log."""

from __future__ import annotations

from ..draw.format import is_number, main_change

_BARE = ("on", "off", "none", "–")
"""Values that many settings have."""


def new_value(what: str, value: str) -> str:
    """A new value, under its setting's name where it does not say by itself what it is.

    Example:
        >>> new_value("optimizer", "adam"), new_value("learning_rate", "0.2"), new_value("hidden", "24 16 8")
        ('adam', 'rate 0.2', 'hidden 24 16 8')
    """
    words = what.replace(".", " ").replace("_", " ").split()[-1:]
    bare = is_number(value) or value.startswith("[") or " " in value or value in _BARE
    return " ".join([*words, value]) if bare else value


def short_change(text: str) -> str:
    """A change in fewer cells; of several the most telling.

    Example:
        >>> short_change("optimizer: sgd → adam"), short_change("shuffle: on → off")
        ('adam ← sgd', 'shuffle off ← on')
    """
    main = main_change(text)
    what, colon, change = main.partition(": ")
    old, arrow, new = change.partition(" → ")
    if not (colon and arrow):
        return text
    return f"{new_value(what, new)} ← {old}" + (" …" if main != text else "")
