"""Small kept runs with something of every kind of file, and what can be asked of their folders."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from nets import config

from dltui.core import Trainer
from dltui.core.run.replay import resume_trainer
from dltui.core.run.run import JournaledRun
from dltui.core.run.start import keep_run
from dltui.core.run.verify import Verdict, verify
from dltui.core.store.folder import RunDir
from dltui.core.store.status import RunStatus


def kept_run(seed: int = 3, plan: bool = False, **changes: Any) -> tuple[str, str]:
    """A kept run with some decisions and states; its folder and the digest at its end."""
    trainer = Trainer(config(training__seed=seed, **changes))
    run = JournaledRun(trainer, keep_run(trainer, "", "a run"))
    run.advance(30)
    run.apply({"optimizer.learning_rate": 0.02 + seed / 1000})
    run.write_state()
    run.advance(20)
    run.apply({"network.activation": "relu"})
    run.advance(20)
    if plan:
        run.set_plan({90: {"optimizer.name": "sgd"}})
    run.show(RunStatus("training", trainer.step))
    keeper = run.keeper
    assert keeper is not None and keeper.run is not None
    digest = trainer.digest()
    assert run.close(RunStatus("closed", trainer.step), 20.0)
    return keeper.run.path, digest


def states_of(folder: str) -> list[str]:
    """The states in the folder of a run, the oldest first."""
    return sorted(name for name in os.listdir(folder) if name.startswith("ckpt-") and "damaged" not in name)


def resumed(folder: str) -> tuple[str, list[str]]:
    """Digest of a run that is resumed, and what was said."""
    run = RunDir(folder, write=True)
    try:
        trainer, messages = resume_trainer(run, Trainer)
        return trainer.digest(), [*run.messages, *messages]
    finally:
        run.close()


def verified(folder: str) -> Verdict:
    """What verifying a run says."""
    return verify(RunDir(folder, write=False), Trainer)


def lines_of(folder: str) -> list[bytes]:
    """The lines of the journal of a run."""
    return Path(folder, "journal.jsonl").read_bytes().splitlines(keepends=True)
