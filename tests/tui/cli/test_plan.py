"""What `--set` and `--at` say, read against the members that the same words choose."""

from __future__ import annotations

import pytest

from dltui.core import ConfigError, load_preset
from dltui.tui.cli.plan import read_switches, with_settings


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
