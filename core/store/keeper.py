"""What a session says about keeping its run, and who writes it down when.

Decisions are written at once, by the caller, because they must be on the disk before they take effect; all else is
left to the saver's thread. The decision to know: a keeper never raises about a disk. Where nothing can be written it
remembers the decisions, says why in `problem`, tries again by itself, and begins the run's folder when it can.
"""

from __future__ import annotations

import errno
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np

from ..disk.disk import DISK, Disk
from ..disk.home import Home, describe_failure
from ..errors import ConfigError
from .curves import MetricsLog
from .runs import RunDir, create_run
from .saver import Saver

COLUMNS = ("train_loss", "val_loss", "train_accuracy", "val_accuracy", "train_r2", "val_r2", "learning_rate")
"""The curves kept on the disk."""
TICK_S = 1.0
"""Shortest time between two writes of status and curves."""

_POINTS_REMEMBERED = 4096


class Keeper:
    """Keeps one run. Made by `begin` for a new one; with the `RunDir` of one that is gone on with."""

    def __init__(self, run: RunDir | None, disk: Disk = DISK) -> None:
        self.run: RunDir | None = None
        """The run's folder; None while there is none."""
        self._disk = disk
        self._saver = Saver()
        self._lock = threading.Lock()
        self._decisions: list[tuple[int, str, Mapping[str, Any], Mapping[str, Any]]] = []
        self._points: deque[tuple[int, list[float]]] = deque(maxlen=_POINTS_REMEMBERED)
        self._metrics: MetricsLog | None = None
        self._new: dict[str, Any] = {}
        self._trouble = ""
        self._due = 0.0
        if run is not None:
            self._adopt(run)

    @classmethod
    def begin(cls, home: Home, disk: Disk = DISK, **about: Any) -> Keeper:
        """A keeper for a new run.

        Args:
            home: Where runs are kept.
            disk: Where to.
            about: `config`, `seed`, `data_digest`, `title`, `preset` of `create_run`.
        """
        keeper = cls(None, disk)
        keeper._trouble = home.problem
        if not home.path:
            return keeper
        keeper._new = {"runs": home.runs, **about}
        try:
            keeper._create()
        except (OSError, ConfigError) as error:
            keeper._trouble = home.problem or _sentence(error, home.runs)
            keeper._saver.put("run", keeper._create, home.runs)
        return keeper

    @property
    def problem(self) -> str:
        """One sentence: what is not saved, where and why; "" while all is."""
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

    def decide(self, step: int, kind: str, intent: Mapping[str, Any], applied: Mapping[str, Any] | None = None) -> int:
        """Write down a decision before it takes effect; its number.

        Raises:
            ConfigError: It is not plain data, or too long; nothing was written down.
        """
        with self._lock:
            if self.run is None or self.run.journal is None:
                self._decisions.append((step, kind, dict(intent), dict(applied or {})))
            else:
                self.run.journal.append(step, kind, intent, applied)
                if self.run.journal.problem:
                    self._saver.put("decisions", self._write_decisions, self.run.journal.path)
            return self._last_n()

    def checkpoint(
        self,
        step: int,
        arrays: Mapping[str, np.ndarray],
        meta: Mapping[str, Any],
        best: bool = False,
        n: int | None = None,
        late: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:
        """Have the state of the run written, in place of one that still waits; never waits itself.

        Args:
            step: Steps done.
            arrays: Nobody changes them any more.
            meta: Plain data.
            best: Whether it is the best so far.
            n: Number of the last decision the state contains; None: the last one made.
            late: More plain data, made in the saver's thread.
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
            run.write_checkpoint(step, last_n, arrays, {**meta, **late()}, best, serial)

        self._saver.put("best state" if best else "state", write, run.path, needed)

    def shown(self, step: int) -> None:
        """Note that a step is about to be shown; costs a microsecond."""
        if self.run is not None:
            self.run.shown.write(self.last_n, step)

    def point(self, step: int, metrics: Mapping[str, float]) -> None:
        """Add a point to the curves on the disk."""
        values = [float(metrics.get(name, float("nan"))) for name in COLUMNS]
        with self._lock:
            if self._metrics is None:
                self._points.append((step, values))
            else:
                self._metrics.append(step, values)

    def tick(self, status: Mapping[str, Any]) -> None:
        """Have curves and status written if a second has passed; call as often as you like."""
        now = time.monotonic()
        if self.run is not None and now >= self._due:
            self._due = now + TICK_S
            self._put_status(status)

    def _put_status(self, status: Mapping[str, Any]) -> None:
        if self.run is not None:
            said = {**status, "n": self.last_n}
            self._saver.put("status", partial(self.run.write_status, said, True), self.run.path)
            if self._metrics is not None:
                self._saver.put("curves", self._metrics.flush, self.run.path)

    def drain(self, timeout: float) -> bool:
        """Try to write all that waits; whether it is written."""
        return self._saver.drain(timeout) and not self.problem

    def close(self, status: Mapping[str, Any] | None = None, timeout: float = 2.0) -> bool:
        """Write what can be written within the time and let the folder go; whether all is written."""
        if status is not None:
            self._put_status(status)
        saved = self._saver.close(timeout)
        if self.run is not None and self._saver.ended:  # else the lock is the kernel's to give back
            self.run.close()
        return saved and not self.problem

    def _create(self) -> None:
        """Begin the folder and write down what was decided before there was one."""
        run = create_run(disk=self._disk, **self._new)
        with self._lock:
            if run.journal is not None:
                for step, kind, intent, applied in self._decisions:
                    run.journal.append(step, kind, intent, applied)
            self._decisions.clear()
            self._adopt(run)

    def _adopt(self, run: RunDir) -> None:
        with suppress(OSError):  # curves are for looking
            self._metrics = MetricsLog(run.path, COLUMNS, self._disk)
            while self._points:
                self._metrics.append(*self._points.popleft())
        self._trouble = ""
        self.run = run

    def _write_decisions(self) -> None:
        if self.run is not None and self.run.journal is not None and not self.run.journal.flush():
            raise OSError(errno.EIO, self.run.journal.problem)


def _sentence(error: Exception, path: str) -> str:
    reason = str(error) if isinstance(error, ConfigError) else describe_failure(error, path)
    return f"this run is not saved: {reason}"
