"""What workers elsewhere get: files by their content, and a comparison of what computes."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from nets import VALUES
from sweeps import plan_of, table_of

from dltui.core import ConfigError
from dltui.core.sweep.parcel import SOURCES, file_paths, mark_of, own_print, pack, refusal
from dltui.core.sweep.trial import Trial
from dltui.core.sweep.worker import ReadySweep


def tables(folder: Path) -> dict[str, Any]:
    """A Config of one of two tables."""
    folder.mkdir()
    for name in "ab":
        rows = (f"{k % 7},{k % 5},{k % 7 + ord(name) * 0.1 * (k % 5)}\n" for k in range(60))
        (folder / f"{name}.csv").write_text("u,v,y\n" + "".join(rows))
    return {**VALUES, "data": {"name": "csv", "path": str(folder / "a.csv"), "val_fraction": 0.4}}


def test_a_worker_with_a_disk_of_its_own_trains_the_same(tmp_path: Path) -> None:
    base = tables(tmp_path / "here")
    plan = plan_of(f"data.path={tmp_path}/here/a.csv,{tmp_path}/here/b.csv", base=base)
    (generation,) = plan.generations()
    wanted = [plan.bench().run(trial) for trial in generation.trials]
    parcel = pack(plan, [], with_files=True)
    shutil.rmtree(tmp_path / "here")
    ready = ReadySweep(parcel, str(tmp_path / "there"))
    for trial, row in zip(generation.trials, wanted, strict=True):
        found = ready.bench.run(ready.local(trial))
        assert found is not None and row is not None and found.stopped == "finished"
        assert (found.digest, found.data, found.metrics) == (row.digest, row.data, row.metrics)
    again = {path.name: path.stat().st_ino for path in (tmp_path / "there").rglob("*.csv")}
    ReadySweep(parcel, str(tmp_path / "there"))
    assert {path.name: path.stat().st_ino for path in (tmp_path / "there").rglob("*.csv")} == again


def test_data_that_is_made_needs_no_file_and_folders_go_whole(tmp_path: Path) -> None:
    plan = plan_of()
    assert file_paths(plan) == [] and pack(plan, [], with_files=True).files == {}
    folder = tmp_path / "data"
    (folder / "one").mkdir(parents=True)
    (folder / "one" / "x.txt").write_text("x")
    parcel = replace(pack(plan, [], with_files=False), files={str(folder): {"one/x.txt": b"x"}})
    found = parcel.unpack(str(tmp_path / "there"))
    assert Path(found[str(folder)], "one", "x.txt").read_text() == "x" and Path(found[str(folder)]).name == "data"


def test_other_data_than_the_drivers_is_refused(tmp_path: Path) -> None:
    plan = replace(plan_of(), data="0" * 64)
    with pytest.raises(ConfigError, match="has other data than the driver"):
        ReadySweep(pack(plan, [], with_files=True), str(tmp_path))


def test_what_computes_is_compared() -> None:
    own = own_print()
    assert refusal(own, own) == "" and mark_of(own, own) == ""
    assert refusal({**own, "numpy": "1.0"}, own).startswith("it has numpy")
    assert "although both say the same version" in refusal({**own, SOURCES: "0"}, own)
    assert "another processor" in mark_of({**own, "features": ["avx9"]}, own)


def test_rows_from_another_processor_are_marked(tmp_path: Path) -> None:
    plan = plan_of()
    parcel = pack(plan, [], with_files=True)
    there = ReadySweep(replace(parcel, print={**parcel.print, "features": ["avx9"]}), str(tmp_path))
    assert "another processor" in there.mark and Trial(0, 0, {}, 0) == there.local(Trial(0, 0, {}, 0))
    assert "another processor" not in table_of(plan, tmp_path)
