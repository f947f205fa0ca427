"""Looking ahead beside a run: the answer arrives in a snapshot, the run is not touched, and a change ends it."""

from __future__ import annotations

from nets import config, trainer
from patience import LIMIT_S

from dltui.core import Session
from dltui.core.commands import Apply, Foresee, Pause, Run, Step
from dltui.core.session.lookout import Lookout

CANDIDATES: tuple[dict[str, object], ...] = ({}, {"optimizer.name": "sgd"}, {"optimizer.name": "lion"})


def test_a_paused_run_hears_its_futures_and_stays_as_it_is() -> None:
    session = Session(config())
    session.start()
    session.send(Step(50))
    session.wait(lambda s: s.step == 50 and s.status == "paused", LIMIT_S)
    session.send(Foresee(CANDIDATES, 100))
    seen = session.wait(lambda s: s.foresight is not None and not s.foresight.busy, LIMIT_S)
    assert seen.foresight is not None and seen.step == 50
    assert (seen.foresight.step, seen.foresight.n_steps) == (50, 100)
    assert [one.changes.get("optimizer.name") for one in seen.foresight.prospects] == [None, "sgd", "lion"]
    lion = seen.foresight.prospects[2].changes
    rate = lion["optimizer.learning_rate"]
    assert isinstance(rate, float) and 0.0 < rate < 0.01, "the rate that keeps the size of the first step"
    alone = trainer(steps=50)
    alone.apply(lion)
    alone.advance(100)
    assert seen.foresight.prospects[2].metrics["val_loss"] == alone.evaluate("val")["loss"]
    session.send(Apply(lion))
    session.wait(lambda s: s.config.optimizer.name == "lion" and s.foresight is None, LIMIT_S)
    session.send(Step(100))
    end = session.wait(lambda s: s.step == 150 and s.status == "paused", LIMIT_S)
    assert end.metrics["train_loss"] == alone.history.latest()["train_loss"]
    assert session.close(LIMIT_S)


def test_a_running_run_trains_on_while_it_looks_ahead() -> None:
    session = Session(config())
    session.start()
    session.send(Run())
    session.wait(lambda s: s.step > 100, LIMIT_S)
    session.send(Foresee(CANDIDATES, 20_000))
    first = session.wait(lambda s: s.foresight is not None and len(s.foresight.prospects) == 3, LIMIT_S)
    session.wait(lambda s: s.step > first.step, LIMIT_S)
    session.send(Foresee())
    session.wait(lambda s: s.foresight is None, LIMIT_S)
    session.send(Pause())
    assert session.close(LIMIT_S)


def test_a_new_question_ends_the_one_before() -> None:
    lookout, run = Lookout(), trainer()
    lookout.ask(run, [{}], 10**9)
    lookout.ask(run, [{"optimizer.name": "sgd"}], 60)
    while lookout.busy:
        found = lookout.fetch()
    assert found is not None and [one.changes["optimizer.name"] for one in found.prospects] == ["sgd"]
    lookout.stop()
    assert lookout.fetch() is None
