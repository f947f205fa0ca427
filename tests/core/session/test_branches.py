"""Branches train in step on the same batches, each a kept run of its own, and earlier moments are gone on from."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
from nets import config, trainer
from patience import LIMIT_S

from dltui.core import ConfigError, Session, Trainer
from dltui.core import commands as ask
from dltui.core.disk.home import find_home
from dltui.core.run.run import JournaledRun
from dltui.core.run.start import resume_run
from dltui.core.run.tree import front_of, read_place, tree_of
from dltui.core.run.verify import verify
from dltui.core.session.branches import Branches, difference
from dltui.core.snapshot import BranchState, Snapshot
from dltui.core.store.folder import RunDir
from dltui.core.store.runs import run_path
from dltui.core.training.history import BoundedSeries


@pytest.fixture
def session() -> Iterator[Session]:
    made = Session(config(training__max_steps=0), keep=True)
    made.start()
    made.wait(lambda snapshot: snapshot.status == "paused", LIMIT_S)
    yield made
    assert made.close(LIMIT_S)


def after(session: Session, command: ask.Command, condition: object) -> Snapshot:
    session.send(command)
    return session.wait(condition, LIMIT_S)  # type: ignore[arg-type]


def at(session: Session, step: int) -> Snapshot:
    """Train to a step, and wait until all branches have come there."""
    now = session.latest()
    assert now is not None
    session.send(ask.Step(step - now.step))
    return session.wait(
        lambda s: s.step == step and s.status == "paused" and all(one.step >= step for one in s.branches), LIMIT_S
    )


def named(snapshot: Snapshot, number: int) -> BranchState:
    return next(one for one in snapshot.branches if one.number == number)


def digest_of(run: str) -> tuple[int, str]:
    """Of a run that nobody holds: resumed."""
    again = resume_run(run, lambda config, title: Trainer(config), time.monotonic)
    found = again.trainer.step, again.trainer.digest()
    again.leave("closed")
    return found


def test_a_fork_without_edits_differs_by_exactly_nothing(session: Session) -> None:
    at(session, 40)
    forked = after(session, ask.Fork("twin"), lambda s: len(s.branches) == 2)
    assert [one.name for one in forked.branches] == ["trunk", "twin"]
    shown = at(session, 5000)
    twin = named(shown, 1)
    assert twin.status == "in step" and twin.forked == 40 and twin.parent == 0 and twin.differs == ""
    assert twin.difference is not None and len(twin.difference.steps) > 100
    assert not twin.difference.values.any() and not twin.difference.low.any() and not twin.difference.high.any()
    assert twin.metrics == shown.metrics
    assert twin.step_us > 0 and twin.memory_mb > 0


def test_a_branch_goes_its_own_way_and_is_what_it_would_be_alone(session: Session) -> None:
    at(session, 40)
    after(session, ask.Fork(), lambda s: len(s.branches) == 2)
    after(session, ask.Apply({"optimizer.name": "sgd"}), lambda s: s.config.optimizer.name == "sgd")
    shown = at(session, 200)
    one = named(shown, 1)
    assert one.differs == "optimizer: sgd → adam" and one.curves is not None
    assert one.difference is not None and np.abs(one.difference.values[:30]).max() == 0.0
    assert np.abs(one.difference.values[50:]).max() > 0.0
    assert one.metrics["train_loss"] == trainer(steps=200).history.latest()["train_loss"]
    swapped = after(session, ask.Promote(1), lambda s: s.branches[1].in_front)
    assert swapped.config.optimizer.name == "adam" and swapped.run == one.run
    assert named(swapped, 0).differs == "optimizer: adam → sgd"
    at(session, 260)
    session.send(ask.Close())
    assert session.close(LIMIT_S)
    edited = trainer(steps=40)
    edited.apply({"optimizer.name": "sgd"})
    edited.advance(220)
    assert digest_of(shown.run) == (260, edited.digest())
    assert digest_of(one.run) == (260, trainer(steps=260).digest())
    for run in (shown.run, one.run):
        verdict = verify(RunDir(run_path(find_home().runs, run), write=False), Trainer)
        assert verdict.problems == ()


def test_branches_are_renamed_ended_and_left_alone(session: Session) -> None:
    at(session, 20)
    for n in range(3):
        after(session, ask.Fork(), lambda s, n=n: len(s.branches) == n + 2)
    shown = after(session, ask.RenameBranch(2, " the  second "), lambda s: named(s, 2).name == "the second")
    folder = run_path(find_home().runs, named(shown, 2).run)
    place = read_place(folder)
    assert place is not None and (place.name, place.step, place.parent) == ("the second", 20, shown.run)
    refused = after(session, ask.EndBranch(0), lambda s: s.events[-1].kind == "refused")
    assert "in front" in refused.events[-1].text
    after(session, ask.EndBranch(9), lambda s: "is not a branch" in s.events[-1].text)
    after(session, ask.EndBranch(1), lambda s: [one.number for one in s.branches] == [0, 2, 3])
    kept = after(session, ask.KeepBranch(2), lambda s: s.branches == ())
    assert kept.run == named(shown, 2).run and kept.step == 20
    assert len(tree_of(find_home().runs, shown.run)) == 4 and front_of(find_home().runs, shown.run) == kept.run


def test_there_are_at_most_sixteen(session: Session) -> None:
    at(session, 5)
    for n in range(ask.MOST_BRANCHES):
        after(session, ask.Fork(), lambda s, n=n: len(s.branches) == n + 2)
    refused = after(session, ask.Fork(), lambda s: s.events[-1].kind == "refused")
    assert "16 branches" in refused.events[-1].text
    shown = at(session, 60)
    assert all(one.status == "in step" for one in shown.branches)
    assert {one.metrics["train_loss"] for one in shown.branches} == {shown.metrics["train_loss"]}


def test_a_branch_with_a_plan_keeps_to_it(session: Session) -> None:
    session.send(ask.PlanChange(60, {"optimizer.name": "sgd"}))
    at(session, 30)
    after(session, ask.Fork(), lambda s: len(s.branches) == 2)
    after(session, ask.PlanChange(60, {}), lambda s: s.plan == ())
    shown = at(session, 90)
    assert shown.config.optimizer.name == "adam" and named(shown, 1).differs == "optimizer: adam → sgd"


def test_looking_back_shows_the_moment_and_leaves_the_run(session: Session) -> None:
    now = at(session, 300)
    session.send(ask.Watch(frozenset({"weights", "decision"})))
    back = after(session, ask.LookAt(120), lambda s: s.now == 300)
    twin = trainer(steps=120)
    assert (back.step, back.status) == (120, "paused") and "looking back" in back.status_text
    assert back.metrics["train_loss"] == twin.history.latest()["train_loss"]
    assert back.curves["train_loss"].steps[-1] == 119 and back.beyond["train_loss"].steps[-1] == 299
    assert 0 in back.moments
    assert np.isfinite([layer.std for layer in back.layers]).all() and back.layers[0].update_ratio > 0
    further = after(session, ask.LookAt(30), lambda s: s.step == 30)
    assert further.now == 300
    present = after(session, ask.LookAt(-1), lambda s: s.now == -1)
    assert present.step == 300 and present.beyond == {} and present.branches == ()
    assert present.metrics == now.metrics
    end = at(session, 400)
    assert end.metrics["train_loss"] == trainer(steps=400).history.latest()["train_loss"]


def test_going_on_from_a_moment_leaves_the_old_future_as_a_branch(session: Session) -> None:
    at(session, 300)
    after(session, ask.LookAt(120), lambda s: s.now == 300)
    on = after(session, ask.Apply({"optimizer.name": "sgd"}), lambda s: s.now == -1 and len(s.branches) == 2)
    assert on.step == 120 and on.config.optimizer.name == "sgd"
    left = named(on, 1)
    assert (left.name, left.step, left.status) == ("left at 300", 300, "ahead")
    shown = at(session, 350)
    twin = trainer(steps=120)
    twin.apply({"optimizer.name": "sgd"})
    twin.advance(230)
    assert shown.metrics["train_loss"] == twin.history.latest()["train_loss"]
    assert named(shown, 1).status == "in step"
    assert named(shown, 1).metrics["train_loss"] == trainer(steps=350).history.latest()["train_loss"]
    session.send(ask.Close())
    assert session.close(LIMIT_S)
    assert digest_of(shown.run) == (350, twin.digest())
    assert digest_of(left.run) == (350, trainer(steps=350).digest())


def test_a_branch_begins_at_the_moment_that_is_looked_at(session: Session) -> None:
    at(session, 300)
    after(session, ask.LookAt(100), lambda s: s.now == 300)
    after(session, ask.Fork("early"), lambda s: len(s.branches) == 2)
    after(session, ask.LookAt(-1), lambda s: s.now == -1)
    shown = session.wait(lambda s: named(s, 1).status == "in step", LIMIT_S)
    assert named(shown, 1).forked == 100 and shown.step == 300
    assert named(shown, 1).metrics == shown.metrics


def test_a_tree_is_resumed_whole(session: Session) -> None:
    at(session, 100)
    after(session, ask.Fork("other"), lambda s: len(s.branches) == 2)
    after(session, ask.Apply({"optimizer.name": "sgd"}), lambda s: s.config.optimizer.name == "sgd")
    at(session, 150)
    shown = after(session, ask.Promote(1), lambda s: s.branches[1].in_front)
    session.send(ask.Close())
    assert session.close(LIMIT_S)
    runs = find_home().runs
    assert front_of(runs, shown.branches[0].run) == shown.run
    again = Session("", resume=shown.run, keep=True)
    again.start()
    back = again.wait(lambda s: len(s.branches) == 2, LIMIT_S)
    assert [(one.name, one.in_front) for one in back.branches] == [("other", True), ("trunk", False)]
    assert back.branches[0].parent == 1 and back.branches[1].parent == -1
    past = after(again, ask.LookAt(50), lambda s: s.now == 150)
    assert past.metrics["train_loss"] == trainer(steps=50).history.latest()["train_loss"]
    after(again, ask.Step(150), lambda s: s.step == 200 and s.status == "paused")
    assert again.close(LIMIT_S)
    assert digest_of(shown.run) == (200, trainer(steps=200).digest())


def test_a_run_that_is_kept_nowhere_branches_too() -> None:
    session = Session(config(training__max_steps=0))
    session.start()
    session.wait(lambda snapshot: snapshot.status == "paused", LIMIT_S)
    at(session, 50)
    after(session, ask.Fork(), lambda s: len(s.branches) == 2)
    after(session, ask.LookAt(20), lambda s: s.now == 50)
    after(session, ask.Step(10), lambda s: s.step == 30 and len(s.branches) == 3)
    shown = at(session, 80)
    assert {one.metrics["train_loss"] for one in shown.branches} == {trainer(steps=80).history.latest()["train_loss"]}
    assert {one.run for one in shown.branches} == {""}
    assert session.close(LIMIT_S)


def test_one_curve_less_another_in_the_stretches_of_the_coarser() -> None:
    one, other = BoundedSeries(), BoundedSeries()
    values = np.random.default_rng(0).normal(1, 0.1, 40_000).astype(np.float32)
    one.extend(0, values)
    other.extend(0, values[:20_000])
    assert one.width == 4 and other.width == 2
    assert not difference(one, other).values.any()
    other.extend(20_000, values[20_000:] + np.float32(0.5))
    apart = difference(one, other)
    assert not apart.high[apart.steps < 19_000].any()
    assert np.allclose(apart.values[apart.steps >= 20_500], -0.5, atol=1e-6)
    assert len(difference(one, BoundedSeries()).steps) == 0


def test_numbers_of_branches() -> None:
    run = JournaledRun(Trainer(config()))
    branches = Branches(run)
    with pytest.raises(ConfigError, match="there is no branch yet"):
        branches.find(3)
    assert branches.told() == () and not branches.behind
