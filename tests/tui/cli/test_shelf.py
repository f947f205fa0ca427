"""Kept runs as the dashboard sees them: listed, and their curves in few points."""

import math
from pathlib import Path

import numpy as np
import pytest
from kept_runs import kept_run

from dltui.core.errors import ConfigError
from dltui.core.store.curves import CurveWriter
from dltui.core.store.keeper import COLUMNS
from dltui.tui.cli.shelf import POINTS, HomeShelf, _bounded


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DLTUI_HOME", str(tmp_path))
    return tmp_path


def test_the_curves_of_a_kept_run_are_found_by_its_id(home):
    folder, _ = kept_run()
    writer = CurveWriter(folder, COLUMNS, Path(folder).name)
    for step in range(0, 70, 10):
        writer.append(step, [math.nan if name.endswith("_r2") else 0.5 for name in COLUMNS])
    writer.flush()
    shelf = HomeShelf()
    (run,) = shelf.kept_runs()
    assert folder.endswith(run.id) and run.title == "a run" and run.step == 70
    found = shelf.curves_of(run.id)
    assert found.name == f"a run {run.id[-4:]}" and found.config.training.seed == 3
    loss = found.curves["train_loss"]
    assert "val_accuracy" in found.curves and "val_r2" not in found.curves
    assert len(loss.steps) and np.isfinite(loss.values).all() and found.step == loss.steps[-1]


def test_a_run_that_is_not_there_is_refused_in_a_sentence(home):
    assert list(HomeShelf().kept_runs()) == []
    with pytest.raises(ConfigError, match="is not a run"):
        HomeShelf().curves_of("20260101-000000-aaaa")


def test_a_long_curve_is_bounded_and_keeps_its_extremes():
    steps = np.arange(100_000)
    values = np.zeros(100_000)
    values[777] = 9.0
    curve = _bounded(steps, values, values, values)
    assert len(curve.steps) <= POINTS and curve.high.max() == 9.0 and curve.steps[0] == 0
    assert curve.values.sum() > 0


def test_files_are_written_where_the_user_is_and_replace_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chart.csv").write_text("mine")
    path = HomeShelf().keep_files("chart", {"svg": b"s", "csv": b"c"})
    assert path == str(tmp_path / "chart-2.{svg,csv}")
    assert (tmp_path / "chart.csv").read_text() == "mine"
    assert (tmp_path / "chart-2.svg").read_bytes() == b"s" and (tmp_path / "chart-2.csv").read_bytes() == b"c"


def test_a_folder_that_is_gone_is_said_in_a_sentence(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(ConfigError):
        HomeShelf().keep_files("chart", {"svg": b"s"})


def test_what_is_remembered_comes_back(home):
    shelf = HomeShelf()
    assert shelf.recall("panels") == ""
    shelf.remember("panels", "é\n")
    assert shelf.recall("panels") == "é\n"
    shelf.remember("panels", "")
    assert shelf.recall("panels") == ""
