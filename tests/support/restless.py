"""A run that changes by itself at fixed steps, and a process that trains it until it is killed.

What is changed at a step follows from the step alone, so an uninterrupted twin makes the very same decisions.

    python restless.py FOLDER-OF-RUNS LAST-STEP DIE-AT
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from typing import Any

from nets import config

from dltui.core import Config, Trainer
from dltui.core.disk.disk import Disk
from dltui.core.run import run as run_module
from dltui.core.run.replay import resume_trainer
from dltui.core.run.run import JournaledRun
from dltui.core.store.folder import RunDir
from dltui.core.store.keeper import Keeper
from dltui.core.store.runs import create_run, run_names
from dltui.core.store.status import RunStatus

EVERY = 200
"""Steps between two changes."""
CHANGES = {
    "network.activation": ("tanh", "relu", "gelu", "swish", "elu", "softplus", "mish", "sigmoid"),
    "network.hidden": ([5, 4], [6], [4, 4, 4], [3, 5]),
    "network.normalization": ("none", "layer_norm", "batch_norm"),
    "network.blend_steps": (0, 30),
    "optimizer.name": ("sgd", "momentum", "adam", "adamw", "rmsprop", "adagrad", "lion", "nadam", "radam"),
    "optimizer.learning_rate": (0.001, 0.003, 0.01),
    "schedule.name": ("constant", "cosine", "step", "one_cycle", "plateau", "exponential"),
    "regularization.dropout": (0.0, 0.1),
    "regularization.l2": (0.0, 0.001),
    "averaging.name": ("none", "swa", "ema"),
    "training.batch_size": (1, 5, 7, "full"),
    "training.evaluate_every": (11, 50, 0),
}


def change(at: Config, step: int) -> dict:
    """What is changed at a step."""
    rng = random.Random(step)
    path = rng.choice(sorted(CHANGES))
    return {path: rng.choice(CHANGES[path])}


def go(run: JournaledRun, last: int, decided: set[int], inclusive: bool = True) -> None:
    """Train to a step, making the changes on the way; those at `decided` steps were made before."""
    while True:
        step = run.trainer.step
        if step % EVERY == 0 and step not in decided and (inclusive or step < last):
            decided.add(step)
            run.apply(change(run.trainer.config, step))
        if step >= last:
            return
        run.advance(min(last, step - step % EVERY + EVERY) - step)
        assert run.trainer.stopped is None, f"stopped at step {run.trainer.step}"


def begin() -> tuple[Config, Trainer]:
    """The run at its start."""
    start = config()
    return start, Trainer(start)


class DyingDisk(Disk):
    """Kills its process at one of its calls: before it, in the middle of what is written, or after it."""

    def __init__(self, die_at: int) -> None:
        self.left, self.half = die_at or 10**12, random.Random(die_at).random() < 0.5

    def die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def _dying(kind: str):
    def call(self, *arguments):
        self.left -= 1
        # Two threads write: each may find that the other has counted past zero.
        if self.left <= 0 and kind == "write" and self.half:
            Disk.write(self, arguments[0], arguments[1][: len(arguments[1]) // 2])
        if self.left <= 0:
            self.die()
        return getattr(Disk, kind)(self, *arguments)

    return call


for _kind in ("write", "fsync", "fdatasync", "sync_folder", "rename", "unlink"):
    setattr(DyingDisk, _kind, _dying(_kind))


def main() -> None:
    runs, last, die_at = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    run_module.STATE_S, run_module.STATE_SHARE = 0.01, 1.0
    disk = DyingDisk(die_at)
    names = run_names(runs)
    if names:
        started = time.monotonic()
        folder = RunDir(os.path.join(runs, names[-1]), True, disk)
        trainer, _ = resume_trainer(folder, Trainer)
        print("resumed", time.monotonic() - started, flush=True)
    else:
        start, trainer = begin()
        about: dict[str, Any] = {"config": start.to_dict(dormant=True), "seed": 3, "data_digest": trainer.data.digest}
        folder = create_run(runs, disk=disk, **about)
    run = JournaledRun(trainer, Keeper(folder, disk))
    decided = {record.step for record in folder.records}
    rng = random.Random()
    while trainer.step < last:
        go(run, min(last, trainer.step + rng.randint(1, 40)), decided, inclusive=False)
        run.show(RunStatus(status="training", step=trainer.step))
        print("step", trainer.step, flush=True)
    run.close(RunStatus(status="finished", step=trainer.step), 20.0)
    print("digest", trainer.digest(), flush=True)


if __name__ == "__main__":
    main()
