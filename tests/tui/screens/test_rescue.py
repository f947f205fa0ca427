"""The way out of a run that makes no more steps: it diverged, or it is finished."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from fakes import make_snapshot
from harness import make_app, until
from patience import LIMIT_S

from dltui.core import Session, load_preset
from dltui.core import commands as ask
from dltui.core.snapshot import Snapshot
from dltui.tui.screens.dashboard.actions import advice, way_back, why_no_steps
from dltui.tui.screens.dashboard.screen import Dashboard


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
    assert advice(shown).endswith("continue with the learning rate 0.001.")
    back = go_back(session, shown)
    assert (back.status, back.config.optimizer.name, back.base_rate) == ("training", "adam", 0.001)
    later = session.wait(lambda s: s.step > back.step + 500, LIMIT_S)
    assert later.status == "training" and later.metrics["train_loss"] < 1.0


def diverged_or_past(step: int, shown: Snapshot) -> bool:
    return shown.status == "diverged" or shown.step > step


def test_gone_back_again_and_again_the_rate_falls_until_the_run_learns(session: Session) -> None:
    session.send(ask.Apply({"optimizer.name": "sgd", "optimizer.learning_rate": 1e5}))
    shown = diverged(session, {"training.batch_size": 10})
    rates: list[float] = []
    while shown.status == "diverged" and len(rates) < 9:
        expected = float(advice(shown).rpartition("rate ")[2].rstrip("."))
        assert way_back(shown)[1] == ask.Apply({"optimizer.learning_rate": expected})
        rates.append(expected)
        step = go_back(session, shown).step
        shown = session.wait(partial(diverged_or_past, step + 500), LIMIT_S)
    assert shown.status == "training"
    assert rates == sorted(rates, reverse=True) and len(set(rates)) == len(rates)


def test_the_advice_is_whole_sentences(session: Session) -> None:
    shown = diverged(session, {"optimizer.name": "sgd", "optimizer.learning_rate": 1e5})
    text = advice(shown)
    assert text[0].isupper() and "stopped being finite at step" in text
    assert "The run the" not in text


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        ({"training.max_epochs": 2}, "2 epochs are done; raise max epochs to continue"),
        ({"training.max_steps": 30}, "30 steps are done; raise max steps to continue"),
        (
            {"training.early_stopping": 1, "optimizer.learning_rate": 1.0},
            "no better evaluation for 1 in a row; the best weights are back; raise early stopping to continue",
        ),
    ],
    ids=["epochs", "steps", "early stopping"],
)
def test_a_finished_run_says_why_and_what_leads_on(limits: dict, why: str) -> None:
    made = Session(load_preset("iris").with_changes({"training.max_epochs": 0, **limits}))
    made.start()
    made.send(ask.Run())
    shown = made.wait(lambda s: s.status == "finished", LIMIT_S)
    assert (shown.status_text, shown.events[-1].text) == (why, why)
    assert why_no_steps(shown) == f"{why[:1].upper()}{why[1:]}, or press R to begin again."
    made.send(ask.Step())
    made.send(ask.Apply(dict.fromkeys(limits, 0) | {"optimizer.learning_rate": 0.01}))
    paused = made.wait(lambda s: s.status == "paused", LIMIT_S)
    assert paused.step == shown.step and not paused.status_text and not why_no_steps(paused)
    made.send(ask.Step())
    made.wait(lambda s: s.step == shown.step + 1, LIMIT_S)
    assert made.close()


@pytest.mark.parametrize("key", ["space", "s", "e"])
async def test_a_key_that_asks_for_steps_of_a_finished_run_is_answered(key: str) -> None:
    app, session = make_app()
    text = "60 epochs are done; raise max epochs to continue"
    session.snapshot = make_snapshot(status="finished", status_text=text)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
        await pilot.pause()
        shown = app.screen.query_one("#footer").render_line(0).text
        assert "R restart" in shown and "space" not in shown and " s step" not in shown
        assert "60 epochs are done" in app.screen.query_one("#status").render_line(0).text
        await pilot.press(key)
        await until(pilot, lambda: any(note.message.startswith("60 epochs") for note in app._notifications))
