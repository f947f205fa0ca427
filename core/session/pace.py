"""How long a chunk of training may be, and how fast training is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import isfinite

from ..commands import SetSpeed
from ..training.cadence import NEVER

CHUNK_S = 0.016
"""Length of a chunk: short enough that a key is answered at once, long enough that handing over the interpreter's lock
costs nothing."""
SHORTEST, LONGEST = 16, 65536
"""Steps of a chunk while the speed is unknown, and at most."""
WINDOW_S = 0.5
"""Time over which the speed is measured."""


class Pace:
    """Adapts the length of chunks to the speed of the last one.

    Args:
        clock: Seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.limit = 0.0
        """Slow motion: most steps a second; 0 is as fast as possible."""
        self._lasts_s = 0.0
        self.steps_per_s = 0.0
        """Measured over the last half second."""
        self.elapsed_s = 0.0
        """Time spent training."""
        self._steps, self._since, self._since_step, self._began, self._chunk = SHORTEST, 0.0, 0, 0.0, 1

    def set_speed(self, speed: SetSpeed, n_left: int) -> None:
        """Train at this speed, with so many steps left to the end of the run."""
        self.limit = speed.steps_per_s if isfinite(speed.steps_per_s) else 0.0
        self._lasts_s = speed.lasts_s
        self._last_long(n_left)

    def _last_long(self, n_left: int) -> None:
        if self._lasts_s > 0.0:
            self.limit = n_left / self._lasts_s if 0 < n_left < NEVER else 0.0

    def reset(self, step: int, n_left: int = 0) -> None:
        """Start measuring the speed again: after a change a step may take a hundred times as long.

        Args:
            step: Steps made.
            n_left: Steps to the end of the run, where that may have changed.
        """
        if n_left:
            self._last_long(n_left)
        self._steps = SHORTEST
        self._since, self._since_step, self.steps_per_s = self._clock(), step, 0.0

    def chunk(self) -> int:
        """Steps of the next chunk; in slow motion at most as many as are due in a twentieth of a second."""
        return min(max(1, int(self.limit / 20.0)), self._steps) if self.limit > 0.0 else self._steps

    @contextmanager
    def measured(self, n: int) -> Iterator[Callable[[int, int], None]]:
        """Time a chunk of `n` steps; the block says (steps made, step reached)."""
        self._began = self._clock()

        def count(done: int, step: int) -> None:
            now = self._clock()
            spent = now - self._began
            self.elapsed_s += spent
            if spent > 0.0 and done == n:
                aimed = n * CHUNK_S / spent
                self._steps = int(max(1, min(max(aimed, self._steps / 2), self._steps * 2, LONGEST)))
            if now - self._since >= WINDOW_S:
                self.steps_per_s = (step - self._since_step) / (now - self._since)
                self._since, self._since_step = now, step

        self._chunk = n
        yield count

    def wait_s(self) -> float:
        """Slow motion: seconds until the next chunk is due."""
        return self._began + self._chunk / self.limit - self._clock() if self.limit > 0.0 else 0.0
