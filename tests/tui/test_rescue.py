"""The way back from a run that diverged, in a live session: it leads to a run that learns."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dltui.core import Session
from dltui.core import commands as ask
from dltui.core.snapshot import Snapshot
from dltui.tui.screens.rescue import advice, way_back

LIMIT_S = 60.0


@pytest.fixture
def session() -> Iterator[Session]:
    made = Session("universal_approximation", keep=False)
    made.start()
    made.send(ask.Run())
    made.wait(lambda s: s.step > 200, LIMIT_S)
    yield made
    assert made.close()


def diverged(session: Session, changes: dict) -> Snapshot:
    session.send(ask.Apply(changes))
    session.send(ask.Run())
    return session.wait(lambda s: s.status == "diverged", LIMIT_S)


def go_back(session: Session, shown: Snapshot) -> Snapshot:
    commands = way_back(shown)
    for command in commands:
        session.send(command)
    assert isinstance(commands[1], ask.Apply)
    rate = commands[1].changes["optimizer.learning_rate"]
    return session.wait(lambda s: s.base_rate == rate and s.status in ("training", "diverged"), LIMIT_S)


def test_the_rate_is_a_tenth_of_the_one_before_the_change_that_is_rewound(session: Session) -> None:
    shown = diverged(session, {"optimizer.name": "sgd", "optimizer.learning_rate": 1e5})
    assert advice(shown).endswith("on with the learning rate 0.001.")
    back = go_back(session, shown)
    assert (back.status, back.config.optimizer.name, back.base_rate) == ("training", "adam", 0.001)
    later = session.wait(lambda s: s.step > back.step + 500, LIMIT_S)
    assert later.status == "training" and later.metrics["train_loss"] < 1.0


def test_gone_back_again_and_again_the_rate_falls_until_the_run_learns(session: Session) -> None:
    session.send(ask.Apply({"optimizer.name": "sgd", "optimizer.learning_rate": 1e5}))
    shown = diverged(session, {"training.batch_size": 10})
    rates = []
    while shown.status == "diverged" and len(rates) < 9:
        expected = float(advice(shown).rpartition("rate ")[2].rstrip("."))
        assert way_back(shown)[1] == ask.Apply({"optimizer.learning_rate": expected})
        rates.append(expected)
        step = go_back(session, shown).step
        shown = session.wait(lambda s, step=step: s.status == "diverged" or s.step > step + 500, LIMIT_S)
    assert shown.status == "training"
    assert rates == sorted(rates, reverse=True) and len(set(rates)) == len(rates)


def test_the_advice_is_whole_sentences(session: Session) -> None:
    shown = diverged(session, {"optimizer.name": "sgd", "optimizer.learning_rate": 1e5})
    text = advice(shown)
    assert text[0].isupper() and "stopped being finite at step" in text
    assert "The run the" not in text
