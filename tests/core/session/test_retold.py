"""What was tried in a kept run comes out of its decisions as it came out in the session."""

from __future__ import annotations

from typing import Any

import pytest
from nets import config

from dltui.core import ConfigError
from dltui.core.run.run import JournaledRun
from dltui.core.run.start import keep_run
from dltui.core.session.retold import Attempt, attempts_of, last_run_with_tries
from dltui.core.session.tries import TryLog
from dltui.core.store.folder import RunDir
from dltui.core.store.status import RunStatus
from dltui.core.training.trainer import Trainer

TRY: dict[str, Any] = {"say": "Do it.", "question": "Why?", "answer": "So.", "after": 100}
TRIES = [
    TRY | {"change": {"optimizer.learning_rate": 0.05}, "check": "train_loss < before_train_loss"},
    TRY | {"change": {"network.hidden": [10]}, "restart": True, "check": "train_loss < 0"},
    TRY | {"change": {"optimizer.name": "sgd", "optimizer.learning_rate": 1e6}, "check": "diverged == 1"},
]


def kept(numbers: list[int], rest: int = 0) -> tuple[RunDir, TryLog]:
    """A kept run in which some tries were made one after the other, the last left so many steps before its end."""
    trainer = Trainer(config(training__max_steps=0, loss__name="mse").with_changes({"preset.tries": TRIES}))
    run, log = JournaledRun(trainer, keep_run(trainer, "", "a run")), TryLog()
    run.advance(30)
    for place, number in enumerate(numbers):
        log.make(run, number)
        run.advance(log.steps_left(run.trainer.step) - (rest if place == len(numbers) - 1 else 0))
        log.look(run.trainer)
    run.show(RunStatus("paused", trainer.step))
    assert run.keeper is not None and run.keeper.run is not None
    path = run.keeper.run.path
    assert run.close(RunStatus("closed", trainer.step), 20.0)
    return RunDir(path, write=False), log


def told(attempts: list[Attempt]) -> list[tuple[int, str]]:
    return [(attempt.number, attempt.outcome) for attempt in attempts]


def test_every_try_is_found_with_the_scores_of_the_session() -> None:
    folder, log = kept([0, 1, 0])
    attempts = attempts_of(folder)
    assert told(attempts) == [(0, "held"), (1, "failed"), (0, "held")]
    by_number = {state.number: state for state in log.states}
    assert attempts[1].after == by_number[1].after and attempts[1].before == by_number[1].before
    assert attempts[2].after == by_number[0].after
    assert attempts[0].after == attempts[2].after
    steps, _ = attempts[1].curves_after["train_loss"]
    assert (attempts[1].step, steps[-1]) == (0, 99)
    assert attempts[0].curves_after["train_loss"][0][-1] == 129


def test_a_try_that_diverged_is_told() -> None:
    assert told(attempts_of(kept([2])[0])) == [(2, "held")]


def test_a_try_that_was_left_has_no_outcome() -> None:
    folder, _ = kept([0], rest=1)
    assert told(attempts_of(folder)) == [(0, "left")]
    assert not attempts_of(folder)[0].curves_after


def test_the_newest_run_with_a_try_is_found() -> None:
    with_try, without = kept([0])[0], kept([])[0]
    assert last_run_with_tries([("b", lambda: without), ("a", lambda: with_try)]) == "a"
    with pytest.raises(ConfigError, match="in no kept run"):
        last_run_with_tries([("b", lambda: without)])
