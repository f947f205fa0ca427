"""Looks at the loss around the weights of a run, on copies and in a thread of its own: the run goes on meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from ..errors import ConfigError
from ..foresight.landscape import loss_slice, path_plane, random_plane
from ..snapshot import Landscape
from ..training.trainer import Trainer

SLICE, RANDOM = "slice", "random"


class Surveyor:
    """One question at a time; a new one, or `forget`, makes the answer to the one before worthless."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: Landscape | None = None
        self._asked = 0
        self._is_new = False
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being computed, or is there to be fetched."""
        at_work = self._thread is not None and self._thread.is_alive()
        return at_work or self._is_new

    @property
    def is_new(self) -> bool:
        """Whether there is another answer than the last time."""
        return self._is_new

    def ask(self, trainer: Trainer, kind: str, states: Sequence[np.ndarray]) -> None:
        """Look around.

        Args:
            trainer: Read now, between two steps, and not again.
            kind: One of `commands.LANDSCAPES`; "": forget the answer.
            states: Flat weights on the way of the run.
        """
        self.forget()
        if not kind:
            return
        same = [one for one in states if one.shape == trainer.memory.weights.shape]
        args = (trainer.copy(), kind, same, self._asked)
        self._thread = threading.Thread(target=self._work, args=args, name="dltui-surveyor", daemon=True)
        self._thread.start()

    def forget(self) -> None:
        """Want no answer any more."""
        with self._lock:
            self._asked += 1
            self._is_new = self._is_new or self._found is not None
            self._found = None

    def fetch(self) -> Landscape | None:
        """The last answer."""
        with self._lock:
            self._is_new = False
            return self._found

    def _work(self, trainer: Trainer, kind: str, states: Sequence[np.ndarray], asked: int) -> None:
        found = landscape_of(trainer, kind, states)
        with self._lock:
            if asked == self._asked:
                self._found, self._is_new = found, True


def landscape_of(trainer: Trainer, kind: str, states: Sequence[np.ndarray]) -> Landscape:
    """What is asked for, or why there is none."""
    try:
        if kind == SLICE:
            return Landscape(kind, trainer.step, along=loss_slice(trainer))
        plane = random_plane(trainer) if kind == RANDOM else path_plane(trainer, states)
        return Landscape(kind, trainer.step, plane=plane)
    except ConfigError as error:
        return Landscape(kind, trainer.step, refused=str(error))
