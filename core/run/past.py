"""Where a run was before: states kept in memory, from which any moment on its way is brought back.

A moment is not looked up but computed: from the nearest state before it the decisions are made again and the steps are
trained again, on a copy. So few states suffice, and what comes out is the moment itself, to the bit.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..config import Config
from ..disk.typed import Fields
from ..engine.memory import Memory
from ..errors import ConfigError
from ..store.folder import RunDir
from ..store.journal import Record
from ..training.bookmark import Bookmark
from ..training.history import History
from ..training.trainer import Trainer
from .course import Course
from .replay import Point, advance_to
from .way import Way, go_along, make_of_way, step_of

if TYPE_CHECKING:
    from .run import UndoableChange

MOST_KEPT, LEAST_KEPT = 32, 4
"""States kept, and how many however large they are."""
ROOM = 96 << 20
"""Bytes that they may take together."""
KEEP_S = 0.25
"""Shortest time between two of them."""
KEEP_SHARE = 100.0
"""They are kept so rarely that training takes this many times longer than copying."""
PIECE_S = 0.02
"""Time of a stretch of training while a moment is brought back."""


@dataclass(frozen=True, eq=False)
class Place:
    """A state of the run that can be returned to."""

    bookmark: Bookmark
    n: int
    """Number of the last decision before it."""
    planned_made: frozenset[int] = frozenset()
    """Steps whose planned changes were made before it."""
    course: Course | None = None
    """How it was come to; None where that is not known."""
    changes: tuple[UndoableChange, ...] = ()
    """The changes that could be taken back then."""

    @property
    def step(self) -> int:
        """Its step."""
        return self.bookmark.state.step

    @property
    def point(self) -> Point:
        """Where it lies in the run."""
        return self.n, self.step


class Past:
    """The states of a run that are kept to look back to.

    Args:
        clock: Seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: list[Place] = []
        """On the way of the run, in order."""
        self._on_disk: list[tuple[int, int, str]] = []
        """Step, last decision and file of states of a run that was resumed."""
        self._folder: RunDir | None = None
        self._unread: Callable[[], list[tuple[int, int, str]]] | None = None
        """What looks for them, until it is asked for."""
        self._due, self._every = 0.0, 1

    def steps(self, way: Way) -> tuple[int, ...]:
        """The steps of the states on a way, with its first."""
        kept = {place.step for place in self._kept if way.leads_through(place.point)}
        kept |= {step for step, n, _ in self._states_on_disk() if way.leads_through((n, step))}
        return tuple(sorted(kept | {0}))

    def weights_along(self, way: Way) -> tuple[np.ndarray, ...]:
        """Flat weights of the states on a way that lie in memory, in order; not to be changed."""
        found = sorted((place for place in self._kept if way.leads_through(place.point)), key=lambda place: place.point)
        return tuple(place.bookmark.state.memory.weights for place in found)

    def is_due(self, step: int) -> bool:
        """Whether another state is to be kept at this step."""
        last = self._kept[-1].step if self._kept else -self._every
        return (step - last >= self._every or step < last) and self._clock() >= self._due

    def keep(self, make: Callable[[], Place]) -> None:
        """Keep a state; of too many every second goes."""
        start = self._clock()
        place = make()
        self._kept = [one for one in self._kept if one.point != place.point]
        self._kept.append(place)
        now = self._clock()
        self._due = now + max(KEEP_S, KEEP_SHARE * (now - start))
        most = max(
            LEAST_KEPT, min(MOST_KEPT, ROOM // max(bytes_of(place.bookmark.state.memory, place.bookmark.history), 1))
        )
        if len(self._kept) > most:
            self._kept = [one for i, one in enumerate(self._kept) if i % 2 == 0 or one is place]
            span = self._kept[-1].step - self._kept[0].step
            self._every = max(1, span // max(len(self._kept), 1))

    def read_from(self, folder: RunDir) -> None:
        """Take in the states that lie in a run's folder; they are looked for when they are wanted."""
        self._folder = folder
        names = [name for _, _, name in folder.checkpoints()]

        def look() -> list[tuple[int, int, str]]:
            found = []
            for name in names:
                with suppress(ConfigError, OSError):  # one that is damaged, or no longer needed
                    state = folder.read_state(name)
                    found.append((state.step, state.n, name))
            return found

        self._unread = look

    def _states_on_disk(self) -> list[tuple[int, int, str]]:
        if self._unread is not None:
            self._on_disk, self._unread = self._unread(), None
        return self._on_disk

    def copy(self) -> Past:
        """The same states, for a branch of the run."""
        twin = Past(self._clock)
        twin._kept, twin._every = list(self._kept), self._every
        twin._on_disk, twin._folder, twin._unread = list(self._on_disk), self._folder, self._unread
        return twin

    def trainer_at(
        self, trainer: Trainer, way: Way, start: Config | None, point: Point, budget_s: float | None = None
    ) -> Trainer:
        """A copy of a run at a point on its way, or with a budget perhaps a little before it.

        Args:
            trainer: The run; not changed.
            way: Of the run.
            start: Its settings at the first step of the way; None where that is not known.
            point: Number of the last decision, and step.
            budget_s: Time for training the steps between; None: as long as it takes.

        Raises:
            ConfigError: There is no state from which it can be come to.
        """
        twin, at = self._nearest(trainer, way, start, point)
        records, end = way.between(at, point), time.monotonic() + (budget_s if budget_s is not None else float("inf"))
        if budget_s is None:
            go_along(twin, records, point[1])
            return twin
        for record in records:
            if not _train_until(twin, step_of(record), end):
                return twin
            make_of_way(twin, record)
        _train_until(twin, point[1], end)
        return twin

    def nearest(
        self, trainer: Trainer, way: Way, start: Config | None, point: Point
    ) -> tuple[Trainer, tuple[Record, ...]]:
        """A copy of a run at the last state before a point on its way, and what was decided between the two.

        Raises:
            ConfigError: There is no such state.
        """
        twin, at = self._nearest(trainer, way, start, point)
        return twin, way.between(at, point)

    def _nearest(self, trainer: Trainer, way: Way, start: Config | None, point: Point) -> tuple[Trainer, Point]:
        """A copy at the last state before a point, and where that lies."""
        numbers = [one.n for one in way.stretches]
        order = {n: i for i, n in enumerate(numbers)}

        def fits(at: Point) -> bool:
            return way.leads_through(at) and (order[at[0]], at[1]) <= (order[point[0]], point[1])

        kept = [place for place in self._kept if fits(place.point)]
        best = max(kept, key=lambda place: (order[place.n], place.step), default=None)
        for step, n, name in sorted(self._states_on_disk(), reverse=True):
            if fits((n, step)) and (best is None or (order[n], step) > (order[best.n], best.step)):
                with suppress(ConfigError, OSError):
                    return trainer.at(self._read(name, trainer)), (n, step)
        if best is not None:
            return trainer.at(best.bookmark), best.point
        if start is None:
            raise ConfigError(f"the state at step {point[1]} is no longer known")
        return trainer.begun(start), (numbers[0], 0)

    def _read(self, name: str, trainer: Trainer) -> Bookmark:
        assert self._folder is not None
        state = self._folder.read_state(name)
        values = Fields(state.values, name)
        config = Config.from_dict(values.mapping("config"))
        return Bookmark.from_arrays(state.arrays, values, config, trainer.data, name)


def _train_until(trainer: Trainer, step: int, end: float) -> bool:
    """Train to a step, unless the time is up before; whether it was come to."""
    piece = 64
    while trainer.step < step and trainer.stopped is None:
        began = time.monotonic()
        if began >= end:
            return False
        trainer.advance(min(piece, step - trainer.step))
        took = time.monotonic() - began
        piece = max(1, min(int(piece * PIECE_S / max(took, 1e-6)), 4 * piece))
    advance_to(trainer, step, 0)
    return True


def bytes_of(memory: Memory, history: History) -> int:
    """Bytes that a state takes with its curves."""
    flat = (memory.weights, memory.gradients, memory.raw_gradients, memory.buffers, memory.average)
    arrays = [*flat, *memory.slots.values()]
    curves = sum(int(series.used.nbytes) + int(series.last.nbytes) for series in history.series.values())
    return sum(int(array.nbytes) for array in arrays) + curves
