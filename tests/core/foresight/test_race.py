"""A race: the future that happens, whatever runs beside it."""

from __future__ import annotations

import numpy as np
import pytest
from nets import CLASSES, VALUES, config, trainer

from dltui.core import Trainer, families
from dltui.core.foresight.race import Contender, race, ranked

OPTIMIZERS = [{"optimizer.name": name} for name in sorted(families["optimizers"])]


def _outcome(one: Contender) -> tuple[object, ...]:
    assert one.future is not None
    return (one.number, dict(one.changes), one.future.step, one.future.stopped, dict(one.future.metrics),
            one.future.digest)  # fmt: skip


def test_the_result_does_not_depend_on_how_many_run_at_a_time() -> None:
    start = trainer()
    before = start.digest()
    alone, together = (race(start, OPTIMIZERS, 200, workers=workers) for workers in (1, 3))
    assert [_outcome(one) for one in alone] == [_outcome(one) for one in together]
    assert start.digest() == before and start.step == 0


@pytest.mark.parametrize("base", [CLASSES, VALUES], ids=["classes", "values"])
def test_a_contender_is_the_run_that_its_settings_make(base: dict) -> None:
    changes = {"optimizer.name": "momentum", "network.hidden": (6,), "data.noise": 0.3}
    (one,) = race(trainer(base), [changes], 150)
    run = Trainer(config(base).with_changes(changes))
    run.aim(150)
    run.advance(150)
    assert one.future is not None and one.future.digest == run.digest()
    assert one.future.metrics["val_loss"] == run.evaluate("val")["loss"]


def test_from_the_state_in_force_it_is_the_future_of_the_change() -> None:
    start = trainer(steps=120)
    found = race(start, OPTIMIZERS, 80, anew=False)
    for one in found:
        run = start.copy()
        run.apply(one.changes)
        run.advance(80)
        assert one.future is not None and one.future.step == 200
        theirs, ours = one.future.curves["train_loss"], run.history["train_loss"]
        assert np.array_equal(theirs[0], ours[0]) and np.array_equal(theirs[1], ours[1])
        assert one.future.metrics["train_loss"] == run.evaluate("train")["loss"]


def test_what_diverges_or_is_refused_stands_last_with_its_reason() -> None:
    contenders: list[dict[str, object]] = [
        {"optimizer.learning_rate": 1e6, "optimizer.name": "sgd", "network.activation": "relu"},
        {"loss.name": "mse", "network.frozen": ("dense9",)},
        {"optimizer.learning_rate": 0.02},
        {"optimizer.learning_rate": 0.0},
    ]
    found = ranked(race(trainer(VALUES), contenders, 300), "val_loss")
    assert [one.number for one in found] == [2, 3, 0, 1]
    assert found[2].future is not None and found[2].future.stopped == "diverged"
    assert found[2].future.n_steps < 300 and not found[2].future.metrics
    assert "dense9" in found[3].refused


def test_a_higher_accuracy_is_better() -> None:
    found = ranked(race(trainer(), [{"optimizer.learning_rate": rate} for rate in (0.0, 0.02)], 400), "val_accuracy")
    assert [one.number for one in found] == [1, 0]


def test_a_goal_is_noted_and_the_race_goes_on() -> None:
    (one,) = race(trainer(), [{}], 300, goal=lambda run: run.step >= 40)
    assert one.future is not None and one.future.n_steps == 300
    assert one.future.reached is not None and one.future.reached[0] == 100


def test_it_can_be_called_off() -> None:
    seen: list[int] = []
    (one,) = race(trainer(), [{}], 10**9, called_off=lambda: len(seen) > 2, progress=lambda _, made: seen.append(made))
    assert one.future is not None and one.future.stopped == "called off" and one.future.n_steps < 10**9
