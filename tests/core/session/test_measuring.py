"""What a change did is measured from the mark, with it and without it; a change without effect scores exactly 0."""

from __future__ import annotations

import numpy as np
from nets import config, trainer
from patience import LIMIT_S, until

from dltui.core import Session, Trainer
from dltui.core import commands as ask
from dltui.core.run.moment import look_back_from
from dltui.core.run.run import JournaledRun
from dltui.core.session.measuring import Measuring
from dltui.core.snapshot import Effect


def changed_run(changes: dict[str, object]) -> JournaledRun:
    run = JournaledRun(Trainer(config()))
    look_back_from(run, None)
    run.advance(60)
    run.apply(changes)
    run.advance(90)
    run.apply({"network.activation": "relu"})
    run.advance(50)
    return run


def measured(run: JournaledRun, step: int, n_steps: int = 0) -> Effect:
    measuring = Measuring()
    measuring.ask(run, step, n_steps)
    until(lambda: (found := measuring.fetch()) is not None and not found.busy)
    found = measuring.fetch()
    assert found is not None
    return found


def test_both_ways_are_what_would_have_happened() -> None:
    run = changed_run({"optimizer.name": "sgd"})
    before = run.trainer.digest()
    found = measured(run, 60, 120)
    made, unmade = trainer(steps=60), trainer(steps=180)
    made.apply({"optimizer.name": "sgd"})
    made.advance(120)
    assert found.made.metrics["val_loss"] == made.evaluate("val")["loss"]
    assert found.unmade.metrics["val_loss"] == unmade.evaluate("val")["loss"]
    assert found.n_steps == 120 and found.made.steps[0] == found.unmade.steps[0] == 60
    assert run.trainer.digest() == before


def test_a_change_without_effect_scores_exactly_nothing() -> None:
    run = changed_run({"training.early_stopping": 10_000})
    found = measured(run, 60)
    assert found.n_steps == 100, "to the next change, but not less than a hundred"
    assert found.made.metrics == found.unmade.metrics
    assert np.array_equal(found.made.losses, found.unmade.losses)


def test_a_session_answers_in_a_snapshot() -> None:
    session = Session(config(training__max_steps=0))
    session.start()
    session.send(ask.Step(50))
    session.wait(lambda s: s.step == 50 and s.status == "paused", LIMIT_S)
    session.send(ask.Apply({"optimizer.learning_rate": 0.1}))
    session.send(ask.Step(30))
    session.wait(lambda s: s.step == 80 and s.status == "paused", LIMIT_S)
    session.send(ask.MeasureEffect(50, 200))
    seen = session.wait(lambda s: s.effect is not None and not s.effect.busy, LIMIT_S)
    assert seen.effect is not None and seen.effect.n_steps == 200 and seen.step == 80
    session.send(ask.MeasureEffect(70))
    refused = session.wait(lambda s: s.events[-1].kind == "refused", LIMIT_S)
    assert "no change to be measured" in refused.events[-1].text
    session.send(ask.MeasureEffect())
    session.wait(lambda s: s.effect is None, LIMIT_S)
    assert session.close(LIMIT_S)
