"""Changes planned for later are part of the run: they survive a kill, and what comes of them is the same to the bit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nets import config, trainer

from dltui.core import ConfigError, Session, Trainer
from dltui.core import commands as ask
from dltui.core.disk.home import find_home
from dltui.core.run.replay import resume_trainer
from dltui.core.run.run import JournaledRun
from dltui.core.run.start import continue_run, keep_run, resume_run
from dltui.core.run.verify import verify
from dltui.core.store.folder import RunDir
from dltui.core.store.keeper import Keeper
from dltui.core.store.runs import list_runs, open_run
from dltui.core.store.status import RunStatus

PLAN: dict[int, dict[str, object]] = {
    40: {"optimizer.name": "sgd"},
    60: {"network.hidden": [6, 4], "optimizer.learning_rate": 0.05},
    90: {"network.activation": "relu"},
}


def planned_run() -> JournaledRun:
    made = Trainer(config())
    run = JournaledRun(made, keep_run(made, "", "planned"))
    run.set_plan(PLAN)
    return run


def train(run: JournaledRun, last: int) -> None:
    """Train to a step as every driver does: planned changes are made at their steps."""
    while True:
        run.make_planned()
        left = last - run.trainer.step
        if left <= 0:
            return
        run.advance(min(left, run.steps_to_plan))


def kill(run: JournaledRun) -> str:
    """Leave a run as a killed process does; its id."""
    assert run.keeper is not None and run.keeper.run is not None
    run.show(RunStatus("training", run.trainer.step))
    run.keeper.drain(10.0)
    run.keeper.run.close()
    return run.keeper.run.id


def resumed(run: str) -> JournaledRun:
    folder = open_run(find_home().runs, run)
    made, messages = resume_trainer(folder, Trainer)
    assert messages == ()
    return continue_run(folder, made, Keeper(folder))


def twin(last: int) -> str:
    """The digest of a run to which the same was done by hand."""
    made = trainer()
    for step in (*sorted(PLAN), last):
        made.advance(min(step, last) - made.step)
        if step in PLAN and step <= last:
            made.apply(PLAN[step])
    return made.digest()


@pytest.mark.parametrize("step", [0, 39, 40, 41, 60, 75, 90, 100])
def test_a_plan_survives_a_kill_at_any_step(step: int) -> None:
    run = planned_run()
    if step:
        train(run, step)
    again = resumed(kill(run))
    assert again.trainer.step == step
    assert list(again.plan) == [at for at in PLAN if at > step or (at == step and step == 0)]
    train(again, 120)
    assert again.trainer.digest() == twin(120) and again.plan == {}
    assert again.close(RunStatus("closed", 120), 20.0)
    verdict = verify(RunDir(again.keeper.run.path, write=False), Trainer)
    assert verdict.problems == () and verdict.digest == twin(120)


def test_a_kill_between_the_decision_and_the_next_step() -> None:
    run = planned_run()
    train(run, 40)
    again = resumed(kill(run))
    assert 40 not in again.plan and again.trainer.config.optimizer.name == "sgd"
    again.close(RunStatus(), 20.0)


def test_going_back_takes_back_what_was_made_of_the_plan() -> None:
    run = planned_run()
    train(run, 70)
    run.rewind()
    assert run.trainer.step == 60 and list(run.plan) == [60, 90]
    again = resumed(kill(run))
    assert list(again.plan) == [60, 90]
    train(again, 120)
    assert again.trainer.digest() == twin(120)
    again.restart()
    assert list(again.plan) == list(PLAN)
    once_more = resumed(kill(again))
    assert list(once_more.plan) == list(PLAN)
    once_more.close(RunStatus(), 20.0)


def test_a_plan_is_replaced_and_taken_back() -> None:
    run = planned_run()
    train(run, 50)
    run.set_plan({60: {"optimizer.learning_rate": 0.3}})
    assert resumed(kill(run)).plan == {60: {"optimizer.learning_rate": 0.3}}


def test_what_cannot_be_planned_is_refused() -> None:
    run = planned_run()
    train(run, 50)
    before = run.plan
    refused: tuple[dict[int, dict[str, object]], ...] = (
        {20: {}},
        {60: {"optimizer.name": "adm"}},
        {60: {"network.hidden": [0]}},
    )
    for plan in refused:
        with pytest.raises(ConfigError):
            run.set_plan(plan)
    assert run.plan == before
    run.close(RunStatus(), 20.0)


def test_a_planned_change_that_cannot_be_made_is_said_and_the_run_goes_on() -> None:
    run = planned_run()
    run.set_plan({30: {"data.name": "csv", "data.path": "/nowhere.csv"}})
    with pytest.raises(ConfigError, match="the change planned for step 30 cannot be made"):
        train(run, 40)
    assert run.plan == {} and run.trainer.step == 30
    train(run, 40)
    again = resumed(kill(run))
    assert again.plan == {} and again.trainer.step == 40
    again.close(RunStatus(), 20.0)


def test_a_session_goes_by_the_plan_of_the_run_it_resumes() -> None:
    run = planned_run()
    train(run, 45)
    session = Session("", resume=kill(run), keep=True)
    session.start()
    session.wait(lambda shown: shown.status == "paused", 60.0)
    session.send(ask.Step(75))
    shown = session.wait(lambda shown: shown.step == 120, 60.0)
    assert shown.config.network.hidden == (6, 4) and shown.config.network.activation == "relu"
    assert session.close(20.0)
    run_id = shown.run
    again = resume_run(run_id, lambda config, title: Trainer(config), time.monotonic)
    assert again.trainer.digest() == twin(120)
    again.close(RunStatus(), 20.0)


def command(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DLTUI_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-m", "dltui.tui", *arguments], capture_output=True, text=True, env=environment, timeout=120
    )


def test_a_killed_process_goes_on_by_its_plan(tmp_path: Path) -> None:
    at = ["--at", "4000000:optimizer.name=adam"]
    environment = {**os.environ, "DLTUI_HOME": str(tmp_path)}
    line = [sys.executable, "-m", "dltui.tui", "train", "xor", "--steps", "100000000", *at]
    with subprocess.Popen(line, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment) as process:
        runs = str(tmp_path / "runs")
        end = time.monotonic() + 100.0
        while not any((info.step or 0) > 1000 for info in list_runs(runs)):
            assert time.monotonic() < end and process.poll() is None
            time.sleep(0.02)
        process.kill()
    (info,) = list_runs(runs)
    assert info.step is not None
    (listed,) = json.loads(command("runs", "--json", home=tmp_path).stdout)
    assert listed["step"] == info.step
    shown = command("runs", info.id, home=tmp_path).stdout
    assert "plan" in shown and "optimizer.name" in shown
    done = command("resume", info.id, "--steps", "10", "--json", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["step"] == info.step + 10
    made = "optimizer.name = adam"
    assert (made in done.stderr) == (info.step <= 4_000_000)


def test_a_planned_change_is_edited_taken_back_and_undone() -> None:
    run = planned_run()
    train(run, 10)
    run.plan_change(90, {"network.activation": "tanh"})
    run.plan_change(45, {"optimizer.name": "sgd"}, instead_of=40)
    run.plan_change(60, {})
    edited = {45: {"optimizer.name": "sgd"}, 90: {"network.activation": "tanh"}}
    assert run.plan == edited
    assert run.undo_line()[0][0].startswith("planned: nothing at step 60")
    for _ in range(3):
        run.undo()
    assert run.plan == PLAN
    for _ in range(3):
        run.redo()
    assert run.plan == edited
    again = resumed(kill(run))
    assert again.plan == edited and [change.plans is not None for change in again.changes[-3:]] == [True] * 3
    again.undo()
    assert list(again.plan) == [45, 60, 90]
    train(again, 70)
    again.undo()
    assert again.trainer.config.network.hidden != (6, 4), "what was made is undone before what was planned behind it"
    again.close(RunStatus(), 20.0)


def test_rewinding_leaves_the_plan_alone() -> None:
    run = JournaledRun(trainer())
    run.advance(20)
    run.apply({"optimizer.learning_rate": 0.5})
    run.advance(20)
    run.plan_change(100, {"optimizer.name": "sgd"})
    assert run.rewind_rate() == 0.01
    run.rewind()
    assert run.trainer.step == 20 and run.plan == {100: {"optimizer.name": "sgd"}}
    with pytest.raises(ConfigError, match="nothing is planned for step 70"):
        run.plan_change(70, {})
    with pytest.raises(ConfigError, match="lies behind the run"):
        run.plan_change(5, {"optimizer.name": "sgd"})


def test_a_session_tells_its_plan_and_takes_changes_of_it() -> None:
    session = Session(config(training__max_steps=0))
    session.start()
    session.send(ask.PlanChange(50, {"optimizer.name": "sgd"}))
    session.send(ask.PlanChange(80, {"optimizer.name": "lion", "optimizer.learning_rate": 0.002}))
    shown = session.wait(lambda shown: len(shown.plan) == 2, 60.0)
    assert [one.step for one in shown.plan] == [50, 80]
    assert [one.text for one in shown.plan] == [
        "optimizer: adam → sgd",
        "optimizer: sgd → lion, learning_rate: 0.01 → 0.002",
    ]
    session.send(ask.PlanChange(90, {"optimizer.name": "lion"}, instead_of=80))
    session.send(ask.Step(60))
    shown = session.wait(lambda shown: shown.step == 60 and shown.status == "paused", 60.0)
    assert [one.step for one in shown.plan] == [90] and shown.config.optimizer.name == "sgd"
    session.send(ask.PlanChange(30, {"optimizer.name": "lion"}))
    refused = session.wait(lambda shown: shown.events[-1].kind == "refused", 60.0)
    assert "lies behind the run" in refused.events[-1].text
    assert session.close(20.0)


def test_a_preset_with_a_plan_is_trained_by_it(tmp_path: Path) -> None:
    file = tmp_path / "planned.toml"
    file.write_text('[[plan]]\nat = 30\nchange = { "optimizer.name" = "adam" }\n')
    session = Session(str(file))
    session.start()
    session.send(ask.Step(40))
    shown = session.wait(lambda shown: shown.step == 40, 60.0)
    assert shown.config.optimizer.name == "adam"
    assert session.close(20.0)
    done = command("train", str(file), "--steps", "40", "--json", "--at", "35:optimizer.name=sgd", home=tmp_path)
    assert done.returncode == 0, done.stderr
    shown_run = command("runs", json.loads(done.stdout)["run"], home=tmp_path).stdout
    assert "adam" in shown_run and "sgd" in shown_run
