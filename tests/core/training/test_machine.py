"""A state made ready to run: the rows its curves are measured on, and looking ahead without a change."""

from __future__ import annotations

import numpy as np
import pytest
from nets import IMAGES, VALUES, config, trainer

from dltui.core import ConfigError, Trainer
from dltui.core.training.cadence import TRAIN_ROWS
from dltui.core.training.machine import Machine


def test_curves_of_many_rows_are_measured_on_a_sample_of_them() -> None:
    few = trainer()
    assert few.machine.sample is few.machine.train
    many = trainer(data__n_samples=5000, data__val_fraction=0.2)
    assert len(many.machine.train) == 4000 and len(many.machine.sample) == TRAIN_ROWS
    rows = {row.tobytes() for row in many.machine.train.x}
    assert all(row.tobytes() in rows for row in many.machine.sample.x)
    assert np.array_equal(many.machine.sample.x, Machine(many.state).sample.x)


@pytest.mark.parametrize("base", [{"network": {"hidden": [5]}}, VALUES, IMAGES], ids=["classes", "values", "images"])
@pytest.mark.parametrize("norm", ["none", "batch_norm"])
def test_the_loss_to_come_is_known_before_the_step(base: dict, norm: str) -> None:
    made = trainer(base, steps=13, network__normalization=norm, regularization__dropout=0.2)
    before = made.digest()
    expected = made.machine.next_loss()
    assert made.digest() == before
    made.advance(1)
    assert made.history["train_loss"][1][-1] == pytest.approx(expected, rel=1e-5)


def test_state_and_counters_follow_each_other() -> None:
    made = trainer(training__batch_size=7)
    losses = np.empty(20, np.float32)
    assert made.machine.run(20, losses) == (20, 0)
    assert (made.state.step, made.state.epoch, made.state.position) == (20, 3, 14)
    assert len(made.machine.rates) == 20 and np.isfinite(losses).all()
    other = Machine(made.state)
    other.run(5, losses)
    assert made.state.step == 25, "another machine goes on from where the state is"


@pytest.mark.parametrize("loss", ["auto", "cross_entropy", "binary_cross_entropy"])
def test_rare_classes_count_as_much_as_frequent_ones_where_the_loss_is_asked_to(loss: str) -> None:
    x, y, *_ = _unequal()
    losses = {}
    for weights in ("none", "balanced"):
        made = Trainer(
            config(loss__name=loss, loss__class_weights=weights, training__batch_size="full"),
            data=(x, y, x, y),
        )
        p = made.predict(x).astype(np.float64)
        p = np.hstack([1.0 - p, p]) if p.shape[1] == 1 else p
        errors = -np.log(p[np.arange(100), y])
        losses[weights] = made.machine.next_loss()
        share = np.where(y == 1, 100 / 20, 100 / 180) if weights == "balanced" else np.ones(100)
        assert losses[weights] == pytest.approx((errors * share).sum() / share.sum(), rel=1e-4)
    assert losses["none"] != pytest.approx(losses["balanced"], rel=1e-3)


def test_class_weights_are_switched_in_mid_run_and_back() -> None:
    made = Trainer(config(), data=_unequal())
    made.advance(20)
    before = made.evaluate("train")["loss"]
    made.apply({"loss.class_weights": "balanced"})
    assert made.evaluate("train")["loss"] != pytest.approx(before, rel=1e-3)
    made.apply({"loss.class_weights": "none"})
    assert made.evaluate("train")["loss"] == before


def test_class_weights_without_effect_are_refused() -> None:
    made = Trainer(config(), data=_unequal())
    made.apply({"loss.class_weights": "balanced"})
    with pytest.raises(ConfigError, match=r"loss.class_weights = .*has no effect with hinge.*binary_cross_entropy"):
        made.apply({"loss.name": "hinge"})
    x, y = np.zeros((20, 2), np.float32), np.zeros((20, 1), np.float32)
    with pytest.raises(ConfigError, match=r"no effect where values are predicted; allowed: none"):
        Trainer(config(loss__class_weights="balanced"), data=(x, y, x, y))


def _unequal() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(100, 2)).astype(np.float32), (np.arange(100) % 10 == 0).astype(np.int64)
    return x, y, x, y


def test_the_state_is_copied_so_rarely_that_it_costs_two_percent() -> None:
    small, large = trainer().machine, trainer(network__hidden=[300, 300]).machine
    assert small.copy_every >= 1 and large.copy_every >= 1
    assert small.copy_every > large.copy_every
