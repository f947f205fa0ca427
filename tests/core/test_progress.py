"""What is remembered of a user: written whole, read with suspicion, begun anew where it is damaged."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dltui.core.progress import FILE, Progress, read_progress, write_progress


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DLTUI_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_what_is_written_is_read(home: Path) -> None:
    assert read_progress() == (Progress(), "")
    progress = (
        Progress(toured=True).with_done("xor").with_tried("xor", frozenset({0})).with_tried("xor", frozenset({2}))
    )
    assert write_progress(progress)
    assert read_progress() == (progress, "")
    assert progress.tried["xor"] == {0, 2}
    assert [path.name for path in home.iterdir()] == [FILE]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"done": [], "tried": {}}',
        '{"done": [3], "tried": {}, "toured": true}',
        '{"done": [], "tried": {"xor": [true]}, "toured": true}',
        '{"done": [], "tried": {"xor": "0"}, "toured": false}',
        '{"done": [], "tried": {}, "toured": 1}',
        "\x00" * 300_000,
    ],
)
def test_a_damaged_file_is_said_once_and_begun_anew(home: Path, text: str) -> None:
    home.mkdir()
    (home / FILE).write_text(text)
    progress, said = read_progress()
    assert progress == Progress()
    assert said.endswith("begun anew.") and str(home) in said
    assert read_progress() == (Progress(), "")


def test_where_nothing_can_be_written_nothing_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DLTUI_HOME", str(tmp_path / "file" / "home"))
    assert not write_progress(Progress(toured=True))
    assert read_progress()[0] == Progress()
    monkeypatch.setenv("DLTUI_HOME", "~nobody")
    assert not write_progress(Progress(toured=True))
    assert not os.path.exists("~nobody")
