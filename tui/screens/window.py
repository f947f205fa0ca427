"""What every window over the dashboard is: a screen that may be closed before its inside is there.

Keys come faster than windows open. Of a window that is closed as it opens Textual mounts nothing, or only the outer
part, and still tells it that it is mounted; whoever then looks for a widget in it ends the program. So nothing that
happens reaches a window that is on its way out.
"""

from __future__ import annotations

from textual import events, messages
from textual.message import Message
from textual.screen import ModalScreen, ScreenResultType

LIFE = (events.Compose, events.Unmount, messages.Prune, messages.CloseMessages)
"""What makes a window and takes it away."""


class Window(ModalScreen[ScreenResultType]):
    """A window; what happens reaches it while its inside is there."""

    @property
    def whole(self) -> bool:
        """Whether the inside is there, and stays; a node that is being removed is not displayed."""
        return bool(self.children) and self.display

    async def _on_message(self, message: Message) -> None:
        """Hand on what happens to a whole window, and what makes and unmakes it; see `MessagePump`."""
        if self.whole or isinstance(message, LIFE):
            await super()._on_message(message)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No key does anything in a window that is not whole."""
        return super().check_action(action, parameters) if self.whole else False
