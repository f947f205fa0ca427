"""The steps of a run: made in chunks, evaluated when due, stopped early, halted at the last sound state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from nets import CLASSES, IMAGES, VALUES, same_weights, trainer

from dltui.core import Config, Trainer
from dltui.core.engine.loops import LOSS_NOT_FINITE
from dltui.core.registry import families
from dltui.core.training import stepper as module
from dltui.core.training.machine import Machine


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


NORMALIZED: dict[str, Any] = {
    **CLASSES,
    "network": {"hidden": [5, 4], "normalization": "batch_norm", "activation": "relu"},
    "optimizer": {"name": "sgd", "learning_rate": 0.05},
    "regularization": {"l2": 1e-6},
    "averaging": {"name": "ema"},
}
STATE = {
    "weights": lambda memory: memory.weights,
    "kept statistics": lambda memory: memory.buffers,
    "optimizer's state": lambda memory: memory.slots["first_moment"],
    "average of the weights": lambda memory: memory.average,
}


@pytest.mark.parametrize("what", STATE)
@pytest.mark.parametrize("advance", [1, 7, 100_000])
def test_everything_a_step_depends_on_stays_finite_or_the_run_ends_before(what, advance, monkeypatch):
    """The number is too large from the 20th step on, as a statistic is that nothing but an evaluation reads."""
    made = trainer(NORMALIZED, steps=30, optimizer__name="adam", optimizer__learning_rate=0.001)
    run = Machine.run

    def spoiled(machine, n_steps, losses):
        done = run(machine, n_steps, losses)
        if machine.state.step >= 50:
            STATE[what](machine.state.memory)[0] = np.inf
        return done

    monkeypatch.setattr(Machine, "run", spoiled)
    n_steps = 0
    while made.stopped is None and made.step < 1000:
        n_steps += made.advance(advance).n_steps
    assert (made.stopped, made.step, n_steps) == ("diverged", 49, 19)
    assert made.memory.sound and made.trouble is not None
    assert (made.trouble.what, made.trouble.step) == (what, 49)
    same = trainer(NORMALIZED, steps=30, optimizer__name="adam", optimizer__learning_rate=0.001)
    same.advance(19)
    assert same_weights(made, same)


def test_statistics_that_overflow_end_a_run_with_those_of_before():
    made = trainer(NORMALIZED, steps=30)
    made.apply({"optimizer.learning_rate": 1e6})
    for _ in range(40):
        made.apply({"optimizer.learning_rate": 0.05 if made.config.optimizer.learning_rate > 1 else 1e6})
        made.advance(1)
        assert made.memory.sound, (made.step, made.stopped)
        if made.stopped:
            break
    assert made.stopped == "diverged" and all(np.isfinite(array).all() for array in made.buffers.values())


@pytest.mark.parametrize("size", [1e20, 1e25, 9e29])
def test_inputs_whose_squares_overflow_end_a_run_before_its_first_step(size):
    rng = np.random.default_rng(0)
    x, y = (rng.normal(size=(100, 3)) * size / 5).astype(np.float32), rng.integers(0, 2, 100)
    asked = {"network": {"hidden": [6], "normalization": "batch_norm"}, "optimizer": {"name": "sgd"}}
    made = Trainer(Config.from_dict(asked), (x[:70], y[:70], x[70:], y[70:]))
    made.advance(30)
    assert (made.stopped, made.step) == ("diverged", 0) and made.memory.sound


def test_the_statistics_of_a_step_that_was_not_made_are_not_kept():
    made = trainer(NORMALIZED, steps=30)
    before = made.buffers
    made.memory.weights[:] = np.where(made.memory.weights, np.float32(1e37), 0)
    made.commit(made.prepare_state(made.state))
    made.advance(5)
    assert (made.stopped, made.step) == ("diverged", 30)
    for name, array in made.buffers.items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize("name", families["regularizers"])
@pytest.mark.parametrize("strength", [5e-324, 2.3e-308, 1e-45, 1.2e-38])
def test_the_least_of_each_regularizer_leaves_every_number_finite(name, strength):
    if not isinstance(families["regularizers"][name].strength.default, float):
        return
    base = IMAGES if families["regularizers"][name].of_pictures else NORMALIZED
    made = trainer(base, steps=20, **{f"regularization__{name}": strength})
    assert made.stopped is None and made.step == 20 and made.memory.sound
