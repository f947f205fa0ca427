"""Nothing a file says is obeyed by the terminal: an escape in every field of every format, all that is said read."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data_files import npz_bytes
from typed import Done, command, train

from dltui.core.disk.canonical import to_json
from dltui.core.store import checkpoint

CLIPBOARD = "\x1b]52;c;ZXZpbA==\x07\x9b2J\u202e"
"""Writes the reader's clipboard, clears the screen, turns the line around."""


def acts(text: str) -> list[str]:
    """What of a text a terminal would obey."""
    return [sign for sign in text if sign != "\n" and unicodedata.category(sign) in ("Cc", "Cf", "Cs")]


def check(done: Done, where: object) -> None:
    assert not acts(done.stdout) and not acts(done.stderr), where
    assert "Traceback" not in done.stderr, where


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in plain data: of each value, and of each key."""
    if isinstance(value, dict):
        for key in value:
            yield (*path, ("key", key))
            yield from places(value[key], (*path, key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from places(item, (*path, i))
    else:
        yield path


def with_escape(value: Any, path: tuple[Any, ...]) -> Any:
    """Plain data with an escape at one place."""
    if not path:
        return f"{value}{CLIPBOARD}"
    head, *rest = path
    if isinstance(head, tuple):
        return {(key + CLIPBOARD if key == head[1] else key): item for key, item in value.items()}
    if isinstance(value, dict):
        return {key: with_escape(item, tuple(rest)) if key == head else item for key, item in value.items()}
    return [with_escape(item, tuple(rest)) if i == head else item for i, item in enumerate(value)]


def read_all(run: str, where: object) -> None:
    """Every command that reads a run."""
    commands: tuple[tuple[str, ...], ...] = (
        ("runs",),
        ("runs", run),
        ("ps",),
        ("replay", run, "--verify"),
        ("resume", run, "--steps", "1", "--no-save"),
        ("resume", run, "--steps", "1"),
        ("attach", run),
        ("stop", run),
    )
    for words in commands:
        check(command(*words), (where, words))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run, kept for all tests."""
    home = tmp_path_factory.mktemp("home")
    before = os.environ.get("DLTUI_HOME")
    os.environ["DLTUI_HOME"] = str(home)
    try:
        made = train("--steps", "300", "--at", "100:optimizer.name=rmsprop", "--at", "900:optimizer.name=adam")
    finally:
        if before is None:
            del os.environ["DLTUI_HOME"]
        else:
            os.environ["DLTUI_HOME"] = before
    return home / "runs" / made["run"]


@pytest.fixture
def run(kept: Path) -> Path:
    """A fresh copy of the run in the home of the test."""
    return Path(shutil.copytree(kept, Path(os.environ["DLTUI_HOME"]) / "runs" / kept.name))


def meta_with(data: bytes, path: tuple[Any, ...]) -> bytes:
    content = with_escape(json.loads(data), path)
    content.pop("digest", None)
    return to_json({**content, "digest": hashlib.sha256(to_json(content).encode()).hexdigest()}).encode()


def some(found: list[tuple[Any, ...]], n: int) -> list[tuple[Any, ...]]:
    """At most `n` of the places, evenly."""
    return found[:: max(1, len(found) // n)]


def test_every_field_of_the_meta(run: Path) -> None:
    data = (run / "meta.json").read_bytes()
    for path in some(list(places(json.loads(data))), 16):
        (run / "meta.json").write_bytes(meta_with(data, path))
        read_all(run.name, path)


@pytest.mark.parametrize("name", ["status.json", "best.json", "LOCK"])
def test_every_field_of_a_small_file(run: Path, name: str) -> None:
    content = json.loads((run / name).read_bytes()) if (run / name).exists() else {"file": "x", "run": run.name}
    for path in places(content):
        (run / name).write_text(json.dumps(with_escape(content, path)))
        check(command("runs"), path)
        check(command("runs", run.name), path)
        check(command("ps"), path)


def journal_with(lines: list[bytes], number: int, path: tuple[Any, ...]) -> bytes:
    """The journal with an escape in one record, its sums made anew."""
    sums, out = 0, []
    for i, line in enumerate(lines):
        record = json.loads(line)
        record.pop("crc")
        text = json.dumps(with_escape(record, path) if i == number else record, sort_keys=True, separators=(",", ":"))
        sums = zlib.crc32(text.encode(), sums)
        out.append(f'{text[:-1]},"crc":"{sums:08x}"}}\n'.encode())
    return b"".join(out)


def test_every_field_of_every_record(run: Path) -> None:
    lines = (run / "journal.jsonl").read_bytes().splitlines(keepends=True)
    assert journal_with(lines, -1, ()) == b"".join(lines)
    for number, line in enumerate(lines):
        record = json.loads(line)
        record.pop("crc")
        for path in places(record):
            copy = Path(shutil.copytree(run, run.parent / "copy"))
            (copy / "journal.jsonl").write_bytes(journal_with(lines, number, path))
            for words in (("runs",), ("runs", "copy"), ("replay", "copy"), ("resume", "copy", "--steps", "1")):
                check(command(*words), (number, path, words))
            shutil.rmtree(copy)


def test_every_field_of_a_state(run: Path) -> None:
    state = max(run.glob("ckpt-*"))
    arrays, content = checkpoint.load(state)
    for path in some(list(places(content)), 30):
        checkpoint.save(state, arrays, with_escape(content, path))
        for words in (("resume", run.name, "--steps", "1", "--no-save"), ("replay", run.name, "--verify")):
            check(command(*words), (path, words))
    checkpoint.save(state, {name + CLIPBOARD: array for name, array in arrays.items()}, content)
    read_all(run.name, "names of arrays")


def test_the_names_of_curves(run: Path) -> None:
    for file in run.glob("metrics-*.bin"):
        data = bytearray(file.read_bytes())
        at = data.index(b"train_loss")
        data[at : at + 10] = b"\x1b]52;c;a\x07 "
        head = bytes(data[:20]) + bytes(4)
        data[20:24] = zlib.crc32(bytes(data[24:4096]), zlib.crc32(head)).to_bytes(4, "little")
        file.write_bytes(bytes(data))
    check(command("runs", run.name), "curves")


def test_names_of_files_and_folders(run: Path) -> None:
    (run / f"ckpt-{CLIPBOARD}.safetensors").write_bytes(b"x")
    (run.parent / f"other{CLIPBOARD}").mkdir()
    read_all(run.name, "names")
    for words in (
        ("runs", CLIPBOARD),
        ("resume", CLIPBOARD),
        ("train", CLIPBOARD),
        ("replay", CLIPBOARD),
        (CLIPBOARD,),
    ):
        check(command(*words), words)


FIELDS = ("title", "lesson", "group")


@pytest.mark.parametrize("field", [*FIELDS, "name", "unknown key", "unknown section", "value", "path", "formula"])
def test_presets(field: str, tmp_path: Path) -> None:
    escape = json.dumps(CLIPBOARD)
    text = {
        "name": "",
        "unknown key": f"[data]\n{escape} = 1\n",
        "unknown section": f"[{escape}]\nx = 1\n",
        "value": f"[optimizer]\nname = {escape}\n",
        "path": f"[data]\nname = 'csv'\npath = {escape}\n",
        "formula": f"[data]\nname = 'expression'\nformula = {escape}\n",
    }.get(field, f"[preset]\n{field} = {escape}\n")
    folder = Path(os.environ["DLTUI_HOME"]) / "presets"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / (f"x{CLIPBOARD}.toml" if field == "name" else "mine.toml")
    file.write_text(text, encoding="utf-8")
    for words in (("presets",), ("train", "mine", "--steps", "1"), ("train", str(file), "--steps", "1"), ("runs",)):
        check(command(*words), (field, words))


def csv(heading: str = "a,b,c", word: str = "x", cell: str = "1", label: str = "k") -> bytes:
    rows = [f"{cell if i == 3 else i},{word if i % 2 else 'y'},{label if i % 2 else 'm'}" for i in range(12)]
    return "\n".join((heading, *rows)).encode()


TABLES: dict[str, Callable[[], bytes]] = {
    "heading": lambda: csv(heading=f"a,b{CLIPBOARD},c"),
    "word": lambda: csv(word=CLIPBOARD),
    "cell": lambda: csv(cell=CLIPBOARD),
    "label": lambda: csv(label=CLIPBOARD),
    "no table": lambda: CLIPBOARD.encode(),
}


@pytest.mark.parametrize("what", TABLES)
def test_tables(what: str, tmp_path: Path) -> None:
    file = tmp_path / f"table{CLIPBOARD}.csv"
    file.write_bytes(TABLES[what]())
    preset = tmp_path / "mine.toml"
    preset.write_text(f"[data]\nname = 'csv'\npath = {json.dumps(str(file))}\n", encoding="utf-8")
    check(command("train", str(preset), "--steps", "1"), what)
    check(command("runs"), what)


def test_arrays(tmp_path: Path) -> None:
    x, y = np.random.default_rng(1).normal(size=(12, 2)), np.array([CLIPBOARD, "b"] * 6)
    for number, data in enumerate((npz_bytes(x=x, y=y), npz_bytes(**{CLIPBOARD: x, "y": y}), npy_with_escape())):
        file = tmp_path / f"{number}.npz"
        file.write_bytes(data)
        preset = tmp_path / "mine.toml"
        preset.write_text(f"[data]\nname = 'npz'\npath = {json.dumps(str(file))}\n", encoding="utf-8")
        check(command("train", str(preset), "--steps", "1"), number)


def npy_with_escape() -> bytes:
    out = io.BytesIO()
    np.save(out, np.zeros(3))
    return out.getvalue().replace(b"descr", CLIPBOARD[:5].encode("latin-1"))


def test_a_plugin(tmp_path: Path) -> None:
    file = tmp_path / "plugin.py"
    for text in (f"raise ValueError({CLIPBOARD!r})", f"# {CLIPBOARD}\nx = (", "import nothing_like_it"):
        file.write_text(text, encoding="utf-8")
        check(command("train", "spiral", "--steps", "1", "--plugin", str(file)), text)


def test_what_was_left_for_the_next_start_and_the_home_itself(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Path(os.environ["DLTUI_HOME"])
    (home / "interrupted.json").write_text(json.dumps({"run": run.name, "by": CLIPBOARD}))
    read_all(run.name, "note")
    elsewhere = home.with_name(f"home{CLIPBOARD}")
    home.rename(elsewhere)
    monkeypatch.setenv("DLTUI_HOME", str(elsewhere))
    read_all(run.name, "home")
