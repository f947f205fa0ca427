"""What is computed beside the run: on copies, in a thread of its own, fetched between two steps.

The run goes on meanwhile and is not touched. The compiled loops hold no lock of the interpreter, so on two cores both
train at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeAlias, TypeVar

from ..errors import ConfigError

Found = TypeVar("Found")
Tell: TypeAlias = Callable[[Found], None]
"""Given what is known so far, as often as there is more of it."""
CalledOff: TypeAlias = Callable[[], bool]
"""Asked now and then whether nobody wants the answer any more."""


class Aside(Generic[Found]):
    """One question at a time; a new one, or `stop`, makes the answer to the one before worthless.

    Args:
        name: Of the thread.
        nothing: What is known where nothing was asked.
    """

    def __init__(self, name: str, nothing: Found) -> None:
        self._name, self._nothing = name, nothing
        self._lock = threading.Lock()
        self._found = nothing
        self._failure = ""
        self._is_new = False
        self._off = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being computed, or is there to be fetched."""
        # In this order: what ends sets its last answer first.
        at_work = self._thread is not None and self._thread.is_alive()
        return at_work or self._is_new

    @property
    def is_new(self) -> bool:
        """Whether there is more to be fetched than the last time."""
        return self._is_new

    def fetch(self) -> Found:
        """What is known."""
        with self._lock:
            self._is_new = False
            return self._found

    def take_failure(self) -> str:
        """Why there is no answer, said once; "" where there is one."""
        with self._lock:
            failure, self._failure = self._failure, ""
            return failure

    def stop(self) -> None:
        """Forget what was asked; a piece that is being computed is thrown away."""
        with self._lock:
            self._off.set()
            self._is_new = self._is_new or self._found is not self._nothing
            self._found, self._failure = self._nothing, ""

    def _begin(self, work: Callable[[Tell[Found], CalledOff], None], so_far: Found | None = None) -> None:
        """Have a thread work on another question.

        Args:
            work: Tells what it finds; a ConfigError it raises is said as the failure.
            so_far: Known at once; without it what is known of the question before stays until there is an answer.
        """
        with self._lock:
            self._off.set()
            self._off = off = threading.Event()
            if so_far is not None:
                self._found, self._is_new = so_far, True
        self._thread = threading.Thread(target=self._work, args=(work, off), name=self._name, daemon=True)
        self._thread.start()

    def _work(self, work: Callable[[Tell[Found], CalledOff], None], off: threading.Event) -> None:
        def tell(found: Found) -> None:
            with self._lock:
                if not off.is_set():
                    self._found, self._is_new = found, True

        try:
            work(tell, off.is_set)
        except ConfigError as error:
            with self._lock:
                if not off.is_set():
                    self._failure, self._is_new = str(error), True
