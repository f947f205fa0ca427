"""What widgets and screens say to the app. Messages go up, snapshots come down; nothing else connects them."""

from __future__ import annotations

from collections.abc import Mapping

from textual.message import Message

from dltui.core.commands import Command


class Send(Message):
    """Hand a command to the session."""

    def __init__(self, command: Command) -> None:
        self.command = command
        super().__init__()


class SettingChanged(Message):
    """The user set something; the app applies it."""

    def __init__(self, changes: Mapping[str, object], *, cold: bool = False) -> None:
        self.changes = dict(changes)
        """Config paths and their new values."""
        self.cold = cold
        """Start the optimizer's state from zero."""
        super().__init__()


class PickAsked(Message):
    """The user wants to choose a member for a setting."""

    def __init__(self, path: str) -> None:
        self.path = path
        """Config path of the setting: "optimizer.name"."""
        super().__init__()


class AboutAsked(Message):
    """The user wants to know what a setting is."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__()


class FilesMade(Message):
    """Something was made that the user wants to keep as files."""

    def __init__(self, name: str, files: Mapping[str, bytes], problem: str = "") -> None:
        self.name = name
        """What they are called, without an ending."""
        self.files = dict(files)
        """Ending -> content."""
        self.problem = problem
        """What could not be made, and what helps; "" for nothing."""
        super().__init__()
