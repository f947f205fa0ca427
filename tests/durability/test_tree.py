"""Looking ahead, looking back and branching leave a run as it is, and a tree of runs survives its death.

The whole counts are slow and wait to be asked for; a sample of each runs always.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from nets import config
from patience import LIMIT_S

from dltui.core import Session, Trainer
from dltui.core import commands as ask
from dltui.core.disk.home import find_home
from dltui.core.run.run import JournaledRun
from dltui.core.run.start import resume_run
from dltui.core.run.tree import front_of, tree_of
from dltui.core.run.verify import verify
from dltui.core.snapshot import Snapshot
from dltui.core.store.folder import RunDir
from dltui.core.store.runs import list_runs, run_path

SUPPORT = Path(__file__).parent.parent / "support"
CANDIDATES: tuple[dict[str, object], ...] = ({}, {"optimizer.name": "sgd"}, {"optimizer.learning_rate": 0.3})
CHANGE: dict[str, object] = {"optimizer.beta1": 0.8}
CHANGED_AT = 30


def after(session: Session, command: ask.Command, condition: object) -> Snapshot:
    session.send(command)
    return session.wait(condition, LIMIT_S)  # type: ignore[arg-type]


def paused_at(session: Session, step: int) -> Snapshot:
    return session.wait(lambda s: s.step == step and s.status == "paused" and s.now < 0, LIMIT_S)


def all_at(step: int) -> Callable[[Snapshot], bool]:
    """Whether every run of the tree has come to a step."""
    return lambda shown: shown.step == step and all(one.step == step for one in shown.branches)


def wander(session: Session, chance: random.Random, shown: Snapshot) -> Snapshot:
    """Do one thing that must leave the run as it is; where a run goes back, it is trained on to where it was."""
    step = shown.step
    match chance.choice(("preview", "foresee", "fork", "look", "return", "measure", "step")):
        case "preview":
            after(session, ask.Preview(CANDIDATES[1]), lambda s: s.preview is not None)
            return after(session, ask.Preview(), lambda s: s.preview is None)
        case "foresee":
            after(session, ask.Foresee(CANDIDATES, 20), lambda s: s.foresight is not None and not s.foresight.busy)
            return after(session, ask.Foresee(), lambda s: s.foresight is None)
        case "fork":
            made = after(session, ask.Fork(), lambda s: len(s.branches) == 2)
            return after(session, ask.EndBranch(made.branches[-1].number), lambda s: s.branches == ())
        case "look":
            after(session, ask.LookAt(chance.randrange(step)), lambda s: s.now == step)
            return after(session, ask.LookAt(), lambda s: s.now < 0)
        case "return":
            back = chance.randrange(CHANGED_AT + 1, step)
            after(session, ask.LookAt(back), lambda s: s.now == step)
            session.send(ask.Step(step - back))
            left = session.wait(lambda s: s.now < 0 and s.step == step and len(s.branches) == 2, LIMIT_S)
            paused_at(session, step)
            return after(session, ask.EndBranch(left.branches[-1].number), lambda s: s.branches == ())
        case "measure":
            after(session, ask.MeasureEffect(CHANGED_AT, 30), lambda s: s.effect is not None and not s.effect.busy)
            return after(session, ask.MeasureEffect(), lambda s: s.effect is None)
    session.send(ask.Step(5))
    return paused_at(session, step + 5)


def expected(step: int) -> str:
    alone = Trainer(config(training__max_steps=0))
    alone.advance(CHANGED_AT)
    alone.apply(CHANGE)
    alone.advance(step - CHANGED_AT)
    return alone.digest()


def digest_of(run: str) -> tuple[int, str]:
    again = resume_run(run, lambda config, title: Trainer(config), time.monotonic)
    found = again.trainer.step, again.trainer.digest()
    again.leave("closed")
    return found


@pytest.mark.parametrize("n", [40, pytest.param(1000, marks=pytest.mark.slow)])
def test_wandering_leaves_the_run_as_it_is(n: int) -> None:
    chance = random.Random(n)
    session = Session(config(training__max_steps=0), keep=True)
    session.start()
    session.send(ask.Step(CHANGED_AT))
    paused_at(session, CHANGED_AT)
    session.send(ask.Apply(CHANGE))
    session.send(ask.Step(30))
    shown = paused_at(session, CHANGED_AT + 30)
    for _ in range(n):
        shown = wander(session, chance, shown)
    session.send(ask.Step(10))
    shown = paused_at(session, shown.step + 10)
    assert session.close(LIMIT_S)
    assert digest_of(shown.run) == (shown.step, expected(shown.step))


DRIVER = """
import sys
sys.path.insert(0, sys.argv[1])
from nets import config
from dltui.core import Session
from dltui.core import commands as ask
session = Session(config(training__max_steps=0), keep=True)
session.start()
for step, change in {plan!r}.items():
    session.send(ask.PlanChange(step, change))
session.send(ask.Step(50))
session.wait(lambda s: s.step == 50 and s.status == "paused", 200)
session.send(ask.Fork("a"))
session.send(ask.Apply({first!r}))
session.send(ask.Step(50))
session.wait(lambda s: s.step == 100 and s.status == "paused" and len(s.branches) == 2, 200)
session.send(ask.Fork("b"))
session.send(ask.Apply({second!r}))
session.send(ask.SetSpeed(2000.0))
session.send(ask.Run())
session.wait(lambda s: s.step > 100 and len(s.branches) == 3, 200)
print("ready", flush=True)
session.wait(lambda s: False, 200)
"""
PLAN: dict[int, dict[str, object]] = {
    200: {"optimizer.name": "sgd"},
    400: {"network.hidden": [6, 4]},
    600: {"optimizer.name": "adam"},
    800: {"network.activation": "relu"},
    1000: {"optimizer.learning_rate": 0.02},
}
FIRST: dict[str, object] = {"regularization.l2": 0.001}
SECOND: dict[str, object] = {"training.batch_size": 7}


def grown(name: str, step: int) -> str:
    """The digest of a run of the tree, trained alone: with its own changes and the plan."""
    run = JournaledRun(Trainer(config(training__max_steps=0)))
    run.set_plan(PLAN)
    edits = {"trunk": {50: FIRST, 100: SECOND}, "a": {}, "b": {50: FIRST}}[name]
    while run.trainer.step < step:
        if run.trainer.step in edits:
            run.apply(edits[run.trainer.step])
        run.make_planned()
        left = min([step, *(at for at in edits if at > run.trainer.step)]) - run.trainer.step
        run.advance(min(left, run.steps_to_plan))
    run.make_planned()
    return run.trainer.digest()


@pytest.mark.parametrize("n_kills", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_a_tree_with_a_plan_is_killed_and_goes_on_as_if_it_had_not_been(n_kills: int) -> None:
    chance = random.Random(n_kills)
    code = DRIVER.format(plan=PLAN, first=FIRST, second=SECOND)
    runs, seen = find_home().runs, set[str]()
    for _ in range(n_kills):
        line = [sys.executable, "-c", code, str(SUPPORT)]
        with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0.0, 0.6))
            process.kill()
        root = next(info.id for info in reversed(list_runs(runs)) if info.id not in seen)
        session = Session("", resume=front_of(runs, root), keep=True)
        session.start()
        shown = session.wait(lambda s: len(s.branches) == 3 and s.status == "paused", LIMIT_S)
        last = max(shown.step, 1100) + 150
        session.send(ask.Step(last - shown.step))
        session.wait(all_at(last), LIMIT_S)
        names = {one.run: one.name for one in shown.branches}
        assert session.close(LIMIT_S)
        assert sorted(names.values()) == ["a", "b", "trunk"] and set(names) == set(tree_of(runs, root))
        for run, name in names.items():
            assert digest_of(run) == (last, grown(name, last)), name
            verdict = verify(RunDir(run_path(runs, run), write=False), Trainer)
            assert verdict.problems == () and verdict.digest == grown(name, last)
        seen |= set(names)
