"""Makes the decisions of a kept run again: to resume it, or to prove that it is what its files say.

A run is its Config, its data and its decisions; a saved state only saves the time to compute it again. So a state that
is damaged, that belongs to another run, or that is later than one the run returned to, costs time and nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TypeAlias

import numpy as np

from ..config import Config
from ..config.stated import with_stated_defaults
from ..disk.typed import Fields
from ..errors import ConfigError
from ..store.decisions import (
    AimDecision,
    ApplyDecision,
    EndDecision,
    GapDecision,
    OverwriteDecision,
    PlanDecision,
    RestartDecision,
    RewindDecision,
    decision_of,
)
from ..store.folder import RunDir, SavedState
from ..store.journal import Record
from ..surgery.by_hand import overwrite
from ..training.bookmark import Bookmark, without_jump
from ..training.trainer import Trainer
from .course import configs_after

Point: TypeAlias = tuple[int, int]
"""(number of the last decision, step): a point in a run."""

CLOSE = 10**7
"""Steps that a run may have made after its last written state, whatever the clock says."""
BEYOND = 1 << 17
"""Most steps by which a run that diverges may have passed the sound step it comes to rest at."""


def replay(
    trainer: Trainer,
    records: Sequence[Record],
    points: Iterable[Point] = (),
    visit: Callable[[Point], None] | None = None,
    furthest: int | None = None,
) -> None:
    """Make the recorded decisions again, each at its step.

    Args:
        trainer: At a step before the first of them.
        records: Decisions in order.
        points: Points to visit on the way, and after the last decision.
        visit: Called at each of them that is passed.
        furthest: A step the run cannot have passed; None if nothing is known.

    Raises:
        ConfigError: A record does not fit the run, asks for a state from before it or for a step that is too far.
    """
    decisions = [(record, decision_of(record)) for record in records]
    uses = Counter((decision.n, decision.step) for _, decision in decisions if isinstance(decision, RewindDecision))
    to_visit, passed = set(points), dict[Point, Bookmark]()
    stops = sorted(to_visit | set(uses))

    def advance_through(n: int, last: int | None) -> None:
        for point in stops:
            if point[0] == n and trainer.step <= point[1] and (last is None or point[1] <= last):
                advance_to(trainer, point[1], n, furthest)
                if uses[point]:
                    passed[point] = trainer.bookmark()
                if visit is not None and point in to_visit:
                    visit(point)

    n = records[0].n - 1 if records else _last_decision(stops)
    for record, decision in decisions:
        step = decision.start if isinstance(decision, EndDecision) else record.step
        advance_through(n, step)
        advance_to(trainer, step, record.n, furthest)
        if isinstance(decision, RewindDecision):
            point = (decision.n, decision.step)
            _rewind(trainer, record, decision, passed)
            uses[point] -= 1
            if not uses[point]:
                del passed[point]
        else:
            make_again(trainer, record, decision)
        n = record.n
    advance_through(n, None)


def _last_decision(stops: Sequence[Point]) -> int:
    return stops[-1][0] if stops else 0


def advance_to(trainer: Trainer, step: int, n: int, furthest: int | None = None) -> None:
    """Train to a step; nothing happens if the trainer is there.

    Raises:
        ConfigError: The run ends before it, or cannot have come so far.
    """
    if furthest is not None and step > furthest:
        raise ConfigError(f"decision {n} is at step {step}, further than this run can have come")
    if trainer.step < step:
        trainer.advance(step - trainer.step)
    if trainer.step != step:
        raise ConfigError(f"decision {n} is at step {step}, but the run is at step {trainer.step}")


def make_again(
    trainer: Trainer,
    record: Record,
    decision: ApplyDecision
    | OverwriteDecision
    | RestartDecision
    | PlanDecision
    | AimDecision
    | EndDecision
    | GapDecision,
) -> None:
    """Make one recorded decision, at its step.

    Raises:
        ConfigError: It does not fit the run.
    """
    match decision:
        case ApplyDecision(changes, cold):
            with _mentioning_plugins():
                trainer.apply(with_stated_defaults(changes, trainer.config, formerly=True), cold=cold)
        case OverwriteDecision():
            trainer.become(overwrite(trainer.state, decision))
        case RestartDecision(seed):
            trainer.restart(seed)
            trainer.note("start", f"seed {trainer.config.training.seed}")
        case AimDecision(end):
            trainer.aim(end)
        case EndDecision():
            _end(trainer, record, decision)
        case GapDecision():
            raise ConfigError(f"decisions before number {record.n} are lost")


def _rewind(trainer: Trainer, record: Record, decision: RewindDecision, passed: Mapping[Point, Bookmark]) -> None:
    point = (decision.n, decision.step)
    if point not in passed:
        raise ConfigError(f"decision {record.n} returns to step {point[1]}, which lies before this state")
    trainer.return_to(passed[point])
    trainer.note("note", decision.note)


def _end(trainer: Trainer, record: Record, decision: EndDecision) -> None:
    # Where it ends does not depend on how many steps more it was asked for: only those are tried that may show it.
    trainer.advance(min(decision.n_steps, max(record.step - trainer.step, 0) + BEYOND))
    if (trainer.step, trainer.stopped) != (record.step, decision.stopped):
        raise ConfigError(f"the run ended at step {record.step} ({decision.stopped}), but does not end there")


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
        run: The run's folder.
        make_trainer: Makes a fresh trainer of a Config.

    Raises:
        ConfigError: The run cannot be brought back.
    """
    point = run.resume(_Fitness(run).problem)
    if point.values:
        values = Fields(point.values, "state")
        config = _config_of(run, values.mapping("config"))
        trainer = make_trainer(without_jump(config))
        trainer.return_to(Bookmark.from_arrays(point.arrays, values, config, trainer.data, run.path))
    else:
        trainer = start_trainer(run, make_trainer)
    furthest = max(run.furthest_step(), trainer.step + CLOSE)
    replay(trainer, point.replay, furthest=furthest)
    n, step = run.last_shown()
    if n == run.last_n and trainer.step < step <= furthest:
        trainer.advance(step - trainer.step)
    return trainer, point.messages


class _Fitness:
    """Says of a state why it must not be resumed from."""

    def __init__(self, run: RunDir) -> None:
        self._records = run.records
        self._meta = run.meta
        self._rewinds: list[tuple[int, Point]] = []
        for record in run.records:
            with suppress(ConfigError):  # where it matters, it is replayed and its error said
                decision = decision_of(record)
                if isinstance(decision, RewindDecision):
                    self._rewinds.append((record.n, (decision.n, decision.step)))

    def problem(self, state: SavedState) -> str:
        """Why a state must not be resumed from; "" where it may."""
        values = Fields(state.values, "state")
        if values.table("counters").count("step") != state.step:
            return "holds another step than it says"
        at = (state.n, state.step)
        if any(n > state.n and target < at for n, target in self._rewinds):
            return "is later than a state the run returns to"
        if not state.mark and not self._is_of_this_run(state.n, values):
            return "holds other settings than this run had then: it is the state of another run"
        return unsound(state.arrays)

    def _is_of_this_run(self, n: int, values: Fields) -> bool:
        """Whether the settings in a state that does not name its run are those that its decisions lead to."""
        config = Config.from_dict(values.mapping("config"))
        try:
            expected = configs_after(Config.from_dict(self._meta.config), self._records).get(n)
        except ConfigError:
            return True  # it cannot be told: a method of the user's own is not known here
        return expected is None or expected == config


def unsound(arrays: Mapping[str, np.ndarray]) -> str:
    """Why a state must not be resumed from for its numbers; "" where it may."""
    for name in ("weights", "buffers", "average"):
        if name not in arrays or arrays[name].dtype != np.float32:
            return f"holds no {name}"
        if not np.isfinite(arrays[name]).all():
            return f"holds {name} that are not finite"
    return ""
