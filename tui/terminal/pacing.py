"""The terminal itself sets the pace of the frames.

Behind each frame goes the question "where is the cursor?". The answer comes when the frame has arrived on the user's
screen, however many buffers lie between; only then is the next frame drawn. So a slow link gets fewer frames, never a
queue of old ones, and a key is echoed as fast as the link allows. A terminal that never answers gets a slow fixed rate.

How long an answer took, for how many bytes, tells how fast the link is; a frame may not be larger than what it carries
in a moment, since what is on its way already cannot be overtaken by the answer to a key.
"""

from __future__ import annotations

import math
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

    FASTEST_S = 1 / 20
    """Shortest time between two frames."""
    SHARE = 0.2
    """Most of a processor that drawing may take: the trainer waits for the interpreter while a frame is made."""
    BLIND_S = 0.5
    """Time between two frames where the terminal never answers."""
    PATIENCE_S = 2.0
    """How long to wait for the first answer ever."""
    LOST_S = 10.0
    """How long to wait for an answer from a terminal that answered before."""
    ON_THE_WAY_S = 0.08
    """Most time that the bytes of one frame may take on the link."""
    MOST_BYTES = 4_000
    """Most bytes of a frame on any link."""
    LEAST_BYTES = 400
    """Fewer bytes than this do not show anything."""
    FORGETS = 0.15
    """Weight of the newest frame in what is known of the link."""
    BYTES_PER_CELL = 5.0
    """What a cell that changes is taken to cost before anything was sent."""
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
        self._sent = 0
        """Bytes written since the last question."""
        self._asked_for = 0
        """Bytes before the last question."""
        self._mean_bytes, self._mean_s, self._spread, self._shared = 0.0, 0.0, 0.0, 0.0
        """Of the last frames: mean bytes and seconds, variance of the bytes, covariance of both."""
        self._link_bytes_per_s = math.inf
        self._bytes_per_cell = self.BYTES_PER_CELL
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

    def room(self) -> int:
        """How many cells may change in the next frame."""
        most = min(self._link_bytes_per_s * self.ON_THE_WAY_S, self.MOST_BYTES)
        return int(max(most, self.LEAST_BYTES) / self._bytes_per_cell)

    def drawn(self, cost_s: float = 0.0, n_cells: int = 0) -> None:
        """A frame went out: ask for the answer that lets the next one go.

        Args:
            cost_s: Processor time it took to draw.
            n_cells: Cells that were to change.
        """
        now = self._clock()
        if n_cells > 50:
            self._bytes_per_cell += 0.2 * (max(self._sent / n_cells, 1.0) - self._bytes_per_cell)
        self._asked_for, self._sent = self._sent, 0
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
            self._measure(self.round_trip_s, self._asked_for)

    def _measure(self, took_s: float, n_bytes: int) -> None:
        """Learn how fast the link is from an answer behind so many bytes.

        Frames of different sizes tell how much of the time is due to their bytes; as long as all are alike, all of it
        is taken to be.
        """
        weight = max(self.FORGETS, 1.0 / (self._answers + 1.0))
        bytes_off, s_off = n_bytes - self._mean_bytes, took_s - self._mean_s
        self._mean_bytes += weight * bytes_off
        self._mean_s += weight * s_off
        self._spread = (1 - weight) * (self._spread + weight * bytes_off**2)
        self._shared = (1 - weight) * (self._shared + weight * bytes_off * s_off)
        most = self._mean_s / max(self._mean_bytes, 1.0)
        alike = self._spread <= (0.1 * self._mean_bytes) ** 2
        s_per_byte = most if alike else min(max(self._shared / self._spread, 0.0), most)
        self._link_bytes_per_s = 1.0 / max(s_per_byte, 1e-9)

    def wrote(self, n_bytes: int) -> None:
        """Count bytes on their way to the terminal."""
        self._sent += n_bytes
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
