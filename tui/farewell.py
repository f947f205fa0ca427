"""Leaving when told to: the terminal is gone (SIGHUP) or the machine wants us to stop (SIGTERM).

Textual dies of SIGHUP at once, and after it the thread that writes to the terminal may be stuck for ever. So the run is
saved by a thread of its own, and a watchdog ends the process if the orderly way takes too long.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

WATCHDOG_S = 3.0
"""How long saving and leaving may take after a signal."""


def on_hang_up(save: Callable[[], None], leave: Callable[[int], None]) -> None:
    """From now on SIGHUP and SIGTERM save the run and leave.

    Args:
        save: Saves the run; called once, in a thread of its own.
        leave: Ends the app with an exit code; must not wait for the terminal.
    """
    begun = threading.Event()

    def work(code: int) -> None:
        threading.Thread(target=_end, args=(code,), daemon=True).start()
        save()
        leave(code)

    def handler(number: int, _frame: FrameType | None) -> None:
        if begun.is_set():
            os._exit(128 + number)
        begun.set()
        threading.Thread(target=work, args=(128 + number,), daemon=True).start()

    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, handler)


def _end(code: int) -> None:
    time.sleep(WATCHDOG_S)
    os._exit(code)
