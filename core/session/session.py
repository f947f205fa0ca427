"""A run with a thread of its own: commands go in through one queue, the newest Snapshot lies in one place.

Nothing else crosses between the screen and training, and training never waits for the screen.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..commands import Close, Command
from ..errors import ConfigError
from ..text import safe_text
from .mailbox import Mailbox

if TYPE_CHECKING:
    from ..config import Config
    from ..snapshot import Snapshot


class Session:
    """A run with a thread of its own.

    Args:
        source: A preset's name, a file, or a Config; "" with `resume`.
        seed: Seed in place of the Config's.
        keep: Whether decisions and states are written to the user's home.
        resume: Id of a kept run to resume.
        name: What the user named, where `source` is the Config made of it.
        clock: Seconds, monotonic; tests own time through it.
    """

    def __init__(
        self,
        source: str | Config,
        *,
        seed: int | None = None,
        keep: bool = False,
        resume: str = "",
        name: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source, self._seed, self._keep, self._resume, self._clock = source, seed, keep, resume, clock
        self._name = name
        self._queue: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._mailbox = Mailbox()
        self._thread = threading.Thread(target=self._work, name="dltui-session", daemon=True)

    @property
    def failure(self) -> str:
        """Why there is no run: one sentence, "" while all is well."""
        return self._mailbox.failure

    def start(self) -> None:
        """Start the thread; returns at once."""
        self._thread.start()

    def send(self, command: Command) -> None:
        """Ask for something; returns at once."""
        self._queue.put(command)

    def latest(self) -> Snapshot | None:
        """The newest snapshot: the same object until there is a newer one, None before the first."""
        return self._mailbox.latest()

    def wait(self, condition: Callable[[Snapshot], bool], timeout: float) -> Snapshot:
        """The first snapshot that meets a condition.

        Raises:
            TimeoutError: None did in `timeout` seconds.
            ConfigError: There is no run.
        """
        return self._mailbox.wait(condition, timeout)

    def close(self, timeout: float = 5.0) -> bool:
        """End the run and its thread; whether it ended in time."""
        self.send(Close())
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def _work(self) -> None:
        try:
            # Imported here: the compiler and the families take longer to load than the first screen may.
            from .worker import Worker

            worker = Worker(self._queue, self._mailbox.put, keep=self._keep, clock=self._clock)
            if self._resume:
                worker.resume(self._resume)
            else:
                worker.open(self._source, self._seed, self._name)
            worker.work()
        except ConfigError as error:
            self._mailbox.fail(str(error))
        except MemoryError:
            self._mailbox.fail("there is not enough memory for this run")
        except Exception as error:
            # Whatever is wrong with the program: those who wait must hear of it, and what is kept is still there.
            self._mailbox.fail(f"the run was ended by an error in dltui ({type(error).__name__}: {safe_text(error)})")
            raise
