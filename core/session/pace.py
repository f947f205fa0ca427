"""How fast training is: as fast as possible, at most so many steps a second, or at the pace of a lesson's story.

A story takes the same time whatever its number of steps. It eases in, because the first steps are those in which most
happens: how many steps are told after how many seconds is a pure function, and where a story stands is known from the
step alone. So a pause, a rewind or a turn of the pace needs no memory, and a busy machine catches up instead of telling
the story late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf, isfinite, sqrt

from ..commands import SetSpeed

CHUNK_S = 0.016
"""Length of a chunk: short enough that a key is answered at once, long enough that handing over the interpreter's lock
costs nothing."""
SHORTEST, LONGEST = 16, 65536
"""Steps of a chunk while the speed is unknown, and at most."""
WINDOW_S = 0.5
"""Time over which the speed is measured."""
TICK_S = 0.05
"""Time between two chunks where training is held back: as smooth as a screen can show."""
LAG_S = 1.0
"""How far behind its pace a run may fall and still catch up."""

STORY_S = 25.0
"""Time that the story of a lesson takes at its own pace."""
EASE_S = 8.0
"""Time in which it comes to its full speed."""
COUNTED_S = 12.0
"""About the longest time, at the pace of a story, that a number of steps takes which was asked for."""
FIRST, FEW = 0.05, 12.0
"""Share of the full speed at which it begins; a story of no more than a few steps does not ease in."""


def steps_told(seconds: float, n_steps: int) -> float:
    """Steps of a story that are made after so many seconds; it goes on at full speed after its end.

    Args:
        seconds: Since its first step, at its own pace.
        n_steps: Steps of the story.

    Example:
        >>> steps_told(STORY_S, 1000)
        1000.0
    """
    first, eased = _first(n_steps), min(seconds, EASE_S)
    way = first * eased + (1.0 - first) * eased * eased / (2.0 * EASE_S)
    return full_speed(n_steps) * (way + max(seconds - EASE_S, 0.0))


def time_told(steps: float, n_steps: int) -> float:
    """Seconds after which so many steps of a story are made: the inverse of `steps_told`."""
    first, way = _first(n_steps), steps / full_speed(n_steps)
    eased = EASE_S * (1.0 + first) / 2.0
    if way >= eased:
        return EASE_S + way - eased
    grows = (1.0 - first) / EASE_S
    return 2.0 * way / (first + sqrt(first * first + 2.0 * grows * way))


def speed_told(seconds: float, n_steps: int) -> float:
    """Steps a second of a story after so many seconds."""
    first = _first(n_steps)
    return full_speed(n_steps) * (first + (1.0 - first) * min(seconds / EASE_S, 1.0))


def full_speed(n_steps: int) -> float:
    """Steps a second of a story of so many steps, once it has eased in."""
    return n_steps / (STORY_S - EASE_S * (1.0 - _first(n_steps)) / 2.0)


def _first(n_steps: int) -> float:
    """Share of the full speed at which a story of so many steps begins."""
    return min(max(FIRST, FEW / n_steps), 1.0)


class Pace:
    """When which steps are due, and how long a chunk may be.

    Args:
        clock: Seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._asked = SetSpeed()
        self._story = 0
        """Steps of the lesson's story; 0 where it has none."""
        self._hurry = 1.0
        """How much faster than its own pace it is told, so that a number of steps asked for does not take for ever."""
        self.steps_per_s = 0.0
        """Measured over the last half second."""
        self.elapsed_s = 0.0
        """Time spent training."""
        self._steps, self._since, self._since_step, self._began = SHORTEST, 0.0, 0, -inf
        self._at, self._from = 0.0, 0.0
        """A time, and the steps that were due then: a fraction of one, too."""

    @property
    def factor(self) -> float:
        """The multiple of the story's own pace in force; 0 where none is."""
        return self._asked.pace if self._story else 0.0

    @property
    def _times(self) -> float:
        """How many seconds of the story pass in one."""
        return self.factor * self._hurry

    def limit(self, step: int) -> float:
        """Most steps a second at this step; 0 is as fast as possible."""
        if self.factor > 0.0:
            return self._times * speed_told(time_told(step, self._story), self._story)
        return self._asked.steps_per_s if isfinite(self._asked.steps_per_s) and self._asked.steps_per_s > 0.0 else 0.0

    def steps_of_story(self, step: int) -> int:
        """Steps to the end of the story that is being told; 0 where none is."""
        return max(self._story - step, 0) if self.factor > 0.0 else 0

    def set_speed(self, speed: SetSpeed, step: int) -> None:
        """Train at this speed from this step on."""
        now = self._clock()
        due = min(self._due(now), step + 1.0) if self.limit(step) > 0.0 else float(step)
        self._asked, self._at, self._from = speed, now, max(due, float(step))

    def reset(self, step: int, story: int, n_counted: int = 0) -> None:
        """Begin at this step, which is due at once, and measure anew: after a change a step may take far longer.

        Args:
            step: Steps made.
            story: Steps of the lesson's story; 0 where it has none.
            n_counted: Steps that were asked for; 0 where the run goes on until it is paused.
        """
        self._hurry = max(1.0, n_counted / (full_speed(story) * COUNTED_S)) if story else 1.0
        self._story, self._steps, self._began = story, SHORTEST, -inf
        self._since = self._at = self._clock()
        self._since_step, self._from, self.steps_per_s = step, step + 1.0, 0.0

    def _due(self, now: float) -> float:
        """Steps due by a time, where training is held back."""
        passed = now - self._at
        if self.factor > 0.0:
            return steps_told(time_told(self._from, self._story) + self._times * passed, self._story)
        return self._from + self.limit(0) * passed

    def _due_at(self, step: int) -> float:
        """When a step is due: the inverse of `_due`."""
        if self.factor > 0.0:
            return self._at + (time_told(step, self._story) - time_told(self._from, self._story)) / self._times
        return self._at + (step - self._from) / self.limit(0)

    def chunk(self, step: int) -> int:
        """Steps of the next chunk, which begins after this step: those that are due, at least one."""
        limit = self.limit(step)
        if limit <= 0.0:
            return self._steps
        now = self._clock()
        late = self._due(now) - step
        if late > limit * LAG_S + 1.0:  # what is not caught up with by now never is
            late = limit * LAG_S + 1.0
            self._at, self._from = now, step + late
        return min(max(1, int(late)), self._steps)

    def wait_s(self, step: int) -> float:
        """Seconds until the next chunk is due; none where it is."""
        if self.limit(step) <= 0.0:
            return 0.0
        now = self._clock()
        if self._due(now) - step >= self._steps:
            return 0.0
        return max(self._due_at(step + 1), self._began + TICK_S) - now

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

        yield count
