"""The lesson of each preset is true: the bad ones fail as they say, and their cures cure."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from lessons import score, trained

from dltui.core.config.presets import list_presets, load_preset
from dltui.core.registry import families
from dltui.core.training.trainer import Trainer

NAMES = [head.name for head in list_presets()]

DIVERGES = {"exploding_gradient"}
"""Presets whose lesson is that there is soon no finite number left."""

SUCCEEDS = {
    "spiral": (9000, 0.93),
    "jump_start": (400, 0.95),
    "xor": (4000, 0.9),
    "circle": (4000, 0.9),
    "moons": (6000, 0.88),
    "universal_approximation": (6000, 0.9),
    "hand_made_inputs": (3000, 0.95),
    "perceptron": (1000, 0.97),
    "vanishing_cured_by_relu": (3000, 0.95),
    "vanishing_cured_by_batch_norm": (3000, 0.9),
    "vanishing_cured_by_initialization": (3000, 0.95),
    "exploding_cured_by_clipping": (3000, 0.85),
    "dead_relu_cured_by_leaky": (3000, 0.95),
    "scaled_input": (1500, 0.93),
    "outliers_and_clipping": (3000, 0.93),
    "mini_batch": (4500, 0.9),
    "stochastic": (4500, 0.88),
    "larger_batch_larger_rate": (4500, 0.9),
    "overfitting_more_data": (3000, 0.85),
    "digits": (2520, 0.96),
    "digits_conv": (1680, 0.96),
    "autoencoder": (6000, 0.65),
    "iris": (1400, 0.9),
    "wine": (1200, 0.93),
    "breast_cancer": (2000, 0.94),
    "diabetes": (1500, 0.35),
    **{name: (5000, 0.9) for name in NAMES if name.startswith("schedule_")},
    **{name: (9000, 0.78) for name in NAMES if name.startswith("optimizer_")},
}
"""Preset -> steps, and the validation accuracy (or R²) it has by then."""

FAILS = {
    "linear_stack": (3000, 0.65),
    "xor_without_hidden_layer": (3000, 0.65),
    "vanishing_gradient": (4000, 0.6),
    "dead_relu": (3000, 0.6),
    "unscaled_input": (1500, 0.6),
    "local_minimum": (6000, 0.8),
    "learning_rate_too_large": (3000, 0.97),
    "learning_rate_too_small": (3000, 0.92),
}
"""Preset -> steps, and the training accuracy it still has not by then."""

CURES = [
    ("linear_stack", {"network.activation": "tanh"}, 3000),
    ("xor_without_hidden_layer", {"network.hidden": [4], "optimizer.learning_rate": 0.3}, 6000),
    ("vanishing_gradient", {"network.activation": "relu"}, 3000),
    ("vanishing_gradient", {"network.normalization": "batch_norm"}, 3000),
    ("dead_relu", {"network.activation": "leaky_relu", "network.negative_slope": 0.1}, 3000),
    ("exploding_gradient", {"regularization.clip_norm": 1.0}, 3000),
    ("local_minimum", {"network.hidden": [4]}, 6000),
    ("learning_rate_too_large", {"optimizer.learning_rate": 0.01}, 3000),
    ("learning_rate_too_small", {"optimizer.learning_rate": 0.01}, 3000),
    *(("unscaled_input", {"data.scaler": name}, 1500) for name in ("standardize", "minmax", "robust", "linear")),
]
"""Preset, the change its lesson proposes, and the steps after which it helps."""


CHECKED_HERE = {
    "full_batch",
    *(f"overfitting{cure}" for cure in ("", "_dropout", "_l2", "_early_stopping", "_more_data")),
}
"""Presets whose lesson has a test of its own below, and no number above."""


@pytest.mark.parametrize("name", NAMES)
def test_every_preset_trains(name: str) -> None:
    trainer = Trainer(load_preset(name))
    result = trainer.advance(20)
    assert (result.stopped == "diverged") == (name in DIVERGES)
    if name not in DIVERGES:
        assert result.n_steps == 20
    assert all(np.isfinite(values).all() for values in trainer.parameters.values())


@pytest.mark.parametrize("name", SUCCEEDS)
def test_a_good_preset_learns(name: str) -> None:
    n_steps, least = SUCCEEDS[name]
    assert score(trained(name, n_steps), "val") >= least


@pytest.mark.parametrize("name", FAILS)
def test_a_bad_preset_fails_as_it_says(name: str) -> None:
    n_steps, most = FAILS[name]
    assert score(trained(name, n_steps), "train") <= most


@pytest.mark.parametrize(("name", "changes", "n_steps"), CURES, ids=lambda value: str(value))
def test_the_cure_of_a_bad_preset_cures(name: str, changes: dict, n_steps: int) -> None:
    assert score(trained(name, n_steps, changes), "val") >= 0.88


def test_a_gradient_vanishes_through_sigmoids_and_not_through_relus() -> None:
    shares = {}
    for name in ("vanishing_gradient", "vanishing_cured_by_relu"):
        gradients = trained(name, 1).gradients
        first, last = (np.linalg.norm(gradients[f"dense{number}.weight"]) for number in (1, 9))
        shares[name] = first / last
    assert shares["vanishing_gradient"] < 1e-3
    assert shares["vanishing_cured_by_relu"] > 0.05


def test_each_cure_of_overfitting_closes_the_gap() -> None:
    def gap(name: str) -> float:
        trainer = trained(name, 3000)
        return trainer.evaluate("val")["loss"] - trainer.evaluate("train")["loss"]

    by_heart = gap("overfitting")
    assert by_heart > 1.0
    for cure in ("dropout", "l2", "early_stopping", "more_data"):
        assert gap(f"overfitting_{cure}") < by_heart / 2, cure


def test_one_layer_fits_better_the_wider_it_is() -> None:
    narrow = trained("universal_approximation", 6000, {"network.hidden": [2]})
    wide = trained("universal_approximation", 6000, {"network.hidden": [24]})
    assert wide.evaluate("train")["loss"] < narrow.evaluate("train")["loss"] / 2


def test_small_batches_learn_faster_per_epoch() -> None:
    n_epochs, losses = 60, []
    for name in ("full_batch", "mini_batch"):
        trainer = Trainer(load_preset(name))
        while trainer.epoch < n_epochs:
            trainer.advance(1)
        losses.append(trainer.evaluate("train")["loss"])
    assert losses[1] < losses[0] / 2


def test_the_lesson_of_every_preset_is_checked(record_property: Callable[[str, object], None]) -> None:
    """Run with `-s` or `-rP` to see the count."""
    checked = {*SUCCEEDS, *FAILS, *DIVERGES, *(name for name, _, _ in CURES), *CHECKED_HERE}
    print(f"presets whose lesson is checked: {len(checked & set(NAMES))} of {len(NAMES)}")
    record_property("lessons", len(checked & set(NAMES)))
    assert checked >= set(NAMES)


def test_every_schedule_and_optimizer_has_a_preset() -> None:
    missing = {f"schedule_{name}" for name in families["schedules"]} - set(NAMES)
    missing |= {f"optimizer_{name}" for name in families["optimizers"]} - set(NAMES)
    assert not missing


def test_the_presets_of_one_group_differ_in_one_thing_only() -> None:
    for prefix, section in (("schedule_", "schedule"), ("optimizer_", "optimizer")):
        configs = [load_preset(name) for name in NAMES if name.startswith(prefix)]
        for config in configs:
            assert config.network == configs[0].network
            assert config.data == configs[0].data
            assert config.training == configs[0].training
            assert section == "optimizer" or config.optimizer.name == configs[0].optimizer.name
