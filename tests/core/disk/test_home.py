"""Where runs are kept, and one sentence when they cannot be."""

from __future__ import annotations

import errno
import os

import pytest
from crash import KINDS, FailingDisk

from dltui.core.disk.home import NOT_SAVED, describe_failure, find_home, home_folder


def test_home(tmp_path):
    home = find_home({"DLTUI_HOME": str(tmp_path / "h")})
    assert home.problem == ""
    assert os.listdir(home.runs) == []
    assert find_home({"DLTUI_HOME": str(tmp_path / "h")}) == home


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("truncate", "fdatasync", "unlink")])
@pytest.mark.parametrize("code", [errno.EROFS, errno.ENOSPC, errno.EACCES])
def test_home_that_cannot_be_written(tmp_path, kind, code):
    home = find_home({"DLTUI_HOME": str(tmp_path)}, FailingDisk(code, count=10**6, kinds=(kind,)))
    assert home.problem.startswith("this run is not saved: ")
    assert str(tmp_path) in home.problem
    assert os.strerror(code) in home.problem


def test_home_under_a_file(tmp_path):
    (tmp_path / "file").touch()
    assert "Not a directory" in find_home({"DLTUI_HOME": str(tmp_path / "file" / "x")}).problem
    assert find_home({"DLTUI_HOME": "a\0b"}).problem


def test_home_unset(monkeypatch):
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: "~/.local/share/dltui")
    home = find_home({})
    assert home.path == ""
    assert "DLTUI_HOME" in home.problem


def test_the_folder_is_named_by_the_user_or_by_the_system(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: "/data/dltui")
    assert home_folder({}) == "/data/dltui"
    assert home_folder({"DLTUI_HOME": ""}) == "/data/dltui"
    assert home_folder({"DLTUI_HOME": "runs/.."}) == str(tmp_path)
    assert home_folder({"DLTUI_HOME": "~/runs"}) == "", "a folder called ~ is never what was meant"
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: "share/dltui")
    assert home_folder({}) == ""
    monkeypatch.setenv("DLTUI_HOME", "/elsewhere")
    assert home_folder() == "/elsewhere"


def test_the_reason_says_nothing_of_one_run():
    home = find_home({"DLTUI_HOME": "~"})
    assert home.problem == NOT_SAVED + home.reason
    assert home.reason.startswith("there is no home folder")


def test_a_full_disk_is_described_with_the_room_there_is(tmp_path):
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    missing = str(tmp_path / "not" / "yet" / "there")
    assert describe_failure(full, missing, 8_000_000).startswith(f"{missing}: No space left on device (needs 8.0 MB, ")
    assert describe_failure(full, missing).endswith(" free)") and "needs" not in describe_failure(full, missing)
    assert describe_failure(OSError(errno.EROFS, "Read-only file system"), "/x") == "/x: Read-only file system"
    assert describe_failure(ValueError(), "/x\x1b[2J") == "/x␛[2J: ValueError"
