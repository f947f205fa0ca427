"""The lesson's pair: another preset, trained beside the run in a thread of its own, so that the two can be compared.

It has the run's seed, makes as many steps as the run has made and no more, and gives way: its thread has the lowest
claim on the processor. Nothing of the run depends on it.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress

from ..config.presets import load_preset
from ..errors import ConfigError
from ..snapshot import RunCurves
from ..training.trainer import Trainer

CHUNK_S = 0.02
"""Length of a chunk: it holds the thread up so long when it is to end."""
SHORTEST, LONGEST = 8, 65536
"""Steps of a chunk, at least and at most."""
NEWS_S = 0.2
"""Shortest time between two pictures of it."""
POINTS = 1024
"""Most points of a curve."""
NICE = 10
"""How far its thread steps back."""
BEHIND = "still computing"
"""Said while it has made fewer steps than the run."""


class Companion:
    """One other preset in training.

    Args:
        preset: Its name.
        seed: Of the run.
    """

    def __init__(self, preset: str, seed: int) -> None:
        self.preset, self.seed = preset, seed
        self.failure = ""
        """Why it cannot be trained, in one sentence; "" while all is well."""
        self._news: RunCurves | None = None
        self._target, self._ended = 0, False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="dltui-companion", daemon=True)
        self._thread.start()

    def follow(self, step: int) -> None:
        """Come as far as the run has come."""
        if step > self._target:
            with self._changed:
                self._target = step
                self._changed.notify()

    def latest(self) -> RunCurves | None:
        """Its curves: the same object until there are newer ones; None before the first."""
        return self._news

    def is_awaited(self, shown: RunCurves | None) -> bool:
        """Whether there is more to be seen of it than what is shown, or will be although the run stands still."""
        news = self._news
        if news is not shown or self.failure:
            return True
        return self._thread.is_alive() and self._target > (news.step if news is not None else 0)

    def close(self, timeout: float = 1.0) -> None:
        """End it."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._thread.join(timeout)

    def _work(self) -> None:
        with suppress(OSError, AttributeError):  # each thread has a priority of its own on Linux alone
            if os.uname().sysname == "Linux":
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        try:
            if self._wait(0):
                self._train(Trainer(load_preset(self.preset).with_changes({"training.seed": self.seed})))
        except ConfigError as error:
            self.failure = f"{self.preset} cannot be trained beside this run: {error}"
        except MemoryError:
            self.failure = f"there is not enough memory to train {self.preset} beside this run"

    def _wait(self, step: int) -> bool:
        """Wait until there is a step to make after this one; whether there is."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._target > step)
            return not self._ended

    def _train(self, trainer: Trainer) -> None:
        n, shown_at = SHORTEST, 0.0
        while self._wait(trainer.step):
            started = time.monotonic()
            trainer.advance(min(n, self._target - trainer.step))
            now = time.monotonic()
            n = min(max(int(n * CHUNK_S / max(now - started, 1e-6)), n // 2, SHORTEST), 2 * n, LONGEST)
            done = trainer.step >= self._target or trainer.stopped is not None
            if done or now - shown_at >= NEWS_S:
                self._news, shown_at = self._shown(trainer, done), now
            if trainer.stopped is not None:
                return

    def _shown(self, trainer: Trainer, done: bool) -> RunCurves:
        curves = {name: series.curve(POINTS) for name, series in trainer.history.series.items()}
        note = "" if done else BEHIND
        if trainer.stopped is not None:
            note = trainer.stopped
        return RunCurves(self.preset, trainer.config, trainer.step, curves, note)
