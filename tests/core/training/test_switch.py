"""What a switch in the middle of a run does, for every setting and every member of every family."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from nets import CLASSES, IMAGES, VALUES, same_weights, trainer

from dltui.core import ConfigError, Trainer, families

WITHOUT_EFFECT = {
    "preset.title": "says what the preset is",
    "preset.lesson": "says what the preset is",
    "preset.group": "says what the preset is",
    "preset.steps": "says what the preset is",
    "preset.order": "says what the preset is",
    "preset.panels": "says what a screen shows",
    "preset.beside": "says what a screen shows",
    "preset.hide": "says what a screen shows",
    "network.blend_steps": "is used at the next change of activation",
    "averaging.name": "averages what the steps make",
    "averaging.decay": "averages what the steps make",
    "averaging.every": "averages what the steps make",
    "training.max_epochs": "ends a run",
    "training.max_steps": "ends a run",
    "training.early_stopping": "ends a run",
    "training.evaluate_every": "looks at a run",
    "jump_start.path": "is used when a run starts",
    "jump_start.layers": "is used when a run starts",
    "jump_start.shrink": "is used when a run starts",
    "jump_start.perturb": "is used when a run starts",
    "jump_start.freeze": "is used when a run starts",
}
"""Settings that do not act on the next step, and why."""

OTHERS = {
    "regularization.clip_norm": 1e-3,
    "regularization.clip_value": 1e-3,
    "training.max_epochs": 10**6,
    "training.max_steps": 10**6,
    "network.hidden": (5, 6),
    "network.frozen": ("dense1",),
    "preset.panels": ("loss",),
    "network.layers.0.kind": "layer_norm",
    "network.layers.1.kind": "layer_norm",
}
"""Where any other value would not do."""

BUSY: dict[str, Any] = {
    "regularization__dropout": 0.2,
    "schedule__name": "cosine",
    "schedule__warmup_steps": 0,
    "averaging__name": "none",
    # An odd number, so that the classes are unequal and their weights differ.
    "data__n_samples": 61,
}


def _fields() -> list[str]:
    return [info.path for info in trainer(**BUSY).config.fields()]


def _other(made: Trainer, path: str) -> Any:
    """A value for a setting that differs from the one in force, or None where there is no other."""
    if path in OTHERS:
        return OTHERS[path]
    info = next(info for info in made.config.fields() if info.path == path)
    value = info.value
    if info.choices:
        return next((choice for choice in info.choices if choice != value and choice not in ("auto", "")), None)
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        for trial in (value * 2, value + 1, value / 2, value * 0.9 + 0.05, value - 1):
            trial = int(trial) if isinstance(value, int) else float(trial)
            try:
                if trial != value and made.config.with_changes({path: trial}) != made.config:
                    return trial
            except ConfigError:
                continue
    return None


@cache
def _busy(*, pictures: bool) -> Trainer:
    return trainer(IMAGES if pictures else CLASSES, 40, **BUSY)


@pytest.fixture
def busy(path: str) -> Trainer:
    """A run in full swing with something of everything, on pictures for what moves their pixels."""
    section, _, name = path.partition(".")
    return _busy(pictures=section == "regularization" and families["regularizers"][name].of_pictures)


@pytest.mark.parametrize("path", _fields())
def test_setting_a_value_to_what_it_is_changes_nothing(busy: Trainer, path: str) -> None:
    made, control = busy.copy(), busy.copy()
    made.apply({path: made.config.get(path)})
    made.advance(1000)
    control.advance(1000)
    assert made.digest() == control.digest()


@pytest.mark.parametrize("path", _fields())
def test_going_there_and_back_without_a_step_changes_nothing(busy: Trainer, path: str) -> None:
    made, control = busy.copy(), busy.copy()
    value = _other(made, path)
    if value is None or path in ("training.seed", "network.initializer"):
        return
    before = made.config
    made.apply({path: value})
    made.apply({path: before.get(path)})
    assert made.config == before
    made.advance(200)
    control.advance(200)
    assert made.digest() == control.digest()


@pytest.mark.parametrize("path", _fields())
def test_a_changed_setting_acts_on_the_very_next_step(busy: Trainer, path: str) -> None:
    made, control = busy.copy(), busy.copy()
    value = _other(made, path)
    if value is None:
        return
    made.apply({path: value})
    # The optimizer's moments see a new setting in the step after; the schedule's clock begins anew with rate 1.
    n = 2 if path.startswith("schedule.") else 1
    made.advance(n)
    control.advance(n)
    assert same_weights(made, control) == (path in WITHOUT_EFFECT), path


PATHS = {
    "activations": "network.activation",
    "optimizers": "optimizer.name",
    "schedules": "schedule.name",
    "scalers": "data.scaler",
}
MEMBERS = [(path, name) for family, path in PATHS.items() for name in sorted(families[family])]


@pytest.mark.parametrize(("path", "name"), MEMBERS)
def test_every_member_can_be_switched_to_and_back(path: str, name: str) -> None:
    made = trainer(steps=30)
    home, control = made.config.get(path), made.copy()
    made.apply({path: name})
    made.apply({path: home})
    made.advance(50)
    control.advance(50)
    assert made.digest() == control.digest()
    made.apply({path: name})
    assert made.advance(50).n_steps == 50
    assert all(np.isfinite(array).all() for array in made.parameters.values())
    assert made.config.get(path) == name


@pytest.mark.parametrize("name", sorted(families["regularizers"]))
def test_every_regularizer_acts_at_once_and_can_be_taken_back(name: str) -> None:
    made = trainer(IMAGES if families["regularizers"][name].of_pictures else CLASSES, 30)
    control = made.copy()
    strength = families["regularizers"][name].strength
    high = strength.high if strength.high is not None else 1.0
    value = min(0.3, high) if name not in ("clip_norm", "clip_value", "max_norm") else 1e-3
    made.apply({f"regularization.{name}": value})
    made.advance(1)
    control.advance(1)
    assert not same_weights(made, control)
    made.apply({f"regularization.{name}": 0.0})
    assert made.advance(20).n_steps == 20


@pytest.mark.parametrize("base", [CLASSES, VALUES], ids=["classes", "values"])
@pytest.mark.parametrize("name", sorted(families["losses"]))
def test_every_loss_that_fits_can_be_switched_to(base: dict, name: str) -> None:
    made = trainer(base, 30)
    loss = families["losses"][name]
    if made.data.task not in loss.tasks:
        with pytest.raises(ConfigError, match="does not work with"):
            made.apply({"loss.name": name})
        return
    event = made.apply({"loss.name": name})
    assert event is None or event.segment
    assert made.advance(30).n_steps == 30


def test_a_mark_carries_the_loss_before_and_after_on_the_same_batch() -> None:
    made = trainer(steps=100)
    control = made.copy()
    event = made.apply({"network.activation": "relu"})
    assert event is not None
    assert event.step == 100
    made.advance(1)
    control.advance(1)
    assert event.before == pytest.approx(control.history["train_loss"][1][-1], rel=1e-6)
    assert event.after == pytest.approx(made.history["train_loss"][1][-1], rel=1e-6)


@pytest.mark.parametrize("changes", [{"training.seed": 9}, {"network.initializer": "he_normal"}])
def test_new_first_weights_are_a_new_run(changes: dict) -> None:
    made = trainer(steps=50)
    made.apply(changes)
    assert made.step == 0
    assert "train_loss" not in made.history
    fresh = Trainer(trainer().config.with_changes(changes))
    made.advance(50)
    fresh.advance(50)
    assert made.digest() == fresh.digest()


@pytest.mark.parametrize("name", families["activations"])
def test_every_activation_can_be_blended_out(name: str) -> None:
    made = trainer(steps=100, network__blend_steps=20, network__activation=name)
    before = made.machine.next_loss()
    made.apply({"network.activation": "tanh" if name == "softplus" else "softplus"})
    assert made.machine.next_loss() == pytest.approx(before, rel=1e-6)
    made.advance(10)
    twin = made.copy()
    made.advance(30)
    twin.advance(30)
    assert made.digest() == twin.digest()


def test_a_blended_activation_starts_where_the_old_one_was() -> None:
    made = trainer(steps=100, network__blend_steps=20)
    control = made.copy()
    event = made.apply({"network.activation": "relu"})
    assert event is not None
    assert event.after == pytest.approx(event.before, rel=1e-6)
    made.advance(30)
    straight = trainer(steps=100)
    straight.apply({"network.activation": "relu"})
    x = np.random.default_rng(0).normal(size=(5, 2))
    straight.set_parameters(made.parameters)
    assert made.predict(x) == pytest.approx(straight.predict(x), abs=1e-6)
    control.advance(30)
    assert not same_weights(made, control)


def test_moments_are_carried_where_they_mean_the_same() -> None:
    made = trainer(steps=200)
    second = made.memory.slots["second_moment"].copy()
    made.apply({"optimizer.name": "rmsprop"})
    carried = made.memory.slots["second_moment"]
    assert carried == pytest.approx(second / (1 - 0.999**200), rel=1e-5)
    made = trainer(steps=200)
    made.apply({"optimizer.name": "rmsprop"}, cold=True)
    assert not made.memory.slots["second_moment"].any()


CORRECTED = [
    (name, *pair)
    for name, member in families["optimizers"].items()
    for pair in member.corrected
    if pair[0] not in dict(member.divided_by)
]


@pytest.mark.parametrize("steps", [1, 5, 20, 200])
@pytest.mark.parametrize(("name", "meaning", "beta"), CORRECTED)
def test_a_changed_beta_keeps_the_averages_that_the_state_stands_for(
    name: str, meaning: str, beta: str, steps: int
) -> None:
    """The state holds 1 - β^t of an average; the next step divides by the new β's share of it."""
    for old, new in ((0.999, 0.9), (0.9, 0.999), (0.9, 0.0)):
        chosen: dict[str, Any] = {"optimizer__name": name, f"optimizer__{beta}": old}
        made = trainer(optimizer__learning_rate=0.001, **chosen)
        made.advance(steps)
        before = made.memory.slots[meaning].astype(np.float64) / (1 - old**steps)
        made.apply({f"optimizer.{beta}": new})
        after = made.memory.slots[meaning].astype(np.float64) / (1 - new**steps)
        assert after == pytest.approx(before, rel=1e-5, abs=1e-30)
        assert made.memory.t == steps


@pytest.mark.parametrize(("old", "new"), [(0.999, 0.9), (0.9, 0.999)])
def test_a_changed_beta_does_not_make_the_next_step_jump(old: float, new: float) -> None:
    lengths = []
    for changes in ({}, {"optimizer.beta2": new}):
        made = trainer(optimizer__beta2=old, training__batch_size="full")
        made.advance(20)
        made.apply(changes)
        before = made.memory.weights.copy()
        made.advance(1)
        lengths.append(np.linalg.norm(made.memory.weights - before))
    assert lengths[1] == pytest.approx(lengths[0], rel=0.1)


def test_a_rate_set_by_hand_is_the_rate_although_plateau_had_lowered_the_one_before() -> None:
    made = trainer(schedule__name="plateau", schedule__patience=0, schedule__threshold=1e6, training__evaluate_every=5)
    made.advance(200)
    lowered = made.learning_rate
    assert lowered < 1e-6
    made.apply({"schedule.name": "plateau", "optimizer.beta1": 0.8})
    assert made.learning_rate == lowered
    made.apply({"optimizer.learning_rate": 0.5})
    assert made.learning_rate == 0.5
    assert f"the rate is 0.5 now; the schedule had brought it to {lowered:g}" in [event.text for event in made.events]
    made.advance(1)
    assert made.history["learning_rate"][1][-1] == pytest.approx(0.5)
    made.advance(20)
    assert made.learning_rate < 0.5


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"training.early_stopping": 3}, "early stopping never ends the run"),
        ({"schedule.name": "plateau"}, "the schedule (reduce on plateau) never changes the rate"),
    ],
)
def test_what_waits_for_validation_rows_says_that_there_are_none(changes: dict[str, Any], sentence: str) -> None:
    wanted = f"there are no validation rows, so {sentence}"
    made = trainer(data__val_fraction=0.0)
    assert not made.events
    made.apply(changes)
    assert wanted in [event.text for event in made.events]
    assert [event.text for event in Trainer(made.config).events] == [wanted]
    assert wanted not in [event.text for event in Trainer(made.config.with_changes({"data.val_fraction": 0.4})).events]
