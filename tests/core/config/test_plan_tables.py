"""Changes to come in a preset's `[[plan]]` tables: read, refused with their place, and written."""

from __future__ import annotations

from pathlib import Path

import pytest

from dltui.core import Config, ConfigError
from dltui.core.config.presets import load_plan, load_preset, save_preset

TEXT = """\
# my run
[network]
hidden = [4]  # few

[[plan]]
at = 900
change = { "optimizer.name" = "adam", "optimizer.beta1" = 0.8 }

[[plan]]
at = 300
change = { network.hidden = [6, 4] }
"""
PLAN: dict[int, dict[str, object]] = {
    300: {"network.hidden": (6, 4)},
    900: {"optimizer.name": "adam", "optimizer.beta1": 0.8},
}


@pytest.fixture
def preset(tmp_path: Path) -> Path:
    file = tmp_path / "mine.toml"
    file.write_text(TEXT)
    return file


def test_a_preset_says_what_is_to_come(preset: Path) -> None:
    assert load_plan(preset) == PLAN and list(load_plan(preset)) == [300, 900]
    assert load_preset(preset).network.hidden == (4,)
    assert load_plan("spiral") == {}


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('"adam"', '"adm"', "plan.0.change.optimizer.name"),
        ("at = 900", "at = -1", "plan.0.at"),
        ("at = 900", "step = 900", "plan.0.step"),
        ("at = 300", "at = 900", "plan.1.at"),
        ("{ network.hidden = [6, 4] }", "{}", "plan.1.change"),
        ("{ network.hidden = [6, 4] }", "3", "plan.1.change"),
    ],
)
def test_what_cannot_be_planned_is_named_with_its_place(preset: Path, old: str, new: str, where: str) -> None:
    preset.write_text(TEXT.replace(old, new))
    for read in (load_plan, load_preset):
        with pytest.raises(ConfigError) as caught:
            read(preset)
        assert caught.value.field == where and caught.value.line is not None


def test_a_plan_is_saved_with_the_preset(preset: Path, tmp_path: Path) -> None:
    config = load_preset(preset).with_changes({"training.seed": 5})
    for like in (str(preset), ""):
        again = tmp_path / "again.toml"
        save_preset(config, again, like, PLAN)
        assert load_preset(again) == config and load_plan(again) == PLAN
        assert ("# few" in again.read_text()) == bool(like)
        save_preset(config, again, like, {50: {"training.batch_size": 5}})
        assert load_plan(again) == {50: {"training.batch_size": 5}}
    save_preset(Config.from_dict({}), tmp_path / "none.toml", str(preset))
    assert load_plan(tmp_path / "none.toml") == {}
