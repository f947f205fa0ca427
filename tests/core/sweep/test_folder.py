"""A row counts when it is on the disk, and never twice; what is damaged costs what lies behind it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from crash import FailingDisk
from sweeps import plan_of, row

from dltui.core.errors import ConfigError
from dltui.core.sweep.folder import (
    JOURNAL,
    SweepFolder,
    create_sweep,
    find_sweep,
    read_status,
    read_sweep,
    sweep_names,
    unfinished_like,
)


def test_rows_are_there_again_and_none_counts_twice(tmp_path: Path) -> None:
    plan = plan_of()
    folder = create_sweep(str(tmp_path), plan)
    assert folder.add(row(2, 0.5)) and folder.add(row(0, 0.25)) and not folder.add(row(2, 9.0))
    looked = read_sweep(folder.path)
    assert looked.live and looked.pid == os.getpid() and set(looked.rows) == {0, 2}
    folder.say({"done": 2})
    assert read_status(folder.path) == {"done": 2}
    with pytest.raises(ConfigError, match="in use"):
        SweepFolder(folder.path)
    folder.close()
    again = SweepFolder(folder.path)
    assert again.plan == plan and again.rows == {2: row(2, 0.5), 0: row(0, 0.25)}
    again.close()


def test_what_lies_behind_damage_is_trained_again(tmp_path: Path) -> None:
    folder = create_sweep(str(tmp_path), plan_of())
    for number in range(4):
        folder.add(row(number, 0.1))
    folder.close()
    path = Path(folder.path, JOURNAL)
    content = path.read_bytes()
    path.write_bytes(content[:-30])  # the torn end of a writer that was killed
    again = SweepFolder(folder.path)
    assert set(again.rows) == {0, 1, 2} and "torn tail" in again.message
    again.add(row(3, 0.1))
    again.close()
    assert path.read_bytes() == content


def test_a_row_that_cannot_be_written_does_not_count(tmp_path: Path) -> None:
    folder = create_sweep(str(tmp_path), plan_of())
    folder.close()
    disk = FailingDisk(count=0)
    again = SweepFolder(folder.path, disk)
    disk.first, disk.count = disk.n_calls, 10**6
    with pytest.raises(OSError, match="error"):
        again.add(row(0, 0.1))
    assert not again.rows


def test_a_journal_of_something_else_is_refused(tmp_path: Path) -> None:
    folder = create_sweep(str(tmp_path), plan_of())
    folder.close()
    lines = Path(folder.path, JOURNAL).read_bytes().splitlines(keepends=True)
    Path(folder.path, JOURNAL).write_bytes(lines[0])
    with pytest.raises(ConfigError, match="not the journal of a sweep"):
        SweepFolder(folder.path)


def test_sweeps_are_found_by_name_and_by_what_was_asked(tmp_path: Path) -> None:
    plan = plan_of()
    assert sweep_names(str(tmp_path / "none")) == [] and unfinished_like(str(tmp_path), plan) == ""
    folder = create_sweep(str(tmp_path), plan)
    folder.close()
    for name in (folder.id, "last", folder.id.rpartition("-")[2]):
        assert find_sweep(str(tmp_path), name) == folder.path
    with pytest.raises(ConfigError, match="is not a sweep"):
        find_sweep(str(tmp_path), "sweep-of-another")
    assert unfinished_like(str(tmp_path), plan) == folder.path
    assert unfinished_like(str(tmp_path), plan_of(n_steps=61)) == ""
