"""What `--set`, `--at` and `--until` say, checked before anything is trained."""

from __future__ import annotations

import argparse
from typing import Any

import pytest

from dltui.core.config import Config
from dltui.core.config.presets import load_preset
from dltui.core.errors import ConfigError
from dltui.core.training.condition import METRICS
from dltui.tui.cli.plan import (
    DEFAULT_STEPS,
    NO_END,
    RunPlan,
    check_needs,
    make_plan,
    read_switches,
    with_settings,
)

CONFIG = Config.from_dict({"data": {"name": "xor"}, "training": {"max_epochs": 0}})


def plan(start: int = 0, config: Config = CONFIG, **args: Any) -> RunPlan:
    given: dict[str, Any] = {"at": [], "steps": None, "epochs": None, "until": None}
    return make_plan(config, argparse.Namespace(**(given | args)), start)


def test_settings_are_those_of_the_members_the_same_line_chooses() -> None:
    made = with_settings(CONFIG, ["optimizer.beta1=0.8", "optimizer.name=adam", "network.hidden=4 3"], 7)
    assert made.get("optimizer.beta1") == 0.8 and made.network.hidden == (4, 3) and made.training.seed == 7
    assert with_settings(CONFIG, [], None) is CONFIG
    with pytest.raises(ConfigError, match=r"optimizer\.beta1"):
        with_settings(CONFIG, ["optimizer.beta1=0.8", "optimizer.name=sgd"], None)
    for text in ("nonsense", "=3"):
        with pytest.raises(ConfigError, match=r"--set = .*; allowed: KEY=VALUE"):
            with_settings(CONFIG, [text], None)


def test_changes_are_tried_one_after_the_other() -> None:
    switches = read_switches(
        CONFIG, ["500:optimizer.beta1=0.8", "100:optimizer.name=adam", "500:network.activation=gelu"]
    )
    assert list(switches) == [100, 500]
    assert switches[500] == {"optimizer.beta1": 0.8, "network.activation": "gelu"}
    with pytest.raises(ConfigError, match=r"optimizer\.beta1"):
        read_switches(CONFIG, ["50:optimizer.beta1=0.8", "100:optimizer.name=adam"])


@pytest.mark.parametrize("text", ["soon:optimizer.name=adam", "optimizer.name=adam", "-1:optimizer.name=adam", "5:x"])
def test_a_change_without_a_step_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"--at = .*; allowed: STEP:KEY=VALUE"):
        read_switches(CONFIG, [text])


def test_a_change_behind_the_run_is_refused() -> None:
    with pytest.raises(ConfigError, match="names a step that has passed; allowed: from step 200 on"):
        plan(200, at=["100:optimizer.name=adam"])


def test_an_end_is_counted_from_where_the_run_is() -> None:
    assert plan(200, steps=50).last_step == 250
    without = plan()
    assert without.last_step == DEFAULT_STEPS and without.notices == (NO_END,)
    assert plan(until="step >= 9").last_step is None
    assert plan(config=CONFIG.with_changes({"training.max_steps": 9})).last_step is None


def test_a_config_ends_by_itself_where_something_ends_it() -> None:
    assert not CONFIG.has_end
    for changes in ({"training.max_steps": 5}, {"training.max_epochs": 5}, {"training.early_stopping": 5}):
        assert CONFIG.with_changes(changes).has_end == (
            "training.early_stopping" not in changes or CONFIG.data.val_fraction > 0
        )
    assert not CONFIG.with_changes({"training.early_stopping": 5, "data.val_fraction": 0.0}).has_end


def test_changes_that_are_never_made_are_announced_or_told_after() -> None:
    made = plan(steps=100, at=["50:optimizer.name=adam", "300:optimizer.name=sgd"])
    assert made.notices == ("the change at step 300 will not be made now: the run ends at step 100",)
    assert made.missed(100) == ()
    assert made.missed(20) == ("the change at step 50 was not made: the run ended at step 20",)


def test_a_condition_says_when_to_stop_and_where_to_look() -> None:
    made = plan(until="val_accuracy >= 0.95 or step >= 20000")
    assert made.needs == {"val_accuracy", "step"} and made.stops == (20000,)
    assert made.until is not None
    assert made.until({"val_accuracy": 0.96, "step": 10}) and made.until({"step": 20000})
    assert not made.until({"val_accuracy": 0.9, "step": 10}) and not made.until({})


@pytest.mark.parametrize(
    "text", ["val_accuracy", "step + 1", "1 if step > 3 else 0", "val_acuracy > 0.9", "__import__('os')", "", "step >"]
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="--until"):
        plan(until=text)


@pytest.mark.parametrize(
    "text", ["not (step < 3)", "step > 3 and val_loss < 1", "(step > 3) if epoch > 1 else (step > 9)", "1 < step < 3"]
)
def test_what_is_true_or_false_is_a_condition(text: str) -> None:
    assert plan(until=text).until is not None


def test_a_condition_on_a_metric_the_run_has_not_is_refused() -> None:
    made = plan(until="val_r2 > 0.5")
    with pytest.raises(ConfigError, match=r"--until = 'val_r2' is not a metric of this run; allowed: .*val_accuracy"):
        check_needs(made, {"val_accuracy", "train_accuracy", "train_loss", "val_loss"})
    check_needs(made, {"val_r2"})
    check_needs(plan(until="val_r2 > 0.5", at=["5:data.name=sine"]), {"val_accuracy"})  # it may come to have it
    for name in METRICS:
        check_needs(plan(until=f"{name} > 0"), set(METRICS))


@pytest.mark.parametrize(
    ("settings", "listed", "unlisted"),
    [
        (("data.name=expression", "data.expression=x"), "formula", "turns"),
        (("data.name=csv", "data.columns=a"), "target", "turns"),
        (("data.columns=a", "data.name=csv"), "target", "turns"),
        (("optimizer.name=adam", "optimizer.beta3=0.9"), "beta2", "momentum"),
        (("schedule.name=step", "schedule.stepsize=9"), "step_size", "t_max"),
        (("network.layers.0.kind=dropout", "network.layers.0.rat=0.5"), "rate", "layers.0.units"),
        (("network.hidden=4 4 4", "network.layers.2.unit=5"), "layers.2.units", "layers.3"),
    ],
)
def test_an_unknown_setting_is_told_from_those_of_the_member_chosen(
    settings: tuple[str, ...], listed: str, unlisted: str
) -> None:
    config = load_preset("spiral")
    with pytest.raises(ConfigError) as caught:
        with_settings(config, settings, None)
    allowed = str(caught.value.allowed)
    assert listed in allowed and unlisted not in allowed, caught.value
    with pytest.raises(ConfigError) as at:
        read_switches(config, [f"10:{text}" for text in settings])
    assert at.value.allowed == caught.value.allowed


def test_a_setting_of_the_member_chosen_is_read_as_its_own_kind() -> None:
    config = with_settings(load_preset("spiral"), ("network.hidden=4 4 4", "network.layers.2.units=5"), None)
    assert config.network.hidden == (4, 4, 5)


def test_a_member_that_does_not_exist_is_said_before_its_settings() -> None:
    with pytest.raises(ConfigError, match="'adm' is not an optimizer"):
        with_settings(load_preset("spiral"), ("optimizer.beta1=0.9", "optimizer.name=adm"), None)


def test_settings_that_only_fit_together_are_set_together() -> None:
    changes = ("schedule.name=one_cycle", "schedule.total_steps=4", "schedule.pct_start=0.5")
    for order in (changes, changes[::-1]):
        assert with_settings(load_preset("spiral"), order, None).schedule.name == "one_cycle"
