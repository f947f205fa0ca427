"""A session evaluates its network and answers for a row while it goes on."""

from pathlib import Path

import numpy as np
import pytest
from patience import LIMIT_S, wait_for
from tables import write_houses

from dltui.core import Session, load_preset
from dltui.core.commands import Ask, Evaluate, Run, Watch
from dltui.core.errors import ConfigError
from dltui.core.predict.asked import answer_to
from dltui.core.session.judge import Judge
from dltui.core.training.trainer import Trainer


@pytest.fixture
def session(tmp_path: Path):
    session = Session(str(write_houses(tmp_path)))
    session.start()
    yield session
    session.close()


def test_an_evaluation_is_told_with_its_step_and_the_rows_it_is_worst_at(session: Session) -> None:
    session.send(Run())
    session.send(Evaluate())
    snapshot = session.wait(lambda one: one.evaluation is not None, LIMIT_S)
    report = snapshot.evaluation
    assert report is not None and report.n == 40 and report.source == "the validation rows"
    assert 0 <= snapshot.evaluated_at <= snapshot.step
    assert set(report.worst[0].cells) == {"sqft", "rooms", "heating", "garden", "sold"}
    r2 = next(score for score in report.scores if score.name == "r2")
    assert r2.low <= r2.value <= r2.high and r2.baseline <= 0.0


def test_the_answer_follows_the_network_until_nobody_asks(session: Session) -> None:
    session.send(Ask({"sqft": "3000"}))
    first = session.wait(lambda one: one.answer is not None and len(one.answer.outputs) == 1, LIMIT_S).answer
    session.send(Run())
    assert first is not None
    session.wait(lambda one: one.answer is not None and abs(one.answer.outputs[0] - first.outputs[0]) > 1.0, LIMIT_S)
    session.send(Ask(on=False))
    session.wait(lambda one: one.answer is None, LIMIT_S)


def test_what_was_found_in_the_table_is_among_what_happened(session: Session) -> None:
    snapshot = session.wait(lambda one: one.status == "paused", LIMIT_S)
    texts = [event.text for event in snapshot.events if event.kind == "note"]
    assert "the target is 'price': it is the last column" in texts
    assert any("'id' is left out" in text for text in texts)


def test_scores_and_the_table_are_shown_where_they_are_looked_at(session: Session) -> None:
    session.send(Watch(frozenset({"scores", "table"})))
    snapshot = session.wait(lambda one: bool(one.scores) and one.table is not None, LIMIT_S)
    assert [score.name for score in snapshot.scores] == ["r2", "mean_absolute_error", "root_mean_squared_error"]
    assert snapshot.scores[1].baseline > 10_000.0  # in dollars


def test_a_network_whose_answers_are_not_finite_is_told_so(tmp_path: Path) -> None:
    trainer = Trainer(load_preset(write_houses(tmp_path)))
    trainer.memory.weights[:] = np.inf
    judge = Judge()
    judge.ask(trainer)
    wait_for(lambda: judge.is_new)
    assert judge.fetch() == (None, -1)
    assert "not finite" in judge.take_failure() and not judge.take_failure()
    assert answer_to(trainer, Ask()).problem == "the answer is not finite"


def test_an_autoencoder_is_not_evaluated() -> None:
    trainer = Trainer(load_preset("autoencoder"))
    with pytest.raises(ConfigError, match="nothing to evaluate"):
        Judge().ask(trainer)
