"""The one table of keys, and what is made from it.

Bindings, footer, command palette and help screen are all made from these rows, so that what the help says is what the
keys do. The module knows nothing of screens: a row names an action, and the screen it is bound on has a method for it.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding, BindingType

from .key_table import KEYS, Key

__all__ = ["KEYS", "PANEL_GROUPS", "WHERE", "Key", "bindings", "handed_on", "keys_of", "rows"]

WHERE = {
    "run": "Run",
    "change": "Change the network while it trains",
    "look": "Look",
    "chart": "On a chart",
    "map": "On the decision map",
    "net": "On the network",
    "samples": "On the samples",
    "pictures": "On filters and maps",
    "text": "On the log and the lesson",
    "doctor": "On the doctor",
    "controls": "On a control",
    "arrange": "While panels are arranged",
    "app": "Everywhere",
}
"""Groups of the table: the first three are bound on the dashboard, "app" on the app, the others on their panels."""

PANEL_GROUPS = ("chart", "map", "net", "samples", "pictures", "text", "doctor")
"""Groups a panel answers."""


KEYED = ("panel", "arrange_toggle")
"""Actions that are told their key."""


def rows(*where: str) -> list[Key]:
    """The rows of these groups, in the order of the table."""
    return [key for key in KEYS if key.where in where]


def bindings(*where: str) -> list[BindingType]:
    """The rows of these groups as Textual bindings.

    A row whose action is one of `KEYED` gets the key itself as argument.
    """
    return list(_bindings(rows(*where)))


def keys_of(action: str) -> tuple[str, ...]:
    """How the keys are written that do an action with this name, whatever its arguments.

    Example:
        >>> keys_of("undo")
        ('z', 'Z')
    """
    return tuple(row.text for row in KEYS if row.action.partition("(")[0] == action)


def handed_on() -> list[BindingType]:
    """Bindings of a screen for the keys of panels that work wherever the focus is: `action_relay(group, action)`."""
    found = [row for row in rows(*PANEL_GROUPS) if row.anywhere]
    return [
        Binding(key, f"relay({row.where!r}, {row.action!r})", row.label, show=False, tooltip=row.help)
        for row in found
        for key in row.keys
    ]


def _bindings(table: Iterable[Key]) -> Iterable[Binding]:
    for row in table:
        for key in row.keys:
            action = f"{row.action}({key!r})" if row.action in KEYED else row.action
            first = row.always or row.where == "arrange"  # before the panel in focus, which has arrows of its own
            yield Binding(key, action, row.label, show=False, tooltip=row.help, priority=first)
