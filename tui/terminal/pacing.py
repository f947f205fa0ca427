"""The terminal itself sets the pace of the frames.

Behind each frame goes the question "where is the cursor?". The answer comes when the frame has arrived on the user's
screen, however many buffers lie between; only then is the next frame drawn. So a slow link gets fewer frames, never a
queue of old ones, and a key is echoed as fast as the link allows. A terminal that never answers gets a slow fixed rate.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

PROBE = "\x1b[6n"
"""Asks the terminal for a cursor position report."""


class Pacer:
    """Decides when the next frame may be drawn, and counts what was sent.

    Args:
        ask: Writes the question to the terminal; None where nobody answers (tests, pipes).
        clock: Seconds, counting up.
    """

    FASTEST_S = 1 / 12
    """Shortest time between two frames."""
    SHARE = 0.2
    """Most of a processor that drawing may take: the trainer waits for the interpreter while a frame is made."""
    BLIND_S = 0.5
    """Time between two frames where the terminal never answers."""
    PATIENCE_S = 2.0
    """How long to wait for the first answer ever."""
    LOST_S = 10.0
    """How long to wait for an answer from a terminal that answered before."""
    WINDOW_S = 3.0
    """Stretch over which rates are counted."""

    def __init__(self, ask: Callable[[], None] | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._clock = clock
        self._asked_at: float | None = None
        self._drawn_at = -1e9
        self._cost_s = 0.0
        self._answers = 0
        self._blind = ask is None
        self._frames: deque[float] = deque()
        self._bytes: deque[tuple[float, int]] = deque()
        self.round_trip_s = 0.0
        """Time from the last frame to the terminal's answer."""

    def ready(self) -> bool:
        """Whether the next frame may be drawn now."""
        now = self._clock()
        if self._asked_at is not None:
            waited = now - self._asked_at
            if waited < (self.LOST_S if self._answers else self.PATIENCE_S):
                return False
            self._asked_at = None
            self._blind = self._answers == 0
        slowest = self.BLIND_S if self._blind and self._ask is not None else self.FASTEST_S
        return now - self._drawn_at >= max(slowest, min(self._cost_s / self.SHARE, self.BLIND_S))

    def drawn(self, cost_s: float = 0.0) -> None:
        """A frame went out: ask for the answer that lets the next one go.

        Args:
            cost_s: Processor time it took to draw.
        """
        now = self._clock()
        self._cost_s = cost_s
        self._drawn_at = now
        self._frames.append(now)
        if self._ask is not None and not self._blind:
            self._asked_at = now
            self._ask()

    def answered(self) -> None:
        """The terminal has shown everything up to the last question."""
        self._answers += 1
        self._blind = False
        if self._asked_at is not None:
            self.round_trip_s = self._clock() - self._asked_at
            self._asked_at = None

    def wrote(self, n_bytes: int) -> None:
        """Count bytes on their way to the terminal."""
        self._bytes.append((self._clock(), n_bytes))
        self._forget()

    def frames_per_s(self) -> float:
        """Frames a second over the last seconds."""
        self._forget()
        return len(self._frames) / self.WINDOW_S

    def bytes_per_s(self) -> float:
        """Bytes a second over the last seconds."""
        self._forget()
        return sum(size for _, size in self._bytes) / self.WINDOW_S

    def _forget(self) -> None:
        oldest = self._clock() - self.WINDOW_S
        while self._frames and self._frames[0] < oldest:
            self._frames.popleft()
        while self._bytes and self._bytes[0][0] < oldest:
            self._bytes.popleft()
