"""What an evaluation measures: on which rows, and which R²."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from dltui.core import Config, Trainer, load_preset
from dltui.core.training.cadence import TRAIN_ROWS, sampled_rows


def test_the_curve_of_the_training_rows_is_of_a_sample_of_all_of_them() -> None:
    """A file sorted by class: its first rows are all of one class, and easily right."""
    rng = np.random.default_rng(3)
    y = np.repeat([0, 1], [4500, 1500])
    x = rng.normal(size=(6000, 2))
    x[y == 1] += 0.9
    config = {"network": {"hidden": [8]}, "optimizer": {"name": "adam", "learning_rate": 0.01}}
    trainer = Trainer(Config.from_dict(config), (x, y, None, None))
    trainer.advance(500)
    rows = sampled_rows(len(x), TRAIN_ROWS, 0)
    trainer.advance(int(trainer.machine.state.last_evaluation == 0))
    shown = trainer.machine.evaluator.metrics(trainer.machine.sample)["accuracy"]
    assert shown == pytest.approx(float((trainer.predict(x[rows]).argmax(axis=1) == y[rows]).mean()))
    assert shown == pytest.approx(trainer.evaluate("train")["accuracy"], abs=0.03)
    assert trainer.history["train_accuracy"][1][0] == pytest.approx(0.5, abs=0.3)


def test_r2_of_a_sample_is_by_the_spread_of_the_sample() -> None:
    rng = np.random.default_rng(5)
    x = np.sort(rng.uniform(-3, 3, 5000))[:, None]
    trainer = Trainer(Config.from_dict({}), (x, np.exp(x) + rng.normal(0, 0.5, (5000, 1)), None, None))
    trainer.advance(3000)
    sample = trainer.machine.sample
    t = sample.y.astype(np.float64)
    left = ((trainer.machine.evaluator.predict(sample.x) - t) ** 2).sum() / ((t - t.mean()) ** 2).sum()
    assert trainer.machine.evaluator.metrics(sample)["r2"] == pytest.approx(1 - left, abs=1e-5)


@pytest.mark.parametrize("n", [2001, 2500, 60_000])
def test_sampled_rows_are_spread_over_all_and_follow_from_the_seed(n: int) -> None:
    rows = sampled_rows(n, 2000, 4)
    assert len(np.unique(rows)) == 2000
    assert rows.min() >= 0
    assert rows.max() < n
    assert np.bincount(rows * 10 // n, minlength=10).min() >= 180
    assert np.array_equal(rows, sampled_rows(n, 2000, 4))
    assert not np.array_equal(rows, sampled_rows(n, 2000, 5))


def test_r2_of_several_outputs_is_scikit_learns() -> None:
    """The plain mean over outputs of very different spread, one that does not vary among them."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3))
    y = np.column_stack(
        (x[:, 0] * 100 + rng.normal(0, 1, 200), x[:, 1] * 0.1 + rng.normal(0, 0.3, 200), np.full(200, 0.1))
    )
    config = {"network": {"hidden": [16]}, "optimizer": {"name": "adam", "learning_rate": 0.05}}
    trainer = Trainer(Config.from_dict(config), (x[:120], y[:120], x[120:], y[120:]))
    trainer.advance(1000)
    t, p = y[120:].astype(np.float32).astype(np.float64), trainer.predict(x[120:]).astype(np.float64)
    varies = t[:, :2]
    each = 1 - ((varies - p[:, :2]) ** 2).sum(axis=0) / ((varies - varies.mean(axis=0)) ** 2).sum(axis=0)
    assert trainer.evaluate("val")["r2"] == pytest.approx((each.sum() + 0.0) / 3, abs=1e-5)
    if find_spec("sklearn") is not None:
        from sklearn.metrics import r2_score

        assert trainer.evaluate("val")["r2"] == pytest.approx(r2_score(t, p), abs=1e-5)


def test_r2_of_an_autoencoder_is_of_the_whole_picture() -> None:
    """Its outputs are one quantity, and pixels that hardly vary must not decide."""
    trainer = Trainer(load_preset("autoencoder"))
    trainer.advance(50)
    x = trainer.data.x_val
    p = trainer.machine.evaluator.predict(x).astype(np.float64)
    wanted = trainer.data.y_val.astype(np.float64)
    left = ((wanted - p) ** 2).sum() / ((wanted - wanted.mean(axis=0)) ** 2).sum()
    assert trainer.evaluate("val")["r2"] == pytest.approx(1 - left, abs=1e-5)


def test_one_row_has_no_r2() -> None:
    trainer = Trainer(
        Config.from_dict({}), (np.ones((3, 1)), np.arange(3.0)[:, None], np.ones((1, 1)), np.ones((1, 1)))
    )
    assert np.isnan(trainer.evaluate("val")["r2"])
