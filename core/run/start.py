"""The run a session works on: a new one, or a kept one from the step it last showed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..config import Config
from ..config.presets import made_of
from ..config.sections import NONE
from ..disk.home import find_home
from ..store.journal import Record
from ..store.keeper import Keeper
from ..store.runs import open_run
from ..training.trainer import Trainer
from .replay import resume_trainer
from .run import REWINDS, JournaledRun, UndoableChange

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
    trainer = made_of(preset, config, lambda config: make(config, title))
    keeper = None
    if keep:
        keeper = Keeper.begin(
            find_home(),
            config=config.to_dict(dormant=True),
            data_digest=trainer.data.digest,
            preset=preset,
            seed=config.training.seed,
            title=title,
        )
    run = JournaledRun(trainer, keeper, clock)
    trainer.note("start", f"seed {config.training.seed}")
    return run


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
    run = JournaledRun(trainer, Keeper(folder), clock)
    run.changes = changes_made(Config.from_dict(folder.meta.config), folder.records)
    for message in (*folder.messages, *messages):
        trainer.note("note", message)
    trainer.note("note", f"resumed at step {trainer.step}")
    return run


def changes_made(config: Config, records: Sequence[Record]) -> list[UndoableChange]:
    """The changes of a kept run that can still be taken back, the last one last.

    Args:
        config: In force at its start.
        records: Its decisions in order.
    """
    configs, changes = {0: config}, list[UndoableChange]()
    for record in records:
        intent, last = record.intent, changes[-1] if changes else None
        before = config
        match record.kind:
            case "apply":
                config = config.with_changes(intent["changes"])
                # A change that restores what the one before it changed was an undo of it.
                undone = last is not None and intent["changes"] == last.inverse
                change = UndoableChange((before, config), None, record.n - 1)
                changes = changes[:-1] if undone else [*changes, change]
            case "overwrite":
                if intent["what"] == "keep average":
                    config = config.with_changes({"averaging.name": NONE})
                changes.append(UndoableChange(None, None, record.n - 1))
            case "rewind":
                config = configs[int(intent["n"])]
                changes = [change for change in changes if change.n < int(intent["n"])]
            case "restart":
                changes = []
                if intent["seed"] is not None:
                    config = config.with_changes({"training.seed": intent["seed"]})
            case "gap":
                return []
        configs[record.n] = config
    return changes[-REWINDS:]
