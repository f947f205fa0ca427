"""A race: the same start, the same batches, other settings; all of them at once, as many at a time as there are cores.

The compiled loops hold no lock of the interpreter, so contenders run in threads of one process and share its data and
its compiled functions. What a contender comes to does not depend on how many run beside it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import inf, isfinite

from ..errors import ConfigError
from ..training.trainer import Trainer
from .future import Future, look_ahead

LOWER_IS_BETTER = "loss"


@dataclass(frozen=True, eq=False)
class Contender:
    """One way to train, and where it came to."""

    number: int
    """Its place in the list that was given, from 0."""
    changes: Mapping[str, object]
    """What it changes: Config path -> value."""
    future: Future | None
    """None where it was refused."""
    refused: str = ""
    """Why it could not be trained."""

    def score(self, metric: str) -> float:
        """What it is ranked by, smaller first: the metric, or infinity where it has none."""
        value = self.future.metrics.get(metric, inf) if self.future is not None else inf
        value = value if metric.endswith(LOWER_IS_BETTER) else -value
        return value if isfinite(value) else inf


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def race(
    start: Trainer,
    contenders: Sequence[Mapping[str, object]],
    n_steps: int,
    *,
    anew: bool = True,
    workers: int = 0,
    goal: Callable[[Trainer], bool] | None = None,
    called_off: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda _number, _steps: None,
) -> list[Contender]:
    """Train each contender from the same start; they are in the order given.

    Args:
        start: A trainer of the settings they have in common; left as it is, and not advanced meanwhile.
        contenders: What each changes.
        n_steps: Steps of each.
        anew: Whether each begins a run of its own; else each makes its change at the state in force and goes on.
        workers: How many run at a time; 0: one a core.
        goal: When a contender has reached what is asked for.
        called_off: Asked now and then whether to stop.
        progress: Told (number of the contender, steps made), from any thread.
    """
    lock = threading.Lock()

    def run(number: int) -> Contender:
        changes = contenders[number]
        try:
            with lock:  # copying reads the one start
                trainer = start.sibling(changes) if anew else _changed_copy(start, changes)
            trainer.aim(trainer.step + n_steps)
        except ConfigError as error:
            return Contender(number, changes, None, str(error))
        future = look_ahead(
            trainer, n_steps, goal=goal, called_off=called_off, progress=lambda made: progress(number, made)
        )
        return Contender(number, changes, future)

    with ThreadPoolExecutor(workers or cores(), thread_name_prefix="dltui-race") as pool:
        return list(pool.map(run, range(len(contenders))))


def _changed_copy(start: Trainer, changes: Mapping[str, object]) -> Trainer:
    twin = start.copy()
    twin.apply(changes)
    return twin


def ranked(contenders: Sequence[Contender], metric: str) -> list[Contender]:
    """The best first, those that diverged or were refused last, in the order given where they are equal."""
    return sorted(contenders, key=lambda one: (one.future is None, one.score(metric), one.number))
