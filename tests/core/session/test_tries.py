"""Experiments of a lesson in a running session: made by one command or by hand, looked at when they are due."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from nets import config
from patience import LIMIT_S

from dltui.core import Session
from dltui.core import commands as ask
from dltui.core.run.run import JournaledRun
from dltui.core.session.tries import TryLog, scores_of, try_of
from dltui.core.snapshot import Snapshot
from dltui.core.training.trainer import Trainer

FASTER: dict[str, Any] = {
    "say": "Set the learning rate to 0.05.",
    "change": {"optimizer.learning_rate": 0.05},
    "question": "Faster?",
    "answer": "Yes.",
    "after": 300,
    "check": "train_loss < before_train_loss",
}
WIDER: dict[str, Any] = {
    "say": "Take ten hidden units.",
    "change": {"network.hidden": [10]},
    "restart": True,
    "question": "Better?",
    "answer": "Never that good.",
    "after": 50,
    "check": "train_loss < 0",
}


def lesson(**changes: Any) -> Any:
    made = config(training__max_steps=0, **changes)
    return made.with_changes({"preset.tries": [FASTER, WIDER]})


@pytest.fixture
def session() -> Iterator[Session]:
    made = Session(lesson())
    made.start()
    made.wait(lambda snapshot: snapshot.status == "paused", LIMIT_S)
    yield made
    assert made.close()


def after(session: Session, command: ask.Command, condition: Callable[[Snapshot], object]) -> Snapshot:
    session.send(command)
    return session.wait(lambda snapshot: bool(condition(snapshot)), LIMIT_S)


def outcomes(snapshot: Snapshot) -> dict[int, str]:
    return {state.number: state.outcome for state in snapshot.tries}


def test_a_try_is_made_looked_at_and_paused_after(session: Session) -> None:
    after(session, ask.Step(40), lambda s: s.step == 40)
    done = after(session, ask.MakeTry(0), lambda s: s.status == "paused" and s.step > 40)
    (state,) = done.tries
    assert (done.step, state.step, state.due, state.outcome) == (340, 40, 340, "held")
    assert done.config.optimizer.learning_rate == 0.05
    assert state.after["train_loss"] < state.before["train_loss"]
    assert "as foretold" in done.events[-1].text


def test_the_scores_are_those_of_a_trainer_that_does_the_same(session: Session) -> None:
    trainer = Trainer(lesson())
    trainer.advance(40)
    before = scores_of(trainer)
    trainer.apply(FASTER["change"])
    trainer.advance(300)
    after(session, ask.Step(40), lambda s: s.step == 40)
    done = after(session, ask.MakeTry(0), lambda s: s.tries and s.tries[0].after)
    assert done.tries[0].before == before
    assert done.tries[0].after == scores_of(trainer)


def test_another_try_begins_where_the_first_began(session: Session) -> None:
    after(session, ask.Step(40), lambda s: s.step == 40)
    after(session, ask.MakeTry(0), lambda s: outcomes(s) == {0: "held"})
    done = after(session, ask.MakeTry(1), lambda s: outcomes(s).get(1) == "failed")
    assert done.config.optimizer.learning_rate == lesson().optimizer.learning_rate
    assert (done.step, done.config.network.hidden) == (50, (10,))
    # The new start of the one before is taken back as well.
    done = after(session, ask.MakeTry(0), lambda s: s.tries[-1].number == 0 and s.tries[-1].after)
    assert done.config.network.hidden == lesson().network.hidden
    assert done.config.optimizer.learning_rate == 0.05
    assert (done.tries[-1].step, done.step) == (40, 340)


def test_where_the_state_before_is_lost_the_settings_are_taken_back(session: Session) -> None:
    after(session, ask.MakeTry(0), lambda s: outcomes(s) == {0: "held"})
    after(session, ask.Apply({"regularization.l2": 0.01}), lambda s: s.config.regularization.values["l2"] == 0.01)
    done = after(session, ask.MakeTry(1), lambda s: outcomes(s).get(1) == "failed")
    assert done.config.optimizer.learning_rate == lesson().optimizer.learning_rate
    assert done.config.regularization.values["l2"] == 0.01


def test_a_try_made_by_hand_counts_too(session: Session) -> None:
    after(session, ask.Step(10), lambda s: s.step == 10)
    after(session, ask.Apply(FASTER["change"]), lambda s: outcomes(s) == {0: "waiting"})
    done = after(session, ask.Run(), lambda s: outcomes(s) == {0: "held"})
    assert done.tries[0].due == 310


def test_a_change_meanwhile_or_an_undo_ends_the_waiting(session: Session) -> None:
    for other in (ask.Apply({"regularization.l2": 0.1}), ask.Undo(), ask.Undo(rewind=True), ask.Restart()):
        after(session, ask.Step(10), lambda s: s.status == "paused" and s.step >= 10)
        after(session, ask.Apply({"optimizer.learning_rate": 0.02}), lambda s: s.base_rate == 0.02)
        after(session, ask.Apply(FASTER["change"]), lambda s: outcomes(s) == {0: "waiting"})
        after(session, other, lambda s: outcomes(s) == {})


def test_a_try_that_begins_anew_waits_for_that(session: Session) -> None:
    after(session, ask.Step(10), lambda s: s.step == 10)
    waiting = after(session, ask.Apply(WIDER["change"]), lambda s: s.tries)
    assert waiting.tries[0].due == -1
    begun = after(session, ask.Restart(), lambda s: s.step == 0)
    assert begun.tries[0].due == 50


def test_a_try_that_is_none_is_refused_in_a_sentence(session: Session) -> None:
    refused = after(session, ask.MakeTry(5), lambda s: s.events[-1].kind == "refused")
    assert "is not a try of this lesson; allowed: 1 to 2" in refused.events[-1].text


def test_a_diverged_run_is_an_outcome() -> None:
    wild = FASTER | {"change": {"optimizer.learning_rate": 1e5, "optimizer.name": "sgd"}, "check": "diverged == 1"}
    run = JournaledRun(Trainer(lesson(loss__name="mse").with_changes({"preset.tries": [wild]})))
    log = TryLog()
    run.advance(5)
    log.make(run, 0)
    run.advance(300)
    state = log.look(run.trainer)
    assert state is not None
    assert run.trainer.stopped == "diverged"
    assert state.outcome == "held"


def test_a_change_is_a_try_where_it_says_all_of_it() -> None:
    tries = lesson().preset.tries
    assert try_of(tries, {"network.hidden": (10,), "optimizer.name": "sgd"}) == 1
    assert try_of(tries, {"network.hidden": (10, 10)}) is None
    assert try_of(tries, {}) is None


def test_of_tries_that_are_alike_the_one_that_is_meant_counts() -> None:
    more = FASTER | {"change": FASTER["change"] | {"regularization.l2": 0.01}}
    alike = lesson().with_changes({"preset.tries": [FASTER, FASTER | {"restart": True}, more]})
    assert try_of(alike.preset.tries, more["change"]) == 2
    run, log = JournaledRun(Trainer(alike)), TryLog()
    run.advance(5)
    for number, due in ((0, 305), (1, 300), (2, 305)):
        log.make(run, number)
        waiting = log.waiting
        assert waiting is not None
        assert (waiting.number, waiting.due) == (number, due)
    log, before = TryLog(), scores_of(run.trainer)
    log.note_change(run, FASTER["change"], before)
    run.restart()
    log.note_restart(run)
    assert log.waiting is not None and (log.waiting.number, log.waiting.due) == (1, 300)
