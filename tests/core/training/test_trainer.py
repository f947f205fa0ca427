"""The public promises of the Trainer: exact steps, no dependence on chunks, exact resume, sound weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nets import CLASSES, IMAGES, VALUES, config, same_weights, trainer

from dltui.core import Config, ConfigError, Trainer, families


def test_same_seed_same_run_and_another_seed_another() -> None:
    assert trainer(steps=200).digest() == trainer(steps=200).digest()
    assert trainer(steps=200).digest() != trainer(steps=200, training__seed=4).digest()


@pytest.mark.parametrize("base", [CLASSES, VALUES, IMAGES], ids=["classes", "values", "images"])
def test_a_run_does_not_depend_on_the_length_of_its_chunks(base: dict) -> None:
    settings: dict[str, Any] = {"regularization__dropout": 0.2, "schedule__name": "cosine"}
    whole, bits, single = (trainer(base, **settings) for _ in range(3))
    whole.advance(300)
    for n in (1, 2, 3, 50, 7, 100, 137):
        bits.advance(n)
    for _ in range(300):
        single.advance(1)
    assert whole.digest() == bits.digest() == single.digest()


def test_batches_run_in_order_and_an_epoch_ends_with_a_smaller_batch() -> None:
    x = np.arange(10, dtype=np.float32)[:, None]
    y = x.copy()
    made = Trainer(
        config(VALUES, network__hidden=[], training__shuffle=False, training__batch_size=4), data=(x, y, x, y)
    )
    made.set_parameters({"dense1.weight": np.zeros((1, 1)), "dense1.bias": np.zeros(1)})
    made.apply({"optimizer.name": "sgd", "optimizer.learning_rate": 0.0})
    made.advance(4)
    squares = np.arange(10.0) ** 2
    expected = [squares[:4].mean(), squares[4:8].mean(), squares[8:].mean(), squares[:4].mean()]
    assert made.history["train_loss"][1] == pytest.approx(expected)
    assert made.epoch == 1


def test_shuffled_epochs_use_every_row_once_and_differ() -> None:
    x = (2.0 ** np.arange(10, dtype=np.float32))[:, None]
    made = Trainer(
        config(VALUES, network__hidden=[], training__batch_size=1, optimizer__learning_rate=0.0),
        data=(x, np.zeros_like(x), x, np.zeros_like(x)),
    )
    made.set_parameters({"dense1.weight": np.ones((1, 1)), "dense1.bias": np.zeros(1)})
    made.advance(30)
    losses = np.sqrt(made.history["train_loss"][1]).reshape(3, 10)
    for epoch in losses:
        assert sorted(epoch) == pytest.approx(2.0 ** np.arange(10))
    assert not np.array_equal(losses[0], losses[1])


@pytest.mark.parametrize("base", [CLASSES, VALUES, IMAGES], ids=["classes", "values", "images"])
def test_a_loaded_run_goes_on_as_if_never_stopped(base: dict, tmp_path) -> None:
    settings: dict[str, Any] = {
        "schedule__name": "plateau",
        "averaging__name": "swa",
        "training__early_stopping": 50,
        "regularization__dropout": 0.1,
    }
    whole = trainer(base, 500, **settings)
    half = trainer(base, 230, **settings)
    half.save(tmp_path / "state")
    loaded = Trainer.load(tmp_path / "state")
    assert loaded.digest() == half.digest()
    loaded.advance(270)
    assert loaded.digest() == whole.digest()


def test_a_loaded_run_remembers_dormant_settings(tmp_path) -> None:
    def drive(made: Trainer) -> str:
        made.apply({"optimizer.name": "adam"})
        made.advance(20)
        return made.digest()

    made = trainer(steps=10, optimizer__beta1=0.5)
    made.apply({"optimizer.name": "sgd"})
    made.advance(5)
    made.save(tmp_path / "state")
    assert drive(Trainer.load(tmp_path / "state")) == drive(made)


def test_a_rate_far_too_large_stops_with_finite_weights_and_says_since_when() -> None:
    made = trainer(VALUES, 50, optimizer__name="sgd", network__activation="relu")
    sound = made.bookmark()
    made.apply({"optimizer.learning_rate": 1e6})
    result = made.advance(1000)
    assert result.stopped == "diverged"
    assert all(np.isfinite(array).all() for array in made.parameters.values())
    assert made.trouble is not None
    assert "since step 50 (learning_rate: 0.01 → 1e+06)" in made.trouble.sentence()
    assert made.advance(10) == type(result)(0, "diverged")
    made.return_to(sound)
    made.apply({"optimizer.learning_rate": 1e-4})
    assert made.advance(10).n_steps == 10


@pytest.mark.parametrize("optimizer", sorted(families["optimizers"]))
@pytest.mark.parametrize("rate", [1e-3, 1.0, 1e3, 1e6])
def test_no_optimizer_at_any_rate_breaks_the_weights(optimizer: str, rate: float) -> None:
    made = trainer(VALUES, network__activation="relu", optimizer__name=optimizer, optimizer__learning_rate=rate)
    made.advance(300)
    assert all(np.isfinite(array).all() for array in made.parameters.values())
    assert np.isfinite(made.history["train_loss"][1]).all()


@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_divergence_does_not_depend_on_chunks(chunk: int) -> None:
    made = trainer(VALUES, optimizer__name="sgd", network__activation="relu", optimizer__learning_rate=30.0)
    reference = made.copy()
    reference.advance(1000)
    while made.stopped is None and made.step < 1000:
        made.advance(chunk)
    assert (made.step, made.digest()) == (reference.step, reference.digest())


def test_a_wrong_change_leaves_the_run_as_it_was() -> None:
    made = trainer(steps=20)
    before = made.digest(), made.config
    for changes in ({"optimizer.name": "adamm"}, {"optimizer.learning_rate": -1.0}, {"loss.name": "mae2"}):
        with pytest.raises(ConfigError):
            made.apply(changes)
    with pytest.raises(ConfigError, match="needs two classes"):
        Trainer(Config.from_dict({"data": {"name": "iris"}, "loss": {"name": "binary_cross_entropy"}}))
    assert (made.digest(), made.config) == before


def test_parameters_have_pytorch_shapes_and_can_be_set() -> None:
    made = trainer()
    assert {name: array.shape for name, array in made.parameters.items()} == {
        "dense1.weight": (5, 2),
        "dense1.bias": (5,),
        "dense2.weight": (4, 5),
        "dense2.bias": (4,),
        "dense3.weight": (2, 4),
        "dense3.bias": (2,),
    }
    weight = np.random.default_rng(0).normal(size=(5, 2)).astype(np.float32)
    made.set_parameters({"dense1.weight": weight})
    assert np.array_equal(made.parameters["dense1.weight"], weight)
    with pytest.raises(ConfigError, match=r"did you mean 'dense1\.weight'"):
        made.set_parameters({"dense1.wight": weight})
    with pytest.raises(ConfigError, match="shape"):
        made.set_parameters({"dense1.weight": weight.T})


def test_early_stopping_restores_the_best_weights() -> None:
    made = trainer(steps=5000, training__early_stopping=5, optimizer__learning_rate=0.5)
    assert made.stopped == "early stopping"
    losses = made.history["val_loss"][1]
    assert made.evaluate("val")["loss"] == pytest.approx(losses.min(), rel=1e-6)


@pytest.mark.parametrize("averaging", ["none", "ema", "swa"])
@pytest.mark.parametrize("ends", [{"early_stopping": 5}, {"early_stopping": 1000, "max_epochs": 60}])
@pytest.mark.parametrize("normalization", ["none", "batch_norm"])
def test_what_was_judged_best_comes_back(averaging: str, ends: dict, normalization: str, tmp_path: Path) -> None:
    """Weights or their average, whether patience ends the run or its epochs do, and from a saved state too."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(200, 10))
    y = (x[:, 0] + rng.normal(0, 1.5, 200) > 0).astype(int)
    data = x[:100], y[:100], x[100:], y[100:]
    changes = {
        "network.hidden": [64],
        "network.normalization": normalization,
        "averaging.name": averaging,
        "averaging.decay": 0.9,
        "optimizer.learning_rate": 0.02,
        "training.batch_size": 16,
        "training.evaluate_every": 0,
        **{f"training.{name}": value for name, value in ends.items()},
    }
    made = Trainer(config().with_changes(changes), data)
    made.advance(60)
    made.save(tmp_path / "state")
    loaded = Trainer.load(tmp_path / "state", data)
    for run in (made, loaded):
        run.advance(10_000)
        assert run.stopped == ("finished" if "max_epochs" in ends else "early stopping")
        assert run.history["val_loss"][1][-1] > run.history["val_loss"][1].min()
        assert run.evaluate("val")["loss"] == pytest.approx(run.history["val_loss"][1].min(), rel=1e-6)
    assert loaded.digest() == made.digest()
    made.apply({"averaging.name": "none", "training.early_stopping": 0, "training.max_epochs": 0})
    assert made.advance(5).n_steps == 5


def test_limits_end_the_run_exactly() -> None:
    assert trainer(steps=100, training__max_steps=37).step == 37
    made = trainer(steps=1000, training__max_epochs=3)
    assert (made.epoch, made.stopped) == (3, "finished")
    assert made.history["val_loss"][0][-1] == made.step


def test_averages_are_evaluated_and_raw_weights_come_back() -> None:
    made = trainer(steps=50)
    made.apply({"averaging.name": "swa"})
    seen = []
    for _ in range(10):
        made.advance(1)
        seen.append(made.parameters["dense1.weight"])
    averaged = made.memory.average[:10].reshape(2, 5).T
    assert averaged == pytest.approx(np.mean(seen, axis=0), abs=1e-6)
    with_average = made.evaluate("val")["loss"]
    raw = made.parameters
    made.apply({"averaging.name": "none"})
    assert made.evaluate("val")["loss"] != with_average
    assert all(np.array_equal(made.parameters[name], raw[name]) for name in raw)


def test_frozen_layers_stay() -> None:
    made = trainer(steps=10)
    before = made.parameters
    made.apply({"network.frozen": ["dense2"]})
    made.advance(20)
    after = made.parameters
    assert np.array_equal(before["dense2.weight"], after["dense2.weight"])
    assert not np.array_equal(before["dense1.weight"], after["dense1.weight"])


def test_copies_are_independent() -> None:
    made = trainer(steps=30)
    twin = made.copy()
    twin.advance(10)
    assert made.step == 30
    made.advance(10)
    assert same_weights(made, twin)
    assert made.digest() == twin.digest()


@pytest.mark.parametrize("base", [CLASSES, VALUES, IMAGES], ids=["classes", "values", "images"])
def test_without_validation_rows_there_are_no_validation_metrics(base: dict) -> None:
    made = trainer(base, 50, data__val_fraction=0.0)
    assert made.evaluate("val") == {}
    assert "val_loss" not in made.history
    assert made.evaluate("train")["loss"] > 0.0
