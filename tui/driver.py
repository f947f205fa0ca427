"""The terminal as we write to it: counts bytes, clears what a crashed program left switched on, ends when it is gone.

Textual waits for ever on a terminal that answers every read with nothing, at the price of a whole core; here a terminal
that is gone hangs up.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from textual.drivers.linux_driver import LinuxDriver

PROLOGUE = "".join(f"\x1b[?{mode}l" for mode in (1000, 1002, 1003, 1006, 1015, 1016, 1004, 2004))
"""Mouse, focus and paste reports off: what a program that was killed here before us may have left on."""


class PacedDriver(LinuxDriver):
    """A terminal whose traffic is counted."""

    wrote: Callable[[int], None] | None = None
    """Told the number of bytes of every write."""

    def write(self, data: str) -> None:
        """Write to the terminal."""
        if self.wrote is not None:
            self.wrote(len(data.encode("utf-8", "replace")))
        super().write(data)

    def start_application_mode(self) -> None:
        """Take over the terminal."""
        self._file.write(PROLOGUE)  # type: ignore[union-attr]
        super().start_application_mode()

    def run_input_thread(self) -> None:
        """Read keys until the terminal is gone."""
        try:
            super().run_input_thread()
        except OSError:
            os.kill(os.getpid(), signal.SIGHUP)
