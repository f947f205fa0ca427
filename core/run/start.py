"""The run a session works on: a new one, or a kept one from the step it last showed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from ..config import Config, diff
from ..config.describe import change_text
from ..config.presets import build_from
from ..config.stated import with_stated_defaults
from ..disk.home import find_home
from ..errors import ConfigError
from ..store.decisions import (
    ApplyDecision,
    GapDecision,
    OverwriteDecision,
    PlanDecision,
    RestartDecision,
    RewindDecision,
    decision_of,
)
from ..store.folder import RunDir
from ..store.journal import Record
from ..store.keeper import Keeper
from ..store.runs import open_run
from ..training.trainer import Trainer
from .course import configs_after, course_after, plan_after
from .replay import resume_trainer
from .run import MOST_CHANGES, JournaledRun, Plan, UndoableChange, plan_text

MakeTrainer = Callable[[Config, str], Trainer]
"""Makes a trainer of a Config and the title shown meanwhile."""


def start_run(config: Config, preset: str, make: MakeTrainer, keep: bool, clock: Callable[[], float]) -> JournaledRun:
    """A run at step 0.

    Args:
        config: What is trained.
        preset: Name of the preset it is from; "" for none.
        make: Makes the trainer.
        keep: Whether the run is kept in the user's home.
        clock: Seconds, monotonic.

    Raises:
        ConfigError: It cannot be used.
    """
    title = config.preset.title or preset or "run"
    trainer = build_from(preset, config, lambda config: make(config, title))
    run = JournaledRun(trainer, keep_run(trainer, preset, title) if keep else None, clock)
    trainer.note("start", f"seed {config.training.seed}")
    return run


def keep_run(trainer: Trainer, preset: str, title: str) -> Keeper:
    """Has a run that begins now kept in the user's home.

    Args:
        trainer: At the start of the run.
        preset: Name of the preset it is from; "" for none.
        title: For people.
    """
    config = trainer.config
    return Keeper.begin(
        find_home(),
        config=config.to_dict(dormant=True),
        seed=config.training.seed,
        data_digest=trainer.data.digest,
        title=title,
        preset=preset,
    )


def resume_run(run_id: str, make: MakeTrainer, clock: Callable[[], float]) -> JournaledRun:
    """A kept run at the step it last showed.

    Args:
        run_id: Id of the run.
        make: Makes the trainer.
        clock: Seconds, monotonic.

    Raises:
        ConfigError: There is no such run, it is in use, or it cannot be brought back.
    """
    folder = open_run(find_home().runs, run_id)
    try:
        trainer, messages = resume_trainer(folder, lambda config: make(config, folder.meta.title or run_id))
    except BaseException:
        folder.close()
        raise
    run = continue_run(folder, trainer, Keeper(folder), clock)
    for message in (*folder.messages, *messages):
        trainer.note("note", message)
    trainer.note("note", f"resumed at step {trainer.step}")
    run.aim(0)  # in a session it is not known where the run is to end
    return run


def continue_run(
    folder: RunDir, trainer: Trainer, keeper: Keeper | None, clock: Callable[[], float] = time.monotonic
) -> JournaledRun:
    """A kept run with what its decisions say beside its state: the changes that can be taken back, and the plan.

    Args:
        folder: Where it is kept.
        trainer: Where it goes on.
        keeper: Keeps what comes; None: nothing is kept.
        clock: Seconds, monotonic.
    """
    run = JournaledRun(trainer, keeper, clock)
    with suppress(ConfigError):  # a method of the user's own may be unknown here
        run.start = Config.from_dict(folder.meta.config)
    with suppress(ConfigError):  # then none of them can be taken back, but the run is what it is
        run.changes = changes_made(Config.from_dict(folder.meta.config), folder.records)
    run.course = None
    with suppress(ConfigError):
        run.course = course_after(Config.from_dict(folder.meta.config), folder.records)
    with suppress(ConfigError):
        run.take_plan(*plan_after(folder.records))
    return run


def changes_made(config: Config, records: Sequence[Record]) -> list[UndoableChange]:
    """The changes of a kept run that can still be taken back, the last one last; none where decisions are lost.

    Args:
        config: In force at its start.
        records: Its decisions in order.

    Raises:
        ConfigError: A decision is not what dltui writes, or asks for what is not known here.
    """
    configs, changes = configs_after(config, records), list[UndoableChange]()
    changes_after = {0: changes}
    planned: Plan = {}
    for record in records:
        last, n = changes[-1] if changes else None, record.n - 1
        match decision_of(record):
            case ApplyDecision(requested, cold):
                # A change that restores what the one before it changed was its undoing.
                undone = last is not None and with_stated_defaults(requested, configs[n]) == last.inverse
                change = _change(configs[n], configs[record.n], n, cold)
                changes = changes[:-1] if undone else [*changes, change]
            case PlanDecision(plan):
                changes = _after_plan(changes, planned, plan, record)
                planned = plan
            case OverwriteDecision() as by_hand:
                changes = [*changes, UndoableChange(None, None, n, by_hand.text, replaces=True)]
            case RewindDecision(before, redo=True) if changes_after.get(before):
                changes = [*changes, replace(changes_after[before][-1], n=n)]
            case RewindDecision(before):
                changes = changes_after.get(before, [])
            case RestartDecision(seed):
                again = f"new seed {seed}" if seed is not None else "restart"
                changes = [*changes, UndoableChange(None, None, n, again, replaces=True)]
            case GapDecision():
                return []
        changes_after[record.n] = changes
    return changes[-MOST_CHANGES:]


def _after_plan(changes: list[UndoableChange], old: Plan, new: Plan, record: Record) -> list[UndoableChange]:
    """The changes that can be taken back after one plan took the place of another."""
    step, last = record.step, changes[-1] if changes else None
    before = last.plans[0] if last is not None and last.plans is not None else None
    if before is not None and new == {at: one for at, one in before.items() if at >= step}:
        return changes[:-1]
    if step in old and new == {at: one for at, one in old.items() if at > step}:
        return changes  # what could not be made is planned no more
    return [*changes, UndoableChange(None, None, record.n - 1, plan_text(old, new), plans=(old, new))]


def _change(old: Config, new: Config, n: int, cold: bool) -> UndoableChange:
    """A change whose states are not at hand."""
    differences = diff(old, new)
    # Which of the settings change the layers is told by what they have built; these are the ones a user names.
    layers = any(path.startswith(("network.hidden", "network.layers", "network.initializer")) for path in differences)
    anew = any(path.startswith("training.seed") for path in differences)
    return UndoableChange((old, new), None, n, change_text(old, new, differences), replaces=layers or anew, cold=cold)
