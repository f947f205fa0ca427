"""How far a run without a screen is: a bar where somebody looks, else a line now and then for whoever reads the log.

The bar is rich's. It is imported when the bar is first drawn, and so never where the output is no terminal.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from dltui.core.tables.reading.progress import watched
from dltui.core.text import safe_lines, safe_text

if TYPE_CHECKING:
    from rich.progress import Progress

EVERY_S = 0.1
"""Shortest time between two drawings of the bar."""
FIRST_LINE_S, LONGEST_S = 3.0, 60.0
"""When the first line is written where there is no bar; each next one after twice the time, at most `LONGEST_S`."""


READING_S = 1.0
"""How long a file is read before the bar says so: most are read by then."""


@contextmanager
def reading_shown(stream: TextIO, clock: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """Within this context a bar shows how far a table is that takes long to read."""
    bar: ProgressBar | None = None
    began = clock()

    def show(share: float) -> None:
        nonlocal bar, began
        if bar is None and share < 1.0 and clock() - began > READING_S:
            bar = ProgressBar(stream, clock)
        if bar is not None and share < 1.0:
            bar.show(share, lambda: "reading the table")
        elif bar is not None:
            bar.close()
            bar = None
        if share >= 1.0:
            began = clock()

    try:
        with watched(show):
            yield
    finally:
        if bar is not None:
            bar.close()


class ProgressBar:
    """The bar, or the lines in its place.

    Args:
        stream: Where to draw; lines are written if it is no terminal, or a dumb one.
        clock: Seconds, monotonic.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._on = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._progress: Progress | None = None
        self._drawn_at = -math.inf
        self._started, self._due, self._wait_s = math.nan, math.nan, FIRST_LINE_S

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Take the bar away."""
        if self._progress is not None:
            with suppress(OSError):
                self._progress.stop()

    def say(self, text: str) -> None:
        """Write a line that stays; the bar comes back below it."""
        text = safe_lines(text)
        with suppress(OSError):  # a terminal that is gone must not cost the run
            if self._progress is not None:
                self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)
            else:
                self._stream.write(text + "\n")
                self._stream.flush()

    def show(self, share: float, text: Callable[[], str]) -> bool:
        """Draw, unless it was drawn a moment ago; whether what is seen is up to date: without a bar nothing is seen.

        Args:
            share: How far, 0 to 1; NaN when there is no telling.
            text: Makes what stands beside the bar.
        """
        now = self._clock()
        if not self._on:
            self._write_line(share, text, now)
            return True
        if now - self._drawn_at < EVERY_S:
            return False
        self._drawn_at = now
        with suppress(OSError):
            if self._progress is None:
                self._progress = _make_progress(self._stream)
                self._progress.add_task("")
                self._progress.start()
            known = not math.isnan(share)
            (task,) = self._progress.task_ids
            self._progress.update(
                task,
                total=1.0 if known else None,
                completed=min(max(share, 0.0), 1.0) if known else 0.0,
                description=safe_text(f"{share * 100:.0f} %  {text()}" if known else text()),
            )
            self._progress.refresh()
        return True

    def _write_line(self, share: float, text: Callable[[], str], now: float) -> None:
        """Write a line if it is time; the end of a run has words of its own."""
        if math.isnan(self._started):
            self._started, self._due = now, now + FIRST_LINE_S
        if now >= self._due and not share >= 1.0:
            self._wait_s = min(2 * self._wait_s, LONGEST_S)
            self._due = now + self._wait_s
            percent = "" if math.isnan(share) else f"{share * 100:.0f} %  "
            self.say(f"dltui: {percent}{text()}  {now - self._started:.0f} s")


def _make_progress(stream: TextIO) -> Progress:
    """A bar that draws when told to, and never hides the cursor: a program that is killed could not show it again."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    class SteadyConsole(Console):
        def show_cursor(self, show: bool = True) -> bool:
            return False

    return Progress(
        BarColumn(24),
        TextColumn("{task.description}", markup=False),
        console=SteadyConsole(file=stream),
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
