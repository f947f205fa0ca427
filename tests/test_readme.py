"""What the readme shows is what happens: its Python runs, its preset loads, its commands end well."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from warm import run_warm

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def commands() -> list[list[str]]:
    """Every headless dltui command of the shell blocks, as its arguments."""
    lines = "".join(blocks("sh")).replace("\\\n", " ").splitlines()
    words = [shlex.split(line, comments=True) for line in lines]
    return [line[1:] for line in words if line[:1] == ["dltui"] and line[1:2] in (["train"], ["presets"])]


def run(arguments: list[str], tmp_path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)


def test_the_python_runs(tmp_path: Path) -> None:
    done = run([sys.executable, "-c", "".join(blocks("python"))], tmp_path)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^\(\d+, 2\)$", done.stdout, flags=re.MULTILINE)


def test_the_preset_loads(tmp_path: Path) -> None:
    from dltui.core.config.presets import load_plan, load_preset

    whole = [block for block in blocks("toml") if "preset" in tomllib.loads(block)]
    assert whole
    for number, block in enumerate(whole):
        file = tmp_path / f"{number}.toml"
        file.write_text(block)
        assert load_preset(file).preset.title == tomllib.loads(block)["preset"]["title"]
        assert list(load_plan(file)) == [at["at"] for at in tomllib.loads(block).get("plan", [])]


@pytest.mark.parametrize("arguments", commands(), ids=" ".join)
def test_the_commands_end_well(arguments: list[str], tmp_path: Path) -> None:
    for block in blocks("python"):
        if name := re.match(r"# (\w+\.py)\n", block):
            (tmp_path / name[1]).write_text(block, encoding="utf-8")
    rows = "".join(f"{500 + i * 37 % 4000},{i % 5},{1000 * (500 + i * 37 % 4000)}\n" for i in range(100))
    (tmp_path / "houses.csv").write_text(f"sqft,bedrooms,price\n{rows}", encoding="utf-8")
    done = run_warm(*arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    if "--json" in arguments:
        assert json.loads(done.stdout.splitlines()[-1])["digest"]


def test_its_pictures_are_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert pictures
    assert not [picture for picture in pictures if not (ROOT / picture).is_file()]


def test_its_floors_are_those_that_are_held_to() -> None:
    (block,) = [block for block in blocks("text") if block.startswith("tui    __main__")]
    upper, lower = re.split(r"^-+ .*\n", block, flags=re.MULTILINE)
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    held = {contract["containers"][0]: contract["layers"] for contract in contracts if contract["type"] == "layers"}
    for name, text in (("tui", upper), ("core", lower)):
        told = [" ".join(floor.split()) for floor in text.removeprefix(name).split(">")]
        families = [floor for floor in held[f"dltui.{name}"] if "activations" in floor]
        assert [families[0] if floor == "the nine families" else floor for floor in told] == held[f"dltui.{name}"]


def test_its_map_shows_every_room_and_no_other() -> None:
    (block,) = [block for block in blocks("text") if block.startswith("tui/\n")]
    told: dict[str, set[str]] = {}
    for line in block.splitlines():
        word = line.split()[0]
        if not line.startswith(" "):
            top = told.setdefault(word.rstrip("/"), set())
        else:
            top.add(word)
    for name in ("core", "tui"):
        rooms = [
            path for path in (ROOT / name).iterdir() if path.name not in ("__init__.py", "__pycache__", "py.typed")
        ]
        assert told[name] == {f"{path.name}/" if path.is_dir() else path.name for path in rooms}
    inner = {path.parent.relative_to(ROOT) for name in ("core", "tui") for path in (ROOT / name).rglob("*/*/*.py")}
    for folder in inner:
        if len(folder.parts) > 2:
            assert "/".join(folder.parts[1:]) + "/" in block, folder


def test_the_rooms_it_sends_to_are_there() -> None:
    named = set(re.findall(r"`((?:core|tui|tests|presets)/[\w/.]*)`", README))
    assert len(named) > 30
    assert not [name for name in named if not (ROOT / name).exists()]


def test_a_newcomer_opens_three_files_at_most() -> None:
    rows = [line for line in CONTRIBUTING.splitlines() if re.match(r"\| .*`(core|tui)/", line)]
    assert len(rows) >= 10
    for row in rows:
        files = re.findall(r"`([\w/]+\.py)`", row)
        assert 1 <= len(files) <= 3, row
        assert not [name for name in files if not (ROOT / name).is_file()], row


def test_commits_that_only_moved_files_are_known() -> None:
    named = re.findall(r"^([0-9a-f]{40})$", (ROOT / ".git-blame-ignore-revs").read_text(), flags=re.MULTILINE)
    assert len(named) == 2
    if (ROOT / ".git").exists():
        for commit in named:
            command = ["git", "diff-tree", "--no-commit-id", "--name-status", "-r", "-M", commit]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
            if done.returncode == 0:  # a checkout may be shallow
                kinds = [line[0] for line in done.stdout.splitlines()]
                assert kinds.count("R") > 100
