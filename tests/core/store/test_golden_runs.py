"""Runs written by earlier versions stay readable: one folder for each format, kept for ever and never rewritten."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from dltui.core.store.curves import read_curves
from dltui.core.store.runs import list_runs, open_run

GOLDEN = Path(__file__).parent / "golden_runs"


@pytest.mark.parametrize("run", ["20260101-000000-v001"])
def test_an_old_run(tmp_path, run):
    shutil.copytree(GOLDEN / run, tmp_path / run)
    (info,) = list_runs(str(tmp_path))
    assert (info.problem, info.damage, info.title, info.status.step) == ("", "", "Golden ❤ run", 250)
    opened = open_run(str(tmp_path), run)
    assert opened.messages == []
    assert opened.meta.config["network"] == {"hidden": [8, 8]} and opened.meta.seed == 7
    found = opened.resume()
    assert (found.step, found.n, found.messages) == (150, 1, ())
    np.testing.assert_array_equal(found.arrays["w"], np.arange(12, dtype=np.float32).reshape(3, 4))
    assert found.arrays["mask"].tolist() == [True, False]
    assert found.values["best"] == math.inf and repr(found.values["loss"]) == "nan"
    (record,) = found.replay
    assert (record.n, record.step, record.intent["note"]) == (2, 200, "~nan")
    curves = read_curves(tmp_path / run)
    series = curves.series
    assert curves.columns == ("train_loss", "val_loss")
    assert [len(series[factor].steps) for factor in (1, 16, 256)] == [600, 37, 2]
    assert series[1].mean[9, 0] == 0.1
    assert opened.journal.append(300, "apply", {}).n == 3
    opened.close()
