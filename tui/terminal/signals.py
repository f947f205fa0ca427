"""Leaving when told to: the terminal is gone (SIGHUP) or somebody wants us to stop (SIGTERM, SIGINT, SIGQUIT).

Textual dies of these at once, and after a terminal is gone the thread that writes to it may be stuck forever. So
everything is done in a thread of its own, and a watchdog ends the process if the orderly way takes too long.
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
AGAIN_S = 0.5
"""A second signal ends the process at once, but not within this time: one wish may arrive by two ways."""


def on_signals(save: Callable[[str], None], leave: Callable[[int], None], let_go: Callable[[], bool]) -> None:
    """From now on signals are obeyed in good order.

    Args:
        save: Saves the run; called once, with the name of the signal, in a thread of its own.
        leave: Ends the app with an exit code; must not wait for the terminal.
        let_go: Lets the run go on without the terminal; whether it does. Called in a thread of its own.
    """
    asked_at: float | None = None
    hung_up = threading.Event()

    def end(number: int) -> None:
        code = 128 + number
        threading.Thread(target=_end, args=(code,), daemon=True).start()
        save(signal.Signals(number).name)
        leave(code)

    def hang_up(number: int) -> None:
        if not let_go():
            end(number)

    def on_end(number: int, _frame: FrameType | None) -> None:
        nonlocal asked_at
        now = time.monotonic()
        if asked_at is None:
            asked_at = now
            threading.Thread(target=end, args=(number,), daemon=True).start()
        elif now - asked_at > AGAIN_S:
            os._exit(128 + number)

    def on_hang_up(number: int, _frame: FrameType | None) -> None:
        if asked_at is None and not hung_up.is_set():
            hung_up.set()
            threading.Thread(target=hang_up, args=(number,), daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, on_end)
    signal.signal(signal.SIGHUP, on_hang_up)


def _end(code: int) -> None:
    time.sleep(WATCHDOG_S)
    os._exit(code)
