"""Presets: found by name, refused with file, line and key, written so that they read back equal."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from dltui.core.config import Config
from dltui.core.config.presets import GROUPS, list_presets, load_preset, save_preset, user_folder
from dltui.core.config.toml import line_of_keys, read_toml
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


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("[optimizer]\nname = 'adm'\n", 2, "'adam'"),
        ("[optimizer]\nname = 'adam'\n\nbeta3 = 0.9\n", 4, "'beta"),
        ("[optimiser]\nname = 'adam'\n", 1, "'optimizer'"),
        ("training.batch_size = 0\n", 1, "full"),
        ("[training]\nseed = 1.5\n", 2, "whole number"),
        ("[optimizer]\nlearning_rate = nan\n", 2, "[0, 1e+06]"),
        ("[optimizer]\nlearning_rate = 9999999999999999999999\n", 2, "[0, 1e+06]"),
        ("[preset]\nlesson = '''\n[optimizer]\nname = 3\n'''\n\n[optimizer]\nname = 3\n", 8, "adam"),
        ("[[network.layers]]\nunits = 3\n\n[[network.layers]]\nkind = 'dense'\nunits = 0\n", 6, "65536"),
        ("network = {hidden = [3],\n", 1, "not TOML"),
        ("[network]\nhidden = [\n  3,\n  0,\n]\n", 2, "65536"),
        ("seed = 3\n", 1, "is not a section"),
        ("optimizer = 3\n", 1, "table"),
        ("[training]\nseed = 1\nseed = 2\n", 3, "not TOML"),
        ("[training]\nseed = \n", 2, "not TOML"),
        ("a" + ".a" * 20 + " = 1\n", 1, "dots"),
        ("\n[" + ".".join("ab" * 12) + "]\n", 2, "dots"),
        ("x = '" + "a" * 5000 + "'\n", 1, "too long"),
        ("[regularization]\n# off\ndropout = 1.0\n", 3, "[0, 1)"),
    ],
)
def test_what_is_wrong_is_named_with_file_line_and_key(tmp_path: Path, text: str, line: int, says: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_preset(path)
    assert caught.value.line == line
    assert says in str(caught.value)
    assert str(caught.value).startswith(f"{path}, line {line}")


def test_a_formula_is_pointed_at_in_its_file(tmp_path: Path) -> None:
    path = write(tmp_path / "mine.toml", "[schedule]\nname = 'lambda'\nexpression = 'base * foo'\n")
    with pytest.raises(ConfigError) as caught:
        load_preset(path)
    assert (caught.value.line, caught.value.column) == (3, len("expression = '") + 8)


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00",
        b"x = 1\n" * 20000,
        b"x = " + b"[\n" * 4000 + b"]\n" * 4000,
        b"x = " + b"[" * 20 + b"]" * 20,
        b"x = " + b"{a=" * 1000,
        b"\0",
        b"x = 0000-00-00\n",
        b"x = 99999-99-99T99:99:99\n",
        b"x = '\xc3\x28'\n",
        b"\xef\xbb\xbf[nothing]\n",
    ],
)
def test_a_hostile_file_is_refused_at_once(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "hostile.toml"
    path.write_bytes(content)
    start = time.thread_time()
    with pytest.raises(ConfigError) as caught:
        load_preset(path)
    assert time.thread_time() - start < 2
    assert caught.value.file == str(path)


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    for path in (tmp_path / "pipe.toml", tmp_path):
        with pytest.raises(ConfigError) as caught:
            read_toml(path)
        assert "is not a regular file" in str(caught.value)


def test_mutants_of_a_preset_raise_nothing_but_one_error(tmp_path: Path) -> None:
    chance = random.Random(1)
    sources = [Path(head.path).read_bytes() for head in SHIPPED[:4]]
    path = tmp_path / "mutant.toml"
    outcomes = {"read": 0, "refused": 0}
    for _ in range(400):
        data = bytearray(chance.choice(sources))
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(data))
            data[at : at + chance.randint(0, 4)] = chance.choice(
                [b"", b"[", b"]]", b"=", b"'", b'"""', b".", b"\n", b"\xff", b"nan", b"-1", b"1e999", b"{", b"\0"]
            )
        path.write_bytes(bytes(data))
        try:
            load_preset(path)
            outcomes["read"] += 1
        except ConfigError:
            outcomes["refused"] += 1
    assert min(outcomes.values()) > 10


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


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('[data]\n"no\\u001b[31mise" = 1\n', 2, "data.no␛[31mise is not a setting"),
        ('[data]\nname = "xor"\n\'no=ise\' = """\nnoise = 1"""\n', 3, "data.no=ise is not a setting"),
        ('["da\\u0074a"]\nname = "xor"\n"noi.se" = 1\n', 3, "data.noi.se is not a setting"),
        ('[ data ]\n"name" = "xor"\n"#x" = 1\n', 3, "data.#x is not a setting"),
        ('["x]y"]\n', 1, "x]y is not a section"),
        (
            '[data]\n\n[[network . "layers"]]\nkind = "dense"\n"un\\\\its" = 3\n',
            5,
            "network.layers.0.un\\its is not a setting",
        ),
    ],
)
def test_quoted_keys_are_located(tmp_path: Path, text: str, line: int, says: str) -> None:
    with pytest.raises(ConfigError) as error:
        load_preset(write(tmp_path / "x.toml", text))
    assert error.value.line == line and says in str(error.value)


def test_keys_are_located_line_by_line() -> None:
    lines = ("a = 1", "[b]", 'c.d = """', "e = 2", '"""', "[[f.g]]", "h = 1", "[[f.g]]", '"h" = 2', "# i = 3")
    assert line_of_keys(lines) == {
        "a": 1,
        "b": 2,
        "b.c.d": 3,
        "f.g": 6,
        "f.g.0": 6,
        "f.g.0.h": 7,
        "f.g.1": 8,
        "f.g.1.h": 9,
    }
