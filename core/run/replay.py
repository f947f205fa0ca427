"""Makes the decisions of a kept run again: to resume it, or to prove that it is what its files say.

A run is its Config, its data and its decisions; a saved state only saves the time to compute it again. So a state
that is damaged, or that is later than one the run returned to, costs time and nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..config import Config
from ..errors import ConfigError
from ..store.folder import RunDir
from ..store.journal import Record
from ..surgery.by_hand import overwrite
from ..training.bookmark import Bookmark, without_jump
from ..training.trainer import Trainer

Point = tuple[int, int]
"""(number of the last decision, step): a point in a run."""


def replay(
    trainer: Trainer,
    records: Sequence[Record],
    points: Iterable[Point] = (),
    visit: Callable[[Point], None] | None = None,
) -> None:
    """Make the recorded decisions again, each at its step.

    Args:
        trainer: At a step before the first of them.
        records: Decisions in order.
        points: Points to visit on the way, and after the last decision.
        visit: Called at each of them that is passed.

    Raises:
        ConfigError: A record does not fit the run, or asks for a state from before it.
    """
    uses = Counter(_target(record) for record in records if record.kind == "rewind")
    to_visit, passed = set(points), dict[Point, Bookmark]()
    stops = sorted(to_visit | set(uses))

    def advance_through(n: int, last: int | None) -> None:
        for point in stops:
            if point[0] == n and trainer.step <= point[1] and (last is None or point[1] <= last):
                advance_to(trainer, point[1], n)
                if uses[point]:
                    passed[point] = trainer.bookmark()
                if visit is not None and point in to_visit:
                    visit(point)

    n = records[0].n - 1 if records else _last_decision(stops)
    for record in records:
        step = int(record.intent["from"]) if record.kind == "end" else record.step
        advance_through(n, step)
        advance_to(trainer, step, record.n)
        make_decision(trainer, record, passed)
        if record.kind == "rewind":
            uses[_target(record)] -= 1
            if not uses[_target(record)]:
                del passed[_target(record)]
        n = record.n
    advance_through(n, None)


def _last_decision(stops: Sequence[Point]) -> int:
    return stops[-1][0] if stops else 0


def _target(record: Record) -> Point:
    return int(record.intent["n"]), int(record.intent["step"])


def advance_to(trainer: Trainer, step: int, n: int) -> None:
    """Train to a step; nothing happens if the trainer is there.

    Raises:
        ConfigError: The run ends before it.
    """
    if trainer.step < step:
        trainer.advance(step - trainer.step)
    if trainer.step != step:
        raise ConfigError(f"decision {n} is at step {step}, but the run is at step {trainer.step}")


def make_decision(trainer: Trainer, record: Record, passed: Mapping[Point, Bookmark]) -> None:
    """Make one recorded decision.

    Raises:
        ConfigError: It does not fit the run.
    """
    intent = record.intent
    match record.kind:
        case "apply":
            with _mentioning_plugins():
                trainer.apply(intent["changes"], cold=bool(intent["cold"]))
        case "overwrite":
            trainer.become(overwrite(trainer.state, intent["what"], intent["layer"]))
        case "rewind":
            point = _target(record)
            if point not in passed:
                raise ConfigError(f"decision {record.n} returns to step {point[1]}, which lies before this state")
            trainer.return_to(passed[point])
            trainer.note("note", f"rewound to step {point[1]}")
        case "restart":
            trainer.restart(intent["seed"])
            trainer.note("start", f"seed {trainer.config.training.seed}")
        case "end":
            trainer.advance(intent["n"])
            if (trainer.step, trainer.stopped) != (record.step, intent["stopped"]):
                raise ConfigError(f"the run ended at step {record.step} ({intent['stopped']}), but does not end there")
        case "gap":
            raise ConfigError(f"decisions before number {record.n} are lost")
        case kind:
            raise ConfigError(f"decision {record.n} is of an unknown kind", value=kind)


def start_trainer(run: RunDir, make_trainer: Callable[[Config], Trainer]) -> Trainer:
    """A trainer at the start of a kept run.

    Raises:
        ConfigError: Its data have changed, or it needs something that is not there.
    """
    trainer = make_trainer(_config_of(run, run.meta.config))
    if trainer.data.digest != run.meta.data_digest:
        raise ConfigError("was made with data that have since changed", file=run.path)
    return trainer


def _config_of(run: RunDir, values: Mapping[str, object]) -> Config:
    with _mentioning_plugins():
        return Config.from_dict(values, file=run.path)


@contextmanager
def _mentioning_plugins() -> Iterator[None]:
    """Tell of plugins where a method is unknown: it was known when the run was made, so it may be the user's own."""
    try:
        yield
    except ConfigError as error:
        if not isinstance(error.value, str) or not error.choices:
            raise
        problem = f"{error.problem} here; if it is one of your own, name its file with --plugin"
        raise ConfigError(problem, field=error.field, value=error.value, file=error.file) from None


def resume_trainer(run: RunDir, make_trainer: Callable[[Config], Trainer]) -> tuple[Trainer, tuple[str, ...]]:
    """A trainer at the step a kept run last showed, and what was found damaged on the way.

    Args:
        run: Open for writing.
        make_trainer: Makes a fresh trainer of a Config.

    Raises:
        ConfigError: The run cannot be brought back.
    """
    targets = [(record.n, _target(record)) for record in run.records if record.kind == "rewind"]

    def unfit(arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any]) -> str:
        at = (int(meta.get("n", 0)), int(meta["counters"]["step"]))
        if any(n > at[0] and target < at for n, target in targets):
            return "is later than a state the run returns to"
        return unsound(arrays)

    found = run.resume(unfit)
    if found.meta:
        config = _config_of(run, found.meta["config"])
        trainer = make_trainer(without_jump(config))
        trainer.return_to(Bookmark.from_arrays(found.arrays, found.meta, config, trainer.data, run.path))
    else:
        trainer = start_trainer(run, make_trainer)
    replay(trainer, found.replay)
    n, step = run.last_shown()
    if n == (run.records[-1].n if run.records else 0) and step > trainer.step:
        trainer.advance(step - trainer.step)
    return trainer, found.messages


def unsound(arrays: Mapping[str, np.ndarray]) -> str:
    """Why a state must not be resumed from; "" if it may."""
    bad = [name for name in ("weights", "buffers", "average") if not np.isfinite(arrays[name]).all()]
    return f"holds {bad[0]} that are not finite" if bad else ""
