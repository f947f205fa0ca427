"""Killed at any instant, a run comes back to the step last shown with the bits of a twin that was never killed.

pytest -m slow -rP tests/durability/test_kill.py      200 kills, with their counts
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from restless import begin, go

from dltui.core import Trainer
from dltui.core.errors import ConfigError
from dltui.core.run.replay import resume_trainer
from dltui.core.run.run import JournaledRun
from dltui.core.run.verify import verify
from dltui.core.store import checkpoint
from dltui.core.store.folder import RunDir
from dltui.core.store.journal import read
from dltui.core.store.runs import run_names

HERE = Path(__file__).parents[1] / "support"
ENDLESS = 10**9


@dataclass
class Counts:
    """What a series of kills found."""

    kills: int = 0
    inside: int = 0
    """Of them inside a call that changes a file."""
    torn: int = 0
    """Records of the journal cut short, none of them acknowledged."""
    temps: int = 0
    differing: int = 0
    unreadable: int = 0
    lost: int = 0
    """Steps shown and lost."""
    step: int = 0
    recovery_s: list[float] = field(default_factory=list)
    """From the start of a new process to the run standing where it was."""
    resume_s: list[float] = field(default_factory=list)
    """Of it, reading the run and making its last steps again."""

    def __str__(self) -> str:
        return (
            f"{self.kills} kills ({self.inside} inside a write, fsync, rename or unlink), {self.step} steps: "
            f"{self.differing} digests differ, {self.unreadable} files unreadable, {self.lost} shown steps lost, "
            f"{self.torn} torn journal tails cut, {self.temps} temps removed, "
            f"back in {_times(self.resume_s)}, with interpreter and compiler {_times(self.recovery_s)}"
        )


def _times(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} s (slowest {max(seconds):.2f} s)" if seconds else "no time"


def child(runs: str, die_at: int, last: int = ENDLESS) -> subprocess.Popen:
    paths = [str(HERE), *sys.path]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
    arguments = [sys.executable, str(HERE / "restless.py"), runs, str(last), str(die_at)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment)


def kill_once(runs: str, rng: random.Random, counts: Counts) -> int:
    """Let a process train for a while and kill it; the step it showed last."""
    inside = rng.random() < 0.5
    lines = rng.randint(1, 60)
    start = time.monotonic()
    process = child(runs, rng.randint(1, 40) if inside else 0)
    shown = seen = 0
    assert process.stdout is not None
    for line in process.stdout:
        words = line.split()
        if len(words) != 2 or not line.endswith("\n"):
            continue
        if words[0] == "resumed":
            counts.recovery_s.append(time.monotonic() - start)
            counts.resume_s.append(float(words[1]))
        elif words[0] == "step":
            shown, seen = int(words[1]), seen + 1
            if seen >= lines and not inside:
                process.kill()
                break
    for line in process.stdout:  # what was shown before the kill arrived
        words = line.split()
        shown = int(words[1]) if words[0] == "step" and len(words) == 2 and line.endswith("\n") else shown
    assert process.wait(60) == -9
    process.stdout.close()
    counts.kills += 1
    counts.inside += inside
    return shown


def examine(folder: str, counts: Counts) -> None:
    """Read every file of a killed run as it lies there."""
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        try:
            if name.startswith("ckpt-"):
                checkpoint.load(path)
            elif name == "journal.jsonl":
                found = read(path)
                counts.torn += found.trouble == "torn tail"
                counts.unreadable += found.trouble not in ("", "torn tail")
            counts.temps += name.startswith(".dltui-")
        except ConfigError:
            counts.unreadable += 1


def run_kills(runs: str, n: int, seed: int = 0) -> Counts:
    """Kill a run so often, and compare it with its twin each time."""
    rng, counts, decided = random.Random(seed), Counts(), set[int]()
    os.makedirs(runs, exist_ok=True)
    twin = JournaledRun(begin()[1])
    while counts.kills < n:
        shown = kill_once(runs, rng, counts)
        names = run_names(runs)
        if not names or not os.path.exists(os.path.join(runs, names[-1], "meta.json")):
            continue  # killed before there was a run
        folder = os.path.join(runs, names[-1])
        examine(folder, counts)
        opened = RunDir(folder, write=True)
        trainer, _ = resume_trainer(opened, Trainer)
        counts.lost += max(0, shown - trainer.step)
        counts.unreadable += any(name.startswith(".dltui-") for name in os.listdir(folder))
        last_step = max((record.step for record in opened.records), default=-1)
        opened.close()
        go(twin, trainer.step, decided, inclusive=last_step == trainer.step)
        counts.differing += trainer.digest() != twin.trainer.digest()
        counts.step = trainer.step
    last = counts.step + 500
    process = child(runs, 0, last)
    output, _ = process.communicate(timeout=240)
    go(twin, last, decided, inclusive=False)
    counts.differing += output.splitlines()[-1] != f"digest {twin.trainer.digest()}"
    verdict = verify(RunDir(os.path.join(runs, run_names(runs)[-1]), write=False), Trainer)
    counts.differing += len(verdict.problems)
    return counts


def check(counts: Counts) -> None:
    assert (counts.differing, counts.unreadable, counts.lost) == (0, 0, 0), str(counts)
    assert counts.temps <= counts.kills


def test_killed_runs_come_back(tmp_path: Path, capsys) -> None:
    counts = run_kills(str(tmp_path / "runs"), 5)
    with capsys.disabled():
        print(f"\n  {counts}")
    check(counts)


@pytest.mark.slow
def test_runs_killed_200_times_come_back(tmp_path: Path, capsys) -> None:
    counts = run_kills(str(tmp_path / "runs"), 200)
    with capsys.disabled():
        print(f"\n  {counts}")
    check(counts)
