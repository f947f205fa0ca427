"""Keeps a run while it is trained: what is written down when, and by whom.

Decisions are written at once, by the caller, because they must be on the disk before they take effect; all else is
left to the saver's thread. A keeper never raises about a disk: where nothing can be written it remembers the decisions,
says why in `problem`, tries again by itself, and begins the run's folder when it can.
"""

from __future__ import annotations

import errno
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial

import numpy as np

from ..disk.disk import DISK, Disk
from ..disk.home import Home, describe_failure
from ..errors import ConfigError
from .curves import CurveWriter
from .folder import RunDir
from .journal import Record
from .runs import create_run
from .saver import Saver
from .status import RunStatus

COLUMNS = ("train_loss", "val_loss", "train_accuracy", "val_accuracy", "train_r2", "val_r2", "learning_rate")
"""The curves kept on the disk."""
TICK_S = 1.0
"""Shortest time between two writes of status and curves."""

_POINTS_REMEMBERED = 4096


class Keeper:
    """Keeps one run. Made by `begin` for a new one, with its open folder for one that is resumed."""

    def __init__(self, run: RunDir | None, disk: Disk = DISK) -> None:
        self.run: RunDir | None = None
        """The run's folder; None while there is none."""
        self.unsound = ""
        """Why the present state must not be resumed from; "" where it may."""
        self._disk = disk
        self._saver = Saver()
        self._lock = threading.Lock()
        self._decisions: list[tuple[int, str, Mapping[str, object]]] = []
        self._points: deque[tuple[int, list[float]]] = deque(maxlen=_POINTS_REMEMBERED)
        self._curves: CurveWriter | None = None
        self._new: Callable[[], RunDir] | None = None
        self._trouble = ""
        self._due = 0.0
        if run is not None:
            self._adopt(run)

    @classmethod
    def begin(
        cls,
        home: Home,
        disk: Disk = DISK,
        *,
        config: Mapping[str, object],
        seed: int,
        data_digest: str,
        title: str = "",
        preset: str = "",
    ) -> Keeper:
        """A keeper for a new run.

        Args:
            home: Where runs are kept.
            disk: Where to.
            config: As in `create_run`, like all that follow.
            seed: The seed in force.
            data_digest: Digest of the data as loaded.
            title: For people; any text.
            preset: Name or file it came from.
        """
        keeper = cls(None, disk)
        keeper._trouble = home.problem
        if not home.path:
            return keeper
        about = {"title": title, "preset": preset}
        keeper._new = partial(
            create_run, home.runs, config=config, seed=seed, data_digest=data_digest, disk=disk, **about
        )
        try:
            keeper._create()
        except (OSError, ConfigError) as error:
            keeper._trouble = home.problem or _sentence(error, home.runs)
            keeper._saver.put("run", keeper._create, home.runs)
        return keeper

    @property
    def problem(self) -> str:
        """One sentence: what is not saved, where and why; "" while all is."""
        if self.unsound:
            return f"states are not saved: {self.unsound}"
        if self.run is None:
            return self._trouble or self._saver.problem
        if self.run.journal is not None and self.run.journal.problem:
            return f"decisions not saved: {self.run.journal.problem}"
        return self._saver.problem

    @property
    def saved(self) -> str:
        """Where the run is kept, or why it is not."""
        return self.problem or (self.run.path if self.run is not None else "")

    @property
    def in_place(self) -> bool:
        """Whether the run's folder lies where it was begun: it may have been moved or deleted."""
        return self.run is not None and self.run.in_place

    @property
    def last_n(self) -> int:
        """Number of the last decision."""
        with self._lock:
            return self._last_n()

    def _last_n(self) -> int:
        if self.run is not None and self.run.journal is not None:
            return self.run.journal.last_n
        return len(self._decisions)

    @property
    def records(self) -> tuple[Record, ...]:
        """All decisions, in order."""
        with self._lock:
            if self.run is not None and self.run.journal is not None:
                return self.run.records
            return tuple(Record(n, step, kind, intent) for n, (step, kind, intent) in enumerate(self._decisions, 1))

    def decide(self, step: int, kind: str, intent: Mapping[str, object]) -> int:
        """Write down a decision before it takes effect; its number.

        Raises:
            ConfigError: It is not plain data, or too long; nothing was written down.
        """
        with self._lock:
            if self.run is None or self.run.journal is None:
                self._decisions.append((step, kind, dict(intent)))
            else:
                self.run.journal.append(step, kind, intent)
                if self.run.journal.problem:
                    self._saver.put("decisions", self._write_decisions, self.run.journal.path)
            return self._last_n()

    def checkpoint(
        self,
        step: int,
        arrays: Mapping[str, np.ndarray],
        values: Mapping[str, object],
        best: bool = False,
        n: int | None = None,
        late: Callable[[], Mapping[str, object]] = dict,
    ) -> None:
        """Have the state of the run written, in place of one that still waits; never waits itself.

        Args:
            step: Steps done.
            arrays: Nobody changes them any more.
            values: Counters and the Config in force.
            best: Whether it is the best so far.
            n: Number of the last decision the state contains; None: the last one made.
            late: More values, made in the saver's thread.
        """
        run = self.run
        if run is None:
            return
        needed = sum(array.nbytes for array in arrays.values())
        try:
            serial = run.next_serial()
        except OSError:
            serial = None
        last_n = self.last_n if n is None else n

        def write() -> None:
            run.write_checkpoint(step, last_n, arrays, {**values, **late()}, best, serial)

        self._saver.put("best state" if best else "state", write, run.path, needed)

    def note_shown(self, step: int) -> None:
        """Note that a step is about to be shown; costs a microsecond."""
        if self.run is not None:
            self.run.note_shown(self.last_n, step)

    def add_point(self, step: int, figures: Mapping[str, float]) -> None:
        """Add a point to the curves on the disk."""
        values = [float(figures.get(name, float("nan"))) for name in COLUMNS]
        with self._lock:
            if self._curves is None:
                self._points.append((step, values))
            else:
                self._curves.append(step, values)

    def tick(self, status: RunStatus) -> None:
        """Have curves and status written if a second has passed; call as often as you like."""
        now = time.monotonic()
        if self.run is not None and now >= self._due:
            self._due = now + TICK_S
            self._put_status(status)

    def _put_status(self, status: RunStatus) -> None:
        if self.run is not None:
            told = replace(status, n=self.last_n)
            self._saver.put("status", partial(self.run.write_status, told), self.run.path)
            if self._curves is not None:
                self._saver.put("curves", self._curves.flush, self.run.path)

    def drain(self, timeout: float) -> bool:
        """Try to write all that waits; whether it is written."""
        return self._saver.drain(timeout) and not self.problem

    def close(self, status: RunStatus | None = None, timeout: float = 2.0) -> bool:
        """Write what can be written within the time and let the folder go; whether all is written."""
        if status is not None:
            self._put_status(status)
        saved = self._saver.close(timeout)
        if self.run is not None and self._saver.ended:  # else the lock is the kernel's to give back
            self.run.close()
        return saved and not self.problem

    def _create(self) -> None:
        """Begin the folder and write down what was decided before there was one."""
        if self._new is None:
            return
        run = self._new()
        with self._lock:
            if run.journal is not None:
                for step, kind, intent in self._decisions:
                    run.journal.append(step, kind, intent)
            self._decisions.clear()
            self._adopt(run)

    def _adopt(self, run: RunDir) -> None:
        with suppress(OSError):  # curves are for looking
            self._curves = CurveWriter(run.path, COLUMNS, run.meta.run, self._disk)
            while self._points:
                self._curves.append(*self._points.popleft())
        self._trouble = ""
        self.run = run

    def _write_decisions(self) -> None:
        if self.run is not None and self.run.journal is not None and not self.run.journal.flush():
            raise OSError(errno.EIO, self.run.journal.problem)


def _sentence(error: Exception, path: str) -> str:
    reason = str(error) if isinstance(error, ConfigError) else describe_failure(error, path)
    return f"this run is not saved: {reason}"
