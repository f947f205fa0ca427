"""The terminal as we write to it: counts bytes, clears what a crashed program left switched on, ends when it is gone.

Textual polls a terminal whose reads return nothing forever, which costs a whole core, crashes on a byte that is not
UTF-8, and blocks forever after a failed write. Here a terminal that is gone hangs up, once, and what is still written
to it goes nowhere.
"""

from __future__ import annotations

import os
import re
import select
import signal
from codecs import getincrementaldecoder
from collections.abc import Callable
from io import TextIOWrapper
from typing import IO, TYPE_CHECKING, cast

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

from .differences import SHOWN
from .guard import note_screen
from .pastes import PasteFilter

if TYPE_CHECKING:
    from textual.app import App

PROLOGUE = "".join(f"\x1b[?{mode}l" for mode in (1000, 1002, 1003, 1006, 1015, 1016, 1004, 2004))
"""Mouse, focus and paste reports off: what a program that was killed here before us may have left on."""

_LEAVE = re.compile(rb"\x11|\x1b\[113;5u")
"""Ctrl+Q, in its old and its new form."""
_PASTED = re.compile(rb"\x1b\[200~.*?(\x1b\[201~|$)", re.DOTALL)
"""Text that was pasted: what is in it is no key."""
_PIECE = 256
"""Bytes worked off before it is looked whether there are more."""
_LOOK_MS = 100
"""How often the thread that reads keys looks whether it is to end."""


class _Screen:
    """The file of a terminal that may vanish: after the first failure nothing is written any more."""

    def __init__(self, file: IO[str]) -> None:
        self._file, self._gone = file, False

    def write(self, text: str) -> int:
        """Write, as far as there is somebody to read."""
        if not self._gone:
            try:
                self._file.write(text)
            except (OSError, ValueError):
                self._gone = True
        return len(text)

    def flush(self) -> None:
        """Have it sent."""
        if not self._gone:
            try:
                self._file.flush()
            except (OSError, ValueError):
                self._gone = True

    def fileno(self) -> int:
        """The terminal's descriptor."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._file.isatty()


class PacedDriver(LinuxDriver):
    """A terminal whose traffic is counted."""

    wrote: Callable[[int], None] | None = None
    """Called with the number of bytes of every write."""
    leave: Callable[[], None] | None = None
    """Called by the thread that reads keys when Ctrl+Q is pressed, before earlier keys have been worked off."""

    def __init__(
        self, app: App[None], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._screen = _Screen(cast(TextIOWrapper, self._file))
        self._file = cast(TextIOWrapper, self._screen)
        self._resuming = False

    def write(self, data: str) -> None:
        """Write to the terminal."""
        if self.wrote is not None:
            self.wrote(len(data.encode("utf-8", "replace")))
        super().write(data)

    def start_application_mode(self) -> None:
        """Take over the terminal."""
        note_screen(True)
        SHOWN.forget()
        self._screen.write(PROLOGUE)
        super().start_application_mode()

    def close(self) -> None:
        """Give the terminal back: when all is written it is the shell's again."""
        super().close()
        note_screen(False)

    def _sigcont_application(self, *_: object) -> None:
        """Take the terminal back once: the shell continues the whole group, and the launcher its child again."""
        if self._must_signal_resume and not self._resuming:
            self._resuming = True
            try:
                super()._sigcont_application()
            finally:
                self._resuming = False

    def run_input_thread(self) -> None:
        """Read keys until told to end, the terminal is gone, or Ctrl+Q, which does not wait for earlier keys."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        poll = select.poll()
        poll.register(self.fileno, select.POLLIN)
        pastes, waiting = PasteFilter(), b""
        while not self.exit_event.is_set():
            if poll.poll(0 if waiting else _LOOK_MS):
                try:
                    data = os.read(self.fileno, 65536)
                except (BlockingIOError, InterruptedError):
                    continue
                except OSError:
                    data = b""
                if not data:
                    self._hang_up()
                    return
                waiting += pastes.clean(data)
                if self.leave is not None and _LEAVE.search(_PASTED.sub(b"", data)):
                    self.leave()
                    return
            piece, waiting = waiting[:_PIECE], waiting[_PIECE:]
            text = decode(piece)
            for message in parser.feed(text) if text else ():  # to the parser no text is the end
                self.process_message(message)
            # Of a sequence that was cut the rest may lie there: it is no Escape while there is more to read.
            if not waiting and not poll.poll(0):
                for message in parser.tick():
                    self.process_message(message)

    def _hang_up(self) -> None:
        if not self.exit_event.is_set():
            os.kill(os.getpid(), signal.SIGHUP)
