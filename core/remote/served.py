"""A session that other terminals may attach to, and that outlives its own.

The run is served from its start, so that a second terminal can look on and a lost one costs nothing. Going on without
a terminal takes a permit, one of a few, which are locks in the user's home. So forgotten runs cannot pile up, and the
kernel takes back the permit of a process however it ends.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..commands import Command, Pause
from ..disk.home import Home
from ..disk.lock import Lock, is_locked, read_holder
from ..errors import ConfigError
from ..store.interrupted import note_interrupted

if TYPE_CHECKING:
    from ..session import Session
    from ..snapshot import Snapshot
    from .server import Server

N_DETACHED = 8
"""Runs of a user that may go on without a terminal at one time."""
PAUSED_S = 600.0
"""How long a paused run waits for somebody to attach."""
UNSEEN_S = 60.0
"""How long a run without an end trains on after its terminal was lost, unless somebody looks on."""
LOST_S = 10.0
"""How long a run goes on that nobody can find any more, because the whole home is gone."""
LOOK_S = 0.2
"""How often a run without a terminal looks whether it has ended."""

_OVER = frozenset(("finished", "diverged", "failed", "closed"))


class ServedSession:
    """A session of this process, with the same face, served to others as soon as its run has a folder.

    Args:
        session: What is served.
        home: Where its run is kept.
        on_run: Told the id of the run, in a thread of its own.
    """

    def __init__(self, session: Session, home: Home, on_run: Callable[[str], None] | None = None) -> None:
        self.session, self._home, self._on_run = session, home, on_run
        self.notice = ""
        """Something to say at the start; "" for nothing."""
        self._run, self._saved = "", True
        self._server: Server | None = None
        self._permit: Lock | None = None
        self._serving = threading.Lock()
        self._stop = threading.Event()

    @property
    def failure(self) -> str:
        """Why there is no run; "" while all is well."""
        return self.session.failure

    @property
    def alive(self) -> bool:
        """Whether the run's thread works."""
        return self.session.alive

    @property
    def run(self) -> str:
        """Id of the run that is served; "" before there is one."""
        return self._run if self._server is not None else ""

    def start(self) -> None:
        """Begin; returns at once."""
        self.session.start()

    def send(self, command: Command) -> None:
        """Ask for something; returns at once."""
        self.session.send(command)

    def latest(self) -> Snapshot | None:
        """The newest snapshot, None before the first."""
        snapshot = self.session.latest()
        if snapshot is not None and snapshot.run != self._run:
            self._run = snapshot.run
            threading.Thread(target=self._serve, args=(snapshot.run,), name="dltui-serve", daemon=True).start()
        if snapshot is not None:
            saved = not snapshot.saved or os.path.isabs(snapshot.saved)
            if self._saved and not saved:
                self.notice = snapshot.saved[:1].upper() + snapshot.saved[1:]
            self._saved = saved
        return snapshot

    def _serve(self, run: str) -> None:
        """Serve this run, and no other any more."""
        if self._on_run is not None:
            self._on_run(run)
        if self._permit is not None:
            self._permit.note(run=run)
        with self._serving, suppress(OSError, ConfigError):  # a run that cannot be attached is still a run
            path = os.path.join(self._home.runs, run)
            if not run:
                return
            if self._server is not None:
                self._server.move(path)
                return
            from .server import Server

            self._server = Server(self, path)

    def close(self, timeout: float = 5.0) -> bool:
        """End the run, show its last state to all who look on; whether it ended in time."""
        ended = self.session.close(timeout)
        with self._serving:
            if self._server is not None:
                self._server.close()
                self._server = None
        if self._permit is not None:
            self._permit.release()
        return ended

    def note_interrupted(self, by: str) -> None:
        """Leave a word for the next start: this run is not ended by its user."""
        if self._run:
            note_interrupted(self._home, self._run, by)

    def keep_on(self) -> str:
        """Take the right to go on without a terminal; why it cannot be had, "" if it can."""
        snapshot = self.latest()
        if self.failure or not self.alive:
            return "there is no run"
        if snapshot is not None and snapshot.status != "compiling":
            if not snapshot.run:
                return _needs_saving(snapshot.saved)
            if not os.path.isdir(os.path.join(self._home.runs, snapshot.run)):
                return _needs_saving(f"the folder of {snapshot.run} was moved or deleted")
        return self.take_permit()

    def take_permit(self) -> str:
        """Take the permit of a run without a terminal, before there is a run; why it cannot be had, "" if it can."""
        if self._home.problem:
            return _needs_saving(self._home.problem)
        if self._permit is None:
            for path in _permits(self._home):
                with suppress(OSError, ConfigError):
                    self._permit = Lock(path)
                    self._permit.note(run=self._run)
                    return ""
            return f"{N_DETACHED} runs go on without a terminal already: see dltui ps, end one with dltui stop"
        return ""

    def stop(self) -> None:
        """Have `work_until_end` end the run."""
        self._stop.set()

    def work_until_end(self, lost: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        """Stay until the run has ended and nobody looks on or can find it, or `stop`; then close.

        Args:
            lost: Whether the terminal was lost, and not left: then a run without an end is paused after a while.
            clock: Seconds, monotonic.
        """
        seen = looked = found = clock()
        while self.alive and not self._stop.is_set():
            snapshot, now = self.latest(), clock()
            status = snapshot.status if snapshot is not None else "compiling"
            is_seen = self._server is not None and self._server.n_viewers > 0
            if is_seen:
                seen = now
            if is_seen or status not in (*_OVER, "paused"):
                looked = now
            elif status in _OVER or now - looked > PAUSED_S:
                break
            endless = snapshot is not None and status == "training" and not snapshot.config.has_end
            if lost and endless and now - seen > UNSEEN_S:
                self.send(Pause())
            if self._can_be_found():
                found = now
            elif now - found > LOST_S:
                break
            self._stop.wait(LOOK_S)
        self.close()

    def _can_be_found(self) -> bool:
        """Whether others can find this process, by its permit or by the folder of its run."""
        folder = os.path.join(self._home.runs, self._run)
        return self._permit is None or self._permit.is_ours() or os.path.isdir(folder)


@dataclass(frozen=True)
class Detached:
    """A process that goes on without a terminal."""

    pid: int
    run: str
    """Id of its run; "" before there is one."""
    permit: str
    """The lock it holds until it ends."""


def detached_processes(home: Home) -> tuple[Detached, ...]:
    """Processes that go on without a terminal, found by the permits they hold, whatever became of their folders."""
    held = [(read_holder(path), path) for path in _permits(home) if is_locked(path)]
    return tuple(Detached(holder.pid, holder.run, path) for holder, path in held)


def _needs_saving(reason: str) -> str:
    return f"{reason or 'this run is not saved'}; a run that is not saved ends with its terminal"


def _permits(home: Home) -> list[str]:
    return [os.path.join(home.path, f"detached-{number}.lock") for number in range(1, N_DETACHED + 1)]
