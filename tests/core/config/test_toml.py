"""A TOML file a stranger may have written: small, regular, shallow, and every complaint with its line."""

from __future__ import annotations

import os
import random
import textwrap
import time
from pathlib import Path

import pytest

from dltui.core.config.presets import list_presets, load_preset
from dltui.core.config.toml import MAX_BYTES, MAX_DEPTH, MAX_DOTS, MAX_LINE, line_of_keys, read_toml
from dltui.core.errors import ConfigError

SHIPPED = list_presets()


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


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


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("#" * (MAX_BYTES + 1), "is too large"),
        (f"x = '{'a' * MAX_LINE}'\n", "line 1: the line is too long"),
        (f"y = 1\n{'.'.join('a' * (MAX_DOTS + 2))} = 1\n", "line 2: a key has too many dots"),
        (f"x = {'[' * (MAX_DEPTH + 1)}{']' * (MAX_DEPTH + 1)}\n", "nests too deep"),
        ("x = 1\nx = 2\n", "line 2, column"),
    ],
)
def test_what_is_too_much_is_said(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as error:
        read_toml(write(tmp_path / "x.toml", text))
    assert says in str(error.value) and str(tmp_path) in str(error.value)


def test_numbers_with_many_dots_are_no_keys_with_many(tmp_path: Path) -> None:
    values = ", ".join(["0.5"] * 100)
    assert len(read_toml(write(tmp_path / "x.toml", f"x = [{values}]\n")).values["x"]) == 100


def test_windows_lines_and_a_mark_of_byte_order_are_understood(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"\xef\xbb\xbf[data]\r\nname = 'xor'\r\n")
    read = read_toml(path)
    assert read.values == {"data": {"name": "xor"}}
    assert read.locate(ConfigError("is wrong", field="data.name")).line == 2


def test_an_error_is_placed_at_the_nearest_table_that_is_there(tmp_path: Path) -> None:
    read = read_toml(write(tmp_path / "x.toml", "[network]\n[[network.layers]]\nkind = 'dense'\n"))
    placed = read.locate(ConfigError("is missing", field="network.layers.0.units"))
    assert (placed.line, placed.column, placed.field) == (2, None, "network.layers.0.units")
    assert read.locate(ConfigError("is missing", field="loss.name")).line is None
