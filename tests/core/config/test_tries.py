"""Experiments of a lesson: read from a preset, refused with their place, and checked by what came out."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import pytest

from dltui.core.config import Config
from dltui.core.config.presets import list_presets, load_preset, preset_text, save_preset, user_folder
from dltui.core.config.tries import METRICS, PANELS, Try
from dltui.core.errors import ConfigError
from dltui.core.run.run import changes_between
from dltui.tui.screens.dashboard.panels import PANELS as SHOWN

TRY: dict[str, Any] = {
    "say": "Set the learning rate to 0.3.",
    "change": {"optimizer.learning_rate": 0.3},
    "question": "What will the loss do?",
    "answer": "It falls faster.",
    "after": 100,
    "check": "val_loss < before_val_loss / 2",
}

PRESET = """
[preset]
title = "Mine"
panels = ["layers", "network"]

[[preset.tries]]
say = "Take adam, with a rate of 0.01."
change.optimizer.name = "adam"
change.optimizer.learning_rate = 0.01
question = "Why?"
answer = "Because."
after = 100
check = "val_loss < before_val_loss"

[[preset.tries]]
say = "Add a layer."
change = {"network.hidden" = [8, 8, 8]}
restart = true
question = "What for?"
answer = "Nothing."
after = 2_000
check = "val_accuracy > 0.5"

[optimizer]
name = "sgd"
"""


def config_with(**changes: object) -> Config:
    return Config.from_dict({"preset": {"tries": [TRY | changes]}})


def test_tries_are_read_and_written_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(PRESET)
    config = load_preset(path)
    first, second = config.preset.tries
    assert first.change == {"optimizer.name": "adam", "optimizer.learning_rate": 0.01}
    assert second.change == {"network.hidden": (8, 8, 8)}
    assert (first.restart, second.restart, second.after) == (False, True, 2000)
    assert config.preset.panels == ("layers", "network")
    save_preset(config, tmp_path / "again.toml")
    assert load_preset(tmp_path / "again.toml") == config
    assert Config.from_dict(config.to_dict(dormant=True)) == config
    assert "[[preset.tries]]" in preset_text(config)


def test_two_configs_with_other_tries_differ_in_plain_data() -> None:
    old, new = config_with(), config_with(after=200)
    changes = changes_between(old, new)
    assert set(changes) == {"preset.tries"}
    assert old.with_changes(changes) == new


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"say": ""}, "preset.tries.0.say"),
        ({"after": 0}, "preset.tries.0.after = 0 is not allowed"),
        ({"chekc": "x"}, "did you mean 'check'?"),
        ({"change": {}}, "preset.tries.0.change changes nothing"),
        ({"change": {"optimizer.learning_rte": 1}}, "did you mean 'learning_rate'?"),
        ({"change": {"optimizer.learning_rate": -1}}, "preset.tries.0.change.optimizer.learning_rate = -1"),
        ({"check": "val_los < 1"}, "preset.tries.0.check"),
        ({"check": "val_loss"}, "is neither true nor false"),
        ({"restart": 1}, "true or false"),
    ],
)
def test_what_is_wrong_with_a_try_is_said_with_its_place(changes: dict, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        config_with(**changes)
    assert said in str(error.value)


def test_what_is_missing_is_named() -> None:
    for key in TRY:
        with pytest.raises(ConfigError, match=rf"preset\.tries\.0\.{key} is missing"):
            Config.from_dict({"preset": {"tries": [{name: value for name, value in TRY.items() if name != key}]}})


def test_there_are_no_more_tries_than_keys() -> None:
    with pytest.raises(ConfigError, match="at most 3 tables"):
        Config.from_dict({"preset": {"tries": [TRY] * 4}})


def test_an_unknown_panel_names_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[preset]\ntitle = "x"\npanels = ["loss", "netwrok"]\n')
    with pytest.raises(ConfigError, match=r"line 3: preset\.panels = 'netwrok' is not allowed.*'network'"):
        load_preset(path)


def test_what_is_hidden_must_be_a_section_or_a_setting() -> None:
    Config.from_dict({"preset": {"hide": ["optimizer", "network.activation"]}})
    with pytest.raises(ConfigError, match="did you mean 'optimizer'"):
        Config.from_dict({"preset": {"hide": ["optimzer"]}})


def test_what_is_hidden_is_no_control() -> None:
    config = Config.from_dict({"preset": {"hide": ["optimizer", "network.activation"]}})
    paths = {info.path for info in config.controls()}
    assert "network.hidden" in paths and "training.seed" in paths
    assert not {path for path in paths if path.startswith(("optimizer.", "preset."))} | (paths & {"network.activation"})
    assert config.hides("optimizer.learning_rate") and not config.hides("network.activation_settings")


def test_a_class_has_presets_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder, title in (("a", "First"), ("b", "Second")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "xor.toml").write_text(f'[preset]\ntitle = "{title}"\n')
    (tmp_path / "b" / "ours.toml").write_text('[preset]\ntitle = "Ours"\ngroup = "Week 1"\n')
    monkeypatch.setenv("DLTUI_PRESETS", os.pathsep.join([str(tmp_path / "a"), str(tmp_path / "b"), "/nowhere"]))
    heads = {head.name: head.title for head in list_presets()}
    assert (heads["xor"], heads["ours"]) == ("Second", "Ours")
    assert load_preset("ours").preset.title == "Ours"


def test_every_panel_of_the_screen_can_be_asked_for() -> None:
    assert {info.id for info in SHOWN} == set(PANELS)


def test_a_check_compares_before_and_after() -> None:
    (one,) = config_with().preset.tries
    assert one.holds({"val_loss": 1.0}, {"val_loss": 0.4})
    assert not one.holds({"val_loss": 1.0}, {"val_loss": 0.6})
    assert not one.holds({}, {"val_loss": math.nan})
    assert one.speaks_of() == ("val_loss",)
    (one,) = config_with(check="diverged == 1 or dead > 0.5").preset.tries
    assert one.holds({}, {"diverged": 1.0})
    assert one.speaks_of() == ("dead",)
    assert isinstance(one, Try) and set(one.speaks_of()) < set(METRICS)


def test_the_lessons_of_a_group_follow_their_order() -> None:
    folder = Path(user_folder())
    folder.mkdir(parents=True, exist_ok=True)
    for name, order in (("alpha", 0), ("beta", 2), ("gamma", 1)):
        (folder / f"{name}.toml").write_text(f'[preset]\ntitle = "{name}"\ngroup = "Mine"\norder = {order}\n')
    heads = [head.name for head in list_presets() if head.group == "Mine"]
    assert heads == ["gamma", "beta", "alpha"]
