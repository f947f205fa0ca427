"""The thread that writes, so that training never waits for a disk.

Each kind of file has one job at most and the newest wins: a slow disk makes saves rarer, never a queue longer. A job
that fails is tried again, ever more rarely up to every ten seconds, until it works or a newer one takes its place.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from ..disk.home import describe_failure
from ..errors import ConfigError

STALLED_S = 1.5
"""A write that takes longer is reported while it lasts."""

_FIRST_RETRY_S = 0.5
_LAST_RETRY_S = 10.0


@dataclass
class _Job:
    """The newest job of one kind, and how its last tries went."""

    work: Callable[[], None] | None = None
    where: str = ""
    needed: int = 0
    failures: int = 0
    not_before: float = 0.0
    problem: str = ""


class Saver:
    """Runs jobs, at most one at a time, in the order their kinds were first used."""

    def __init__(self) -> None:
        self._jobs: dict[str, _Job] = {}
        self._changed = threading.Condition()
        self._running: tuple[str, float] | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="dltui-saver", daemon=True)
        self._thread.start()

    def put(self, kind: str, work: Callable[[], None], where: str = "", needed: int = 0) -> None:
        """Run `work` soon, in place of a waiting one of its kind; never waits.

        Args:
            kind: "checkpoint", "status", "metrics".
            work: Writes; raises OSError if the disk does not take it, ConfigError if trying again is of no use.
            where: The path, for the message.
            needed: Bytes, for the message.
        """
        with self._changed:
            job = self._jobs.setdefault(kind, _Job())
            job.work, job.where, job.needed = work, where, needed
            self._changed.notify_all()

    @property
    def problem(self) -> str:
        """One sentence: what is not saved, where and why; "" when all is."""
        with self._changed:
            for kind, job in self._jobs.items():
                if job.problem:
                    return f"{kind} not saved: {job.problem}"
            if self._running is not None and time.monotonic() - self._running[1] > STALLED_S:
                kind, start = self._running
                return (
                    f"{kind} not saved yet: writing to {self._jobs[kind].where} takes {time.monotonic() - start:.0f} s"
                )
            return ""

    @property
    def ended(self) -> bool:
        """Whether the thread is over, so that nothing is written any more."""
        return not self._thread.is_alive()

    def drain(self, timeout: float) -> bool:
        """Try everything that waits once, now; whether all of it is saved."""
        stop = time.monotonic() + timeout
        with self._changed:
            for job in self._jobs.values():
                job.not_before = 0.0
            before = {kind: job.failures for kind, job in self._jobs.items() if job.work is not None}
            self._changed.notify_all()
            while self._is_busy(before):
                left = stop - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            return not self._running and all(job.work is None for job in self._jobs.values())

    def _is_busy(self, failures: dict[str, int]) -> bool:
        if self._running is not None:
            return True
        return any(job.work is not None and job.failures <= failures.get(k, 0) for k, job in self._jobs.items())

    def close(self, timeout: float = 2.0) -> bool:
        """Try everything once more and end the thread; whether all is saved."""
        saved = self.drain(timeout)
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(max(0.1, timeout / 4))
        return saved

    def _work(self) -> None:
        while True:
            with self._changed:
                kind = self._next()
                while kind is None and not self._closing:
                    self._changed.wait(self._wait_s())
                    kind = self._next()
                if self._closing or kind is None:
                    return
                job = self._jobs[kind]
                work, where, needed = job.work, job.where, job.needed
                job.work = None
                self._running = (kind, time.monotonic())
            problem, again = _try(work, where, needed)
            with self._changed:
                self._running = None
                job.problem = problem
                job.failures = job.failures + 1 if problem else 0
                if problem:
                    pause = min(_FIRST_RETRY_S * 2 ** min(job.failures - 1, 10), _LAST_RETRY_S)
                    job.not_before = time.monotonic() + pause
                    if again and job.work is None:
                        job.work, job.where, job.needed = work, where, needed
                self._changed.notify_all()

    def _next(self) -> str | None:
        now = time.monotonic()
        for kind, job in self._jobs.items():
            if job.work is not None and job.not_before <= now:
                return kind
        return None

    def _wait_s(self) -> float | None:
        times = [job.not_before for job in self._jobs.values() if job.work is not None]
        return max(0.0, min(times) - time.monotonic()) if times else None


def _try(work: Callable[[], None] | None, where: str, needed: int) -> tuple[str, bool]:
    """Why a job failed, "" if it did not, and whether trying again may help. The thread outlives any job."""
    try:
        if work is not None:
            work()
    except OSError as error:
        return describe_failure(error, where, needed), True
    except ConfigError as error:
        return str(error), False
    except Exception as error:
        return describe_failure(error, where), False
    return "", False
