"""What the lessons say beside success and failure: dead units, trembling curves, gaps, and what the cures leave."""

from __future__ import annotations

import numpy as np
import pytest
from lessons import epochs, roughness, score, train_loss, trained

from dltui.core.config.presets import load_preset
from dltui.core.training.trainer import Trainer


def test_a_coin_would_score_the_same_without_a_hidden_layer_and_with_a_vanished_gradient() -> None:
    for name in ("xor_without_hidden_layer", "vanishing_gradient"):
        assert train_loss(trained(name, 3000)) == pytest.approx(np.log(2), abs=0.01)


def test_a_signal_dies_from_small_first_weights() -> None:
    small = {"network.initializer": "normal", "network.std": 0.01}
    died = trained("vanishing_cured_by_initialization", 3000, small)
    assert score(died, "train") <= 0.6
    gradients = trained("vanishing_cured_by_initialization", 1, small).gradients
    assert np.linalg.norm(gradients["dense1.weight"]) < 1e-6


def test_normalization_can_be_taken_out_after_some_hundred_steps_but_not_after_twenty() -> None:
    losses = {}
    for n_steps in (20, 400):
        trainer = trained("vanishing_cured_by_batch_norm", n_steps)
        before = trainer.predict(trainer.data.x_val)
        trainer.apply({"network.normalization": "none"})
        assert np.abs(trainer.predict(trainer.data.x_val) - before).max() < 1e-5
        trainer.advance(300)
        losses[n_steps] = train_loss(trainer)
    assert losses[20] > 0.5
    assert losses[400] < 0.1


def dead_units(trainer: Trainer, slope: float) -> int:
    """Hidden units that no training point makes positive."""
    h, n_dead = trainer.data.x_train.astype(np.float64), 0
    for number in (1, 2):
        weights = trainer.parameters
        z = h @ weights[f"dense{number}.weight"].T + weights[f"dense{number}.bias"]
        n_dead += int((z <= 0).all(axis=0).sum())
        h = np.where(z > 0, z, slope * z)
    return n_dead


def test_the_dead_stay_dead_until_they_leak() -> None:
    trainer = trained("dead_relu", 3000)
    n_dead = dead_units(trainer, 0.0)
    assert n_dead >= 8
    trainer.apply({"optimizer.learning_rate": 0.01})
    trainer.advance(3000)
    assert dead_units(trainer, 0.0) >= n_dead
    assert score(trainer, "train") <= 0.6
    trainer.apply({"network.activation": "leaky_relu", "network.negative_slope": 0.1, "optimizer.learning_rate": 0.1})
    trainer.advance(3000)
    assert dead_units(trainer, 0.1) <= 2
    assert score(trainer, "train") >= 0.95
    assert dead_units(trained("dead_relu_cured_by_leaky", 3000), 0.1) <= 2


def test_an_exploding_start_comes_down_steadily_when_clipped() -> None:
    trainer = Trainer(load_preset("exploding_cured_by_clipping"))
    first = train_loss(trainer)
    assert first > 10.0
    assert trainer.advance(3000).stopped is None
    assert train_loss(trainer) < first / 1000
    assert Trainer(load_preset("exploding_gradient")).advance(200).stopped == "diverged"


def test_cut_columns_leave_more_room_for_the_many() -> None:
    rooms, losses = [], []
    for scaler in ("clip", "minmax"):
        trainer = trained("outliers_and_clipping", 500, {"data.scaler": scaler})
        x = trainer.data.x_train
        low, high = np.quantile(x, [0.25, 0.75], axis=0)
        rooms.append(np.median((high - low) / np.ptp(x, axis=0)))
        losses.append(train_loss(trainer))
    assert rooms[0] > 1.3 * rooms[1]
    assert losses[0] < losses[1]


def test_a_large_rate_leaps_and_a_small_one_falls_evenly() -> None:
    curves = [trained(f"learning_rate_too_{size}", 200).history["train_loss"][1] for size in ("large", "small")]
    assert curves[0].max() > 2 * curves[0][0]
    assert curves[1].max() < 1.5 * curves[1][0]
    losses = [train_loss(trained("learning_rate_too_small", n_steps)) for n_steps in (0, 1000, 2000, 3000)]
    assert losses == sorted(losses, reverse=True)


def test_some_starts_end_near_one_loss_and_some_near_another_and_none_moves_on() -> None:
    ends = []
    for seed in range(8):
        trainer = trained("local_minimum", 6000, {"training.seed": seed})
        ends.append(train_loss(trainer))
        trainer.advance(1000)
        assert train_loss(trainer) == pytest.approx(ends[-1], rel=0.05)
    assert min(ends) < 0.25
    assert max(ends) > 0.35


def test_a_larger_batch_can_trust_a_larger_rate() -> None:
    def after(name: str, batch: int, changes: dict | None = None) -> float:
        """Mean loss of the last ten of a hundred epochs."""
        losses = epochs(name, 100, changes).history["train_loss"][1]
        return float(losses[-10 * -(-280 // batch) :].mean())

    small = after("mini_batch", 16, {"optimizer.learning_rate": 0.02})
    both = after("larger_batch_larger_rate", 160)
    batch_alone = after("larger_batch_larger_rate", 160, {"optimizer.learning_rate": 0.02})
    assert both == pytest.approx(small, rel=0.2)
    assert batch_alone > 2 * both
    trainer = epochs("larger_batch_larger_rate", 100)
    calm = roughness(trainer)
    trainer.apply({"training.batch_size": 16})
    assert roughness(trainer) > 2 * calm


def test_single_points_are_wild_and_quick_and_calm_down_with_the_rate() -> None:
    after = {name: epochs(name, 5) for name in ("stochastic", "mini_batch", "full_batch")}
    losses = [train_loss(trainer) for trainer in after.values()]
    assert losses == sorted(losses)
    rough = [roughness(trainer) for trainer in after.values()]
    assert rough[0] > 2 * rough[1]
    assert rough[1] > 5 * rough[2]
    trainer, plain = epochs("stochastic", 40), epochs("stochastic", 40)
    trainer.apply({"schedule.name": "time_decay"})
    for made in (trainer, plain):
        made.advance(5600)
    assert train_loss(trainer) < train_loss(plain)


def test_trembling_shrinks_with_the_root_of_the_batch() -> None:
    rough = [roughness(epochs("mini_batch", 20, {"training.batch_size": size})) for size in (4, 64)]
    assert rough[0] / rough[1] == pytest.approx(4.0, rel=0.5)


def test_the_validation_loss_turns_while_all_is_learned_by_heart() -> None:
    trainer = trained("overfitting", 3000)
    seen = trainer.history["val_loss"][1]
    assert train_loss(trainer) < 0.01
    assert seen[0] > seen.min()
    assert seen[-1] > 2 * seen.min()
    norm = np.linalg.norm(trainer.parameters["dense2.weight"])
    assert np.linalg.norm(trained("overfitting_l2", 3000).parameters["dense2.weight"]) < norm / 3
    assert train_loss(trained("overfitting_dropout", 3000)) > 20 * train_loss(trainer)
    stopped = trained("overfitting_early_stopping", 3000)
    assert stopped.stopped == "early stopping"
    assert stopped.evaluate("val")["loss"] == pytest.approx(stopped.history["val_loss"][1].min(), rel=1e-4)


def test_features_are_made_by_hand_or_learned() -> None:
    assert score(trained("hand_made_inputs", 3000, {"data.features": "x1,x2"}), "train") <= 0.65
    assert score(trained("circle", 4000, {"network.hidden": [2]}), "train") < 0.9


def test_what_the_tables_say() -> None:
    assert score(trained("wine", 1200, {"network.hidden": []}), "val") >= 0.93
    line, small, large = (trained("diabetes", 4500, {"network.hidden": hidden}) for hidden in ([], [8], [64, 64]))
    assert 0.4 < score(line, "val") < 0.5
    assert score(large, "train") > score(small, "train") + 0.03
    assert score(large, "val") < score(small, "val")
    free = trained("breast_cancer", 2000, {"regularization.l2": 0.0}).history["val_loss"][1]
    kept = trained("breast_cancer", 2000).history["val_loss"][1]
    assert free[-1] > 1.2 * free.min()
    assert kept[-1] < 1.1 * kept.min()


def test_dropout_costs_training_loss_and_pays_in_validation() -> None:
    without, with_dropout = (trained("digits", 2520, {"regularization.dropout": p}) for p in (0.0, 0.2))
    assert train_loss(with_dropout) > train_loss(without)
    assert with_dropout.evaluate("val")["loss"] < without.evaluate("val")["loss"]
