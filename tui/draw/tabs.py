"""The tabs of a small terminal: every panel by its key, and by its name as far as there is room."""

from __future__ import annotations

from collections.abc import Sequence

from .cells import Row
from .format import width


def tabs(columns: int, names: Sequence[str], keys: Sequence[str], chosen: int) -> list[Row]:
    """One short row of spans for each tab: its key, and its name if it is near enough to the one chosen.

    Args:
        columns: Width in cells of all of them.
        names: Of the tabs.
        keys: The key that shows each; "" for those without one.
        chosen: Number of the tab shown.
    """
    room = columns - sum(width(key or "·") + 2 for key in keys)
    named: set[int] = set()
    for i in sorted(range(len(names)), key=lambda i: abs(i - chosen)):
        room -= width(names[i])
        if room < 0:
            break
        named.add(i)
    return [
        [
            (f" {key or '·'} ", "title_focus" if i == chosen else "faint"),
            (name if i in named else "", "strong" if i == chosen else "muted"),
        ]
        for i, (name, key) in enumerate(zip(names, keys, strict=True))
    ]
