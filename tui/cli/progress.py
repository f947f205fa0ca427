"""A progress bar on one line of stderr; silent where nobody looks."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import TextIO

EVERY_S = 0.1
"""Shortest time between two drawings."""


class Bar:
    """The bar.

    Args:
        stream: Where to draw; nothing is drawn if it is no terminal, or a dumb one.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._on = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._drawn_at = -1e9

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._on:
            self._write("\r\x1b[K")

    def say(self, text: str) -> None:
        """Write a line that stays, in place of the bar; the bar comes back below it."""
        self._write(("\r\x1b[K" if self._on else "") + text + "\n")

    def show(self, share: float, text: Callable[[], str]) -> bool:
        """Draw, unless it was drawn a moment ago; whether what is seen is up to date: a bar that is off shows nothing.

        Args:
            share: How far, 0 to 1; NaN when there is no telling.
            text: Makes what stands beside the bar.
        """
        now = time.monotonic()
        if not self._on:
            return True
        if now - self._drawn_at < EVERY_S:
            return False
        self._drawn_at = now
        with suppress(OSError):
            width = max(os.get_terminal_size(self._stream.fileno()).columns - 1, 0)
            self._write("\r" + line(share, text(), width) + "\x1b[K")
        return True

    def _write(self, text: str) -> None:
        with suppress(OSError):  # a terminal that is gone must not cost the run
            self._stream.write(text)
            self._stream.flush()


def line(share: float, text: str, width: int, bar: int = 24) -> str:
    """The bar and the text in at most `width` cells.

    Example:
        >>> line(0.5, "step 10", 40, bar=4)
        '##--  50 %  step 10'
    """
    if math.isnan(share):
        return text[:width]
    share = min(max(share, 0.0), 1.0)
    full = int(share * bar)
    return f"{'#' * full}{'-' * (bar - full)}  {share * 100:.0f} %  {text}"[:width]
