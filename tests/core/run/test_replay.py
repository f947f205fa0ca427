"""A live session is its journal: whatever was changed whenever, the same bits come back, from any state or none."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from nets import CLASSES, IMAGES, VALUES, config
from patience import LIMIT_S
from switches import drive

from dltui.core import ConfigError, Session, Trainer
from dltui.core import commands as ask
from dltui.core.disk.home import find_home
from dltui.core.observe.probes import PROBES
from dltui.core.run import run as run_module
from dltui.core.run.replay import replay, resume_trainer, start_trainer
from dltui.core.run.run import JournaledRun
from dltui.core.run.verify import verify
from dltui.core.store.folder import RunDir
from dltui.core.store.keeper import Keeper
from dltui.core.store.status import RunStatus

BASES = (CLASSES, VALUES, IMAGES)


def a_run(**changes) -> JournaledRun:
    trainer = Trainer(config(**changes))
    about: dict[str, Any] = {
        "config": trainer.config.to_dict(dormant=True),
        "seed": 3,
        "data_digest": trainer.data.digest,
    }
    return JournaledRun(trainer, Keeper.begin(find_home(), **about))


def close(run: JournaledRun) -> str:
    """Close a run; the folder."""
    run.show(RunStatus(step=run.trainer.step))
    folder = run.keeper.run.path
    assert run.close(RunStatus(step=run.trainer.step), 20.0)
    return folder


def digest_of_replay(folder: str) -> str:
    opened = RunDir(folder, write=False)
    trainer = start_trainer(opened, Trainer)
    n = opened.records[-1].n if opened.records else 0
    replay(trainer, opened.records, [opened.last_shown()] if opened.last_shown()[0] == n else [])
    return trainer.digest()


def digest_of_resume(folder: str) -> str:
    opened = RunDir(folder, write=True)
    trainer, messages = resume_trainer(opened, Trainer)
    opened.close()
    # A later decision may have returned to a state from before the newest that is left.
    assert all("is later than a state the run returns to" in message for message in messages)
    return trainer.digest()


def without_newest_states(folder: str, n: int) -> str:
    """A copy of a run that has lost its newest states."""
    twin = f"{folder}-{n}"
    shutil.copytree(folder, twin)
    for name in sorted(name for name in os.listdir(twin) if name.startswith("ckpt-"))[-n:]:
        os.unlink(os.path.join(twin, name))
    return twin


def check(folder: str, digest: str) -> int:
    """Compare a session with its replay and its resumes; the number of states compared on the way."""
    assert digest_of_replay(folder) == digest
    states = [name for name in os.listdir(folder) if name.startswith("ckpt-")]
    for n in {0, 1, 2, len(states)}:
        assert digest_of_resume(without_newest_states(folder, n) if n else folder) == digest
    verdict = verify(RunDir(folder, write=False), Trainer)
    assert verdict.problems == () and verdict.digest == digest
    assert verdict.n_states == len(states)
    return len(states)


def test_a_plain_run(tmp_path: Path) -> None:
    run = a_run()
    run.advance(100)
    run.apply({"optimizer.name": "sgd"})
    run.advance(50)
    check(close(run), run.trainer.digest())


def test_changes_without_a_step_between(tmp_path: Path) -> None:
    run = a_run()
    run.apply({"network.hidden": [3]})
    run.write_state()
    run.apply({"network.hidden": [5, 4]})
    assert run.trainer.digest() == Trainer(config()).digest()
    run.advance(30)
    run.apply({"training.evaluate_every": 7})
    run.apply({"optimizer.name": "sgd"})
    run.write_state()
    run.apply({"optimizer.name": "adam"})
    check(close(run), run.trainer.digest())


def test_rewind_undo_and_restart(tmp_path: Path) -> None:
    run = a_run()
    run.advance(40)
    start = run.trainer.digest()
    run.apply({"optimizer.learning_rate": 0.5})
    run.advance(40)
    run.apply({"network.activation": "relu"})
    run.advance(10)
    run.undo()
    assert run.trainer.config.network.activation == "tanh"
    run.advance(10)
    run.rewind()
    assert run.trainer.digest() == start
    run.apply({"optimizer.learning_rate": 0.1})
    run.advance(11)
    run.undo()
    assert run.trainer.config.optimizer.learning_rate == 0.01
    with pytest.raises(ConfigError):
        run.rewind()
    run.restart(9)
    run.advance(30)
    run.restart()
    run.apply({"training.seed": 4})
    run.advance(30)
    with pytest.raises(ConfigError):
        run.restart(-5)
    check(close(run), run.trainer.digest())


@pytest.mark.parametrize("early", [{"training.max_steps": 50}, {"training.early_stopping": 1}])
def test_a_run_that_ended_and_goes_on(tmp_path: Path, early) -> None:
    run = a_run(optimizer__learning_rate=0.5)
    run.advance(50)
    run.apply(early)
    stopped = run.advance(1000).stopped
    assert stopped
    run.apply({"training.max_steps": 0, "training.early_stopping": 0, "optimizer.learning_rate": 0.01})
    run.advance(25)
    check(close(run), run.trainer.digest())


def test_a_run_that_diverged_and_goes_on(tmp_path: Path) -> None:
    run = a_run(optimizer__name="sgd", loss__name="mse", data__name="sine", network__activation="relu")
    run.advance(50)
    run.apply({"optimizer.learning_rate": 1000.0})
    assert run.advance(5000).stopped == "diverged"
    run.write_state()
    run.undo()
    run.advance(40)
    check(close(run), run.trainer.digest())


def storm(seed: int, n_switches: int, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str, int]:
    """A live session under random commands; folder, digest at the end, decisions made."""
    rng, digests, folders = random.Random(seed), [], []
    plain_close = JournaledRun.close

    def spy(self, status, timeout=2.0):
        digests.append(self.trainer.digest())
        folders.append(self.keeper.run.path)
        return plain_close(self, status, 20.0)

    monkeypatch.setattr(JournaledRun, "close", spy)
    monkeypatch.setattr(run_module, "STATE_S", (2.0, 0.0, float("inf"))[seed % 3])
    monkeypatch.setattr(run_module, "STATE_SHARE", 0.0)
    session = Session(config(BASES[seed // 3 % 3]), keep=True)
    session.start()
    session.send(ask.Watch(frozenset(PROBES)))
    session.wait(lambda shown: shown.status == "paused", LIMIT_S)
    drive(session, rng, n_switches)
    assert session.close(60.0)
    assert not session.failure and digests
    return folders[-1], digests[-1], len(RunDir(folders[-1], write=False).records)


def test_a_session_goes_on_where_a_killed_one_was_shown(tmp_path: Path) -> None:
    run = a_run()
    run.advance(40)
    run.apply({"optimizer.name": "sgd"})
    run.advance(33)
    run.show(RunStatus(step=run.trainer.step))
    run.advance(20)  # never shown
    run.keeper.drain(10.0)
    run.keeper.run.close()
    session = Session("", resume=run.keeper.run.id, keep=True)
    session.start()
    shown = session.wait(lambda shown: shown.status == "paused", LIMIT_S)
    assert (shown.step, shown.run, shown.config.optimizer.name) == (73, run.keeper.run.id, "sgd")
    session.send(ask.Step(27))
    session.wait(lambda shown: shown.step == 100, LIMIT_S)
    assert session.close(20.0)
    twin = Trainer(config())
    twin.advance(40)
    twin.apply({"optimizer.name": "sgd"})
    twin.advance(60)
    check(run.keeper.run.path, twin.digest())


def run_storms(seeds: range, n_switches: int, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    n_decisions = n_states = 0
    for seed in seeds:
        folder, digest, decisions = storm(seed, n_switches, monkeypatch)
        n_decisions += decisions
        n_states += check(folder, digest)
    with capsys.disabled():
        print(f"\n  {len(seeds)} live sessions, {n_decisions} decisions, {n_states} states: 0 digests differ")
    assert n_decisions > len(seeds) * n_switches / 2


def test_live_sessions_are_repeated_to_the_bit(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    run_storms(range(3), 40, monkeypatch, capsys)


@pytest.mark.slow
def test_many_live_sessions_are_repeated_to_the_bit(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    run_storms(range(20), 200, monkeypatch, capsys)
