"""Presets: found by name, refused with file, line and key, written so that they read back equal."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from dltui.core.config import Config
from dltui.core.config.presets import GROUPS, list_presets, load_preset, save_preset, user_folder
from dltui.core.errors import ConfigError
from dltui.core.registry import families

SHIPPED = list_presets()


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


@pytest.mark.parametrize("head", SHIPPED, ids=lambda head: head.name)
def test_every_shipped_preset_loads_and_has_a_lesson(head) -> None:
    config = load_preset(head.name)
    assert config.preset.title == head.title
    assert head.group in GROUPS
    sentences = [line for line in head.lesson.splitlines() if line.strip()]
    assert 3 <= len(sentences) <= 6
    assert all(line.endswith((".", "?", ")")) for line in sentences)


def test_the_first_presets_are_there() -> None:
    names = {head.name for head in SHIPPED}
    assert names >= {"spiral", "xor", "circle", "moons", "universal_approximation", "digits", "iris"}
    assert names >= {"vanishing_gradient", "learning_rate_too_large"}
    assert len({head.title for head in SHIPPED}) == len(SHIPPED)


def test_hyphens_and_capitals_are_understood() -> None:
    assert load_preset("Vanishing-Gradient") == load_preset("vanishing_gradient")


def test_the_list_needs_no_family_and_no_numpy() -> None:
    code = (
        "import sys; from dltui.core.config.presets import list_presets; assert len(list_presets()) >= 9\n"
        "wrong = [name for name in sys.modules if name.split('.')[0] in ('numpy', 'numba', 'textual', 'tomlkit')]\n"
        "assert not wrong, wrong"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=240)


def test_the_list_is_quick() -> None:
    lesson = "A line of a lesson, as long as such lines are.\n" * 5
    for number in range(60):
        write(Path(user_folder()) / f"mine{number}.toml", f'[preset]\ntitle = "{number}"\nlesson = """\n{lesson}"""')
    times = []
    for _ in range(5):
        start = time.process_time()
        assert len(list_presets()) == len(SHIPPED) + 60
        times.append(time.process_time() - start)
    assert min(times) < 0.1


def test_the_users_own_presets_are_found_and_go_first() -> None:
    assert user_folder() == os.path.join(os.environ["DLTUI_HOME"], "presets")
    write(Path(user_folder()) / "my-own.toml", '[preset]\ntitle = "Mine"\ngroup = "Mine"\n[training]\nseed = 5\n')
    write(Path(user_folder()) / "spiral.toml", '[preset]\ntitle = "My spiral"\n')
    assert load_preset("my_own").training.seed == 5
    assert load_preset("spiral").preset.title == "My spiral"
    assert list_presets()[-1].title in ("Mine", "My spiral")


def test_a_broken_preset_hides_no_other() -> None:
    write(Path(user_folder()) / "broken.toml", "[preset\n")
    write(Path(user_folder()) / "odd.toml", "preset = 3\n")
    (Path(user_folder()) / "binary.toml").write_bytes(b"\xff\xfe")
    (Path(user_folder()) / "folder.toml").mkdir()
    heads = {head.name: head for head in list_presets()}
    assert len(heads) == len(SHIPPED) + 4
    assert "line 1" in heads["broken"].lesson
    assert heads["broken"].group == "Cannot be read"
    assert heads["odd"].title == "odd"


def test_text_of_a_preset_is_only_text() -> None:
    write(
        Path(user_folder()) / "loud.toml", '[preset]\ntitle = "\\u001b[2Jx"\nlesson = "a\\u202Eb"\ngroup = "\\u0007"\n'
    )
    head = next(head for head in list_presets() if head.name == "loud")
    assert (head.title + head.lesson + head.group).isprintable()


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError) as caught:
        load_preset("spirl")
    assert caught.value.nearest == "spiral"
    assert "allowed" not in str(caught.value) and "dltui presets" in str(caught.value)
    with pytest.raises(ConfigError, match="did you mean 'overfitting', 'overfitting_l2' or 'overfitting_dropout'"):
        load_preset("overfit")
    for path in ("nothing/here.toml", "nothing.toml", "/dev/null/x.toml", "a\0b.toml"):
        with pytest.raises(ConfigError):
            load_preset(path)


@pytest.mark.parametrize("head", SHIPPED, ids=lambda head: head.name)
def test_a_saved_preset_reads_back_equal(head, tmp_path: Path) -> None:
    config = load_preset(head.name)
    save_preset(config, tmp_path / "saved.toml")
    assert load_preset(tmp_path / "saved.toml") == config


def test_every_layer_and_odd_text_survive_saving(tmp_path: Path) -> None:
    path = tmp_path / "saved.toml"
    layers = [{"kind": kind} for kind in families["layers"]]
    for lesson in (
        "",
        "one line",
        "two\nlines",
        'quo"te\n"""',
        "back\\slash\n",
        "\r\nreturn",
        "\n\nfirst",
        "\x1b[0m",
        "é\n",
    ):
        config = Config.from_dict({"network": {"layers": layers}, "preset": {"title": lesson, "lesson": lesson}})
        save_preset(config, path)
        assert load_preset(path) == config, repr(lesson)


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        save_preset(Config.from_dict({}), tmp_path / "missing" / "saved.toml")
    assert "cannot be written" in str(caught.value)


def test_a_data_file_beside_the_preset_is_found(tmp_path: Path) -> None:
    write(tmp_path / "mine.csv", "a,b\n1,2\n")
    path = write(tmp_path / "mine.toml", "[data]\nname = 'csv'\npath = 'mine.csv'\n")
    assert load_preset(path).data.settings["path"] == str(tmp_path / "mine.csv")
