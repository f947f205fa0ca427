"""The `[sweep]` table of a preset: the same words as on the command line."""

from pathlib import Path

import pytest

from dltui.core import ConfigError, load_preset
from dltui.core.config.presets import save_preset
from dltui.core.sweep.asked import Asked, asked_in

PRESET = """[data]
name = "xor"
# the sweep of a lesson
[sweep]
over = ["optimizer.name=sgd,adam", "optimizer.learning_rate=0.01:0.1:log:3"]
seeds = 2
metric = "train_loss"
"""


def test_the_table_is_read_and_the_command_line_goes_before_it(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(PRESET)
    asked = asked_in(str(path))
    assert asked.over == ("optimizer.name=sgd,adam", "optimizer.learning_rate=0.01:0.1:log:3")
    assert (asked.seeds, asked.metric, asked.trials) == (2, "train_loss", None)
    told = Asked(over=("training.batch_size=1,2",), seeds=5).before(asked)
    assert (told.over, told.seeds, told.metric) == (("training.batch_size=1,2",), 5, "train_loss")
    assert asked_in("spiral") == Asked()
    assert load_preset(path).data.name == "xor"


def test_settings_with_their_values_are_a_table_too(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('[sweep.over]\n"optimizer.name" = ["sgd", "adam"]\n"training.shuffle" = [true, false]\n'
                    '"optimizer.learning_rate" = "0.1:1:log"\n')  # fmt: skip
    assert asked_in(str(path)).over == (
        "optimizer.name=sgd,adam", "training.shuffle=true,false", "optimizer.learning_rate=0.1:1:log"
    )  # fmt: skip


@pytest.mark.parametrize("line", ["seed = 3", "seeds = 0", "over = 5", "metric = 1", "over = [1]", "steps = 1.5"])
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text(f"[sweep]\n{line}\n")
    with pytest.raises(ConfigError, match=rf"a\.toml, line 2.*sweep\.{line.split()[0]}"):
        asked_in(str(path))


def test_saving_a_preset_like_it_keeps_the_table(tmp_path: Path) -> None:
    path, other = tmp_path / "a.toml", tmp_path / "b.toml"
    path.write_text(PRESET)
    save_preset(load_preset(path).with_changes({"training.seed": 4}), other, like=str(path))
    assert "# the sweep of a lesson" in other.read_text() and asked_in(str(other)) == asked_in(str(path))
