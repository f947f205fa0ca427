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

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


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
    from dltui.core.config import Config

    whole = [block for block in map(tomllib.loads, blocks("toml")) if "preset" in block]
    assert whole
    for block in whole:
        assert Config.from_dict(block).to_dict()["preset"]["title"] == block["preset"]["title"]


@pytest.mark.parametrize("arguments", commands(), ids=" ".join)
def test_the_commands_end_well(arguments: list[str], tmp_path: Path) -> None:
    for block in blocks("python"):
        if name := re.match(r"# (\w+\.py)\n", block):
            (tmp_path / name[1]).write_text(block, encoding="utf-8")
    rows = "".join(f"{500 + i * 37 % 4000},{i % 5},{1000 * (500 + i * 37 % 4000)}\n" for i in range(100))
    (tmp_path / "houses.csv").write_text(f"sqft,bedrooms,price\n{rows}", encoding="utf-8")
    done = run([sys.executable, "-m", "dltui.tui", *arguments], tmp_path)
    assert done.returncode == 0, done.stderr
    if "--json" in arguments:
        assert json.loads(done.stdout.splitlines()[-1])["digest"]


def test_its_pictures_are_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert pictures
    assert not [picture for picture in pictures if not (ROOT / picture).is_file()]
