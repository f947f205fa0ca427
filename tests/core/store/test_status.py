"""What is said of a run once a second: nothing depends on it, so what cannot be believed is left out."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import pytest

from dltui.core.store.status import MAX_BYTES, RunStatus, read_status, write_status

STATUS = RunStatus("training", 120, 3, 2, {"train_loss": 0.25, "val_accuracy": 0.5})


def told(folder: Path, **changes: Any) -> RunStatus:
    write_status(str(folder), STATUS, "run-1")
    content = json.loads((folder / "status.json").read_text()) | changes
    (folder / "status.json").write_text(json.dumps(content))
    return read_status(str(folder), "run-1")


def test_it_reads_back_as_it_was_written(tmp_path: Path) -> None:
    assert told(tmp_path) == STATUS
    assert json.loads((tmp_path / "status.json").read_text())["pid"] == os.getpid()
    write_status(str(tmp_path), RunStatus("finished", 500, 9, 4, {}), "run-1")
    assert read_status(str(tmp_path), "run-1") == RunStatus("finished", 500, 9, 4, {})
    assert os.listdir(tmp_path) == ["status.json"]


def test_figures_that_are_no_numbers_survive(tmp_path: Path) -> None:
    write_status(str(tmp_path), RunStatus("diverged", 1, 0, 0, {"train_loss": math.nan, "val_loss": math.inf}), "r")
    figures = read_status(str(tmp_path), "r").figures
    assert math.isnan(figures["train_loss"]) and figures["val_loss"] == math.inf


def test_another_runs_word_is_not_taken(tmp_path: Path) -> None:
    assert told(tmp_path, run="run-2") == RunStatus()
    assert read_status(str(tmp_path)).step == 120, "a run of a version that named none"


@pytest.mark.parametrize("value", [-1, True, "7", 1.5, None, [1], 10**30])
def test_a_count_that_is_none_is_left_out(tmp_path: Path, value: object) -> None:
    found = told(tmp_path, step=value)
    assert found.step is None and found.epoch == 3 and found.status == "training"


def test_texts_are_safe_and_short(tmp_path: Path) -> None:
    found = told(tmp_path, status="\x1b[2J" + "x" * 500, **{"\x1b]0;x" + "y" * 500: 1.0, "note": "no figure"})
    assert found.status.isprintable() and len(found.status) <= 20
    assert all(name.isprintable() and len(name) <= 40 for name in found.figures) and "note" not in found.figures
    assert told(tmp_path, status=3).status == ""


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b" " * (MAX_BYTES + 1)])
def test_what_cannot_be_read_says_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "status.json").write_bytes(content)
    assert read_status(str(tmp_path)) == RunStatus()
    assert read_status(str(tmp_path / "nowhere")) == RunStatus()
