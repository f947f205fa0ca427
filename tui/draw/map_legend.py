"""The legend of a decision map: how classes are told apart, and training from validation points."""

from __future__ import annotations

from collections.abc import Sequence

from . import colors
from .cells import Row, row_width
from .format import ellipsis
from .heat import point_ink, point_sign
from .look import Look

FORMS = ((12, 2), (12, 1), (6, 1))
"""Longest name of a class and spaces between two entries, from the widest form to the narrowest."""
MOST = 10
"""Classes that are named."""


def map_legend(columns: int, names: Sequence[str], n_classes: int, look: Look) -> Row:
    """Classes and parts in the widest form that fits; where none does, the validation part and the classes alone.

    Args:
        columns: Width in cells.
        names: Of the classes.
        n_classes: As for `heat.decision_map`: 0 where the points have values.
        look: What the terminal can show.
    """
    parts = _parts(n_classes, look)
    classes = [
        (_signs(i, n_classes, look), name, _ink(i, n_classes, look)) for i, name in _named(names, n_classes, look)
    ]
    row: Row = []
    for first in range(len(parts) + 1):
        for longest, gap in FORMS:
            cut = [ellipsis(name, longest) for _, name, _ in classes]
            row = []
            for (sign, _, ink), name in zip(classes, cut, strict=True):
                row += [(sign, ink), (f" {name}{' ' * gap}", "muted")]
            row.append(((" " * gap).join(parts[first:]), "muted"))
            if row_width(row) <= columns and len(set(cut)) == len({name for _, name, _ in classes}):
                return row
    return row


def _named(names: Sequence[str], n_classes: int, look: Look) -> list[tuple[int, str]]:
    if n_classes:
        return list(enumerate(names[:MOST]))
    return [] if look.shaded else [(0, "up to 0"), (1, "above 0")]


def _signs(kind: int, n_classes: int, look: Look) -> str:
    """The sign of a class, and where the parts have signs of their own both."""
    if look.shaded:
        return "●"
    full, hollow = (point_sign(kind, part, n_classes, look) for part in (False, True))
    return full if full == hollow else full + hollow


def _parts(n_classes: int, look: Look) -> list[str]:
    if look.shaded:
        return ["● train", "∘ val"]
    if n_classes > 2:
        return []
    return [
        "".join(point_sign(kind, hollow, n_classes, look) for kind in (0, 1)) + name
        for hollow, name in ((False, " train"), (True, " val"))
    ]


def _ink(kind: int, n_classes: int, look: Look) -> str:
    return colors.tint(kind, n_classes, look.dark) if look.shaded else point_ink(kind, n_classes, look)
