"""What a row of the key table says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Key:
    """One thing a key does."""

    keys: tuple[str, ...]
    """Keys as Textual names them; all do the same. The first is the one shown."""
    action: str
    """Method `action_…` of the screen or widget, with its arguments: "pick('optimizer.name')"."""
    label: str
    """One word for the footer."""
    help: str
    """One sentence for the help screen and the palette."""
    where: str
    """Group in the help, and who answers: see `WHERE`."""
    footer: str = ""
    """How the footer writes the key; "" keeps it out of the footer."""
    shown: str = ""
    """How the key is written; "" for its own name."""
    palette: bool = True
    """Whether the command palette lists it."""
    anywhere: bool = False
    """For a key of a panel: whether the dashboard hands it on when another panel has the focus."""

    @property
    def text(self) -> str:
        """The key as a person reads it."""
        return self.shown or self.keys[0]
