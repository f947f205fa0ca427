"""The steps of a run: made in chunks, evaluated when due, stopped early, halted at the last sound state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from nets import VALUES, same_weights, trainer

from dltui.core.engine.loops import LOSS_NOT_FINITE
from dltui.core.training import stepper as module


@pytest.mark.parametrize("chunk", [1, 3, 1000])
def test_a_run_does_not_depend_on_the_size_of_its_chunks(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    settings: dict[str, Any] = {"training__early_stopping": 40, "schedule__name": "plateau"}
    whole = trainer(steps=200, **settings)
    monkeypatch.setattr(module, "CHUNK", chunk)
    assert trainer(steps=200, **settings).digest() == whole.digest()


def test_advancing_by_nothing_changes_nothing() -> None:
    made = trainer(steps=11)
    before = made.digest()
    assert made.advance(0).n_steps == 0 and made.digest() == before


def test_a_limit_ends_a_run_with_an_evaluation() -> None:
    made = trainer(training__max_steps=25)
    assert made.advance(100) == module.Advance(25, "finished")
    assert made.history["val_loss"][0][-1] == 25
    assert made.advance(100) == module.Advance(0, "finished")


def test_early_stopping_puts_the_best_network_back() -> None:
    made = trainer(training__early_stopping=3, training__evaluate_every=5, optimizer__learning_rate=0.5)
    result = made.advance(5000)
    assert result.stopped == "early stopping"
    steps, losses = made.history["val_loss"]
    best = int(np.argmin(losses))
    assert len(losses) - 1 - best == 3
    again = trainer(training__evaluate_every=5, optimizer__learning_rate=0.5)
    again.advance(int(steps[best]))
    assert same_weights(made, again)


def test_a_run_that_ends_while_it_waits_gets_its_best_network_too() -> None:
    made = trainer(
        training__early_stopping=1000, training__evaluate_every=5, training__max_steps=300, optimizer__learning_rate=0.5
    )
    assert made.advance(5000).stopped == "finished"
    steps, losses = made.history["val_loss"]
    again = trainer(training__evaluate_every=5, optimizer__learning_rate=0.5)
    again.advance(int(steps[int(np.argmin(losses))]))
    assert same_weights(made, again)


def test_a_run_that_diverges_stops_where_all_numbers_are_finite() -> None:
    made = trainer(VALUES, optimizer__name="sgd", optimizer__learning_rate=1e6)
    result = made.advance(500)
    assert result.stopped == "diverged" and made.stopped == "diverged"
    assert all(np.isfinite(array).all() for array in made.parameters.values())
    assert np.isfinite(made.history["train_loss"][1]).all()
    assert result.n_steps == made.step < 500
    assert made.trouble is not None and made.trouble.step >= made.step


def test_where_it_halts_does_not_depend_on_how_it_is_advanced() -> None:
    settings: dict[str, Any] = {"optimizer__name": "sgd", "optimizer__learning_rate": 1e6}
    whole, single = trainer(VALUES, **settings), trainer(VALUES, **settings)
    whole.advance(500)
    while single.advance(1).n_steps:
        pass
    assert whole.step == single.step
    assert same_weights(whole, single)


def test_the_curves_hold_the_rate_of_each_step() -> None:
    made = trainer(steps=60, schedule__name="cosine", training__max_steps=100)
    steps, rates = made.history["learning_rate"]
    assert steps[0] == 0 and steps[-1] == 59
    assert np.all(np.diff(rates) < 0)
    assert made.learning_rate < rates[-1]


def test_the_scores_are_those_of_the_rows_the_curves_are_measured_on() -> None:
    made = trainer(steps=30)
    found = module.scores(made.machine)
    assert set(found) == {"val_loss", "val_accuracy", "train_accuracy"}
    assert found["val_accuracy"] == made.evaluate("val")["accuracy"]


def test_what_ended_a_chunk_is_told() -> None:
    made = trainer(VALUES, steps=10)
    last = made.state.network.weights["dense3.weight"]
    last.write(made.memory.weights, np.full(last.shape, 1e25))
    made.advance(5)
    assert made.stopped == "diverged" and made.trouble is not None
    assert (made.trouble.what, made.trouble.step) == ("loss", 10)
    assert LOSS_NOT_FINITE != 0
