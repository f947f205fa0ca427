"""One writer at a time, as the kernel knows it; what the file says is for people."""

from __future__ import annotations

import errno
import os
import subprocess
import sys

import pytest
from crash import FailingDisk

from dltui.core.disk.lock import Holder, Lock, is_locked, read_holder
from dltui.core.errors import ConfigError


def test_lock(tmp_path):
    path = tmp_path / "LOCK"
    assert not is_locked(path)
    lock = Lock(path)
    assert is_locked(path)
    assert read_holder(path).pid == os.getpid()
    with pytest.raises(ConfigError, match=f"in use by process {os.getpid()} on "):
        Lock(path)
    lock.release()
    lock.release()
    assert not is_locked(path)
    Lock(path).release()


def test_a_killed_holder_gives_the_lock_back(tmp_path):
    code = (
        "import sys; from dltui.core.disk.lock import Lock; l = Lock(sys.argv[1]); print('held', flush=True); input()"
    )
    path = tmp_path / "LOCK"
    with subprocess.Popen([sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == b"held\n"
        with pytest.raises(ConfigError, match=str(child.pid)):
            Lock(path)
        child.kill()
        child.wait()
    Lock(path).release()


def test_lock_of_a_deleted_run(tmp_path):
    path = tmp_path / "LOCK"
    old = Lock(path)
    path.unlink()
    new = Lock(path)
    assert is_locked(path)
    old.release()
    new.release()


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"pid": "\x1b[2J"}', b"\xff", b"[" * 4000])
def test_what_a_lock_says_is_only_text(tmp_path, content):
    lock = Lock(tmp_path / "LOCK")
    (tmp_path / "LOCK").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        Lock(tmp_path / "LOCK")
    assert str(caught.value).isprintable()
    lock.release()


def test_the_holder_is_read_with_what_it_trains(tmp_path):
    lock = Lock(tmp_path / "LOCK")
    assert read_holder(tmp_path / "LOCK").run == ""
    lock.note("20260101-000000-abcd")
    held = read_holder(tmp_path / "LOCK")
    assert (held.pid, held.run) == (os.getpid(), "20260101-000000-abcd") and held.host and held.since
    assert held.sentence() == f" by process {os.getpid()} on {held.host} since {held.since}"
    lock.release()
    lock.note("after the end")
    assert read_holder(tmp_path / "LOCK") == held, "who has given it back says nothing more"
    assert Holder().sentence() == "" and Holder(pid=7).sentence() == " by process 7 on ? since ?"
    assert read_holder(tmp_path / "nothing") == Holder()


def test_a_full_disk_keeps_nobody_from_training(tmp_path):
    lock = Lock(tmp_path / "LOCK", FailingDisk(errno.ENOSPC, count=10**6, kinds=("write", "truncate")))
    assert is_locked(tmp_path / "LOCK") and lock.is_ours()
    assert read_holder(tmp_path / "LOCK") == Holder()
    lock.release()


def test_a_lock_is_ours_while_its_file_is_where_it_was(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    lock = Lock(folder / "LOCK")
    assert lock.is_ours()
    folder.rename(tmp_path / "moved")
    assert not lock.is_ours() and is_locked(tmp_path / "moved" / "LOCK")
    (tmp_path / "moved").rename(folder)
    assert lock.is_ours()
    lock.release()
    assert not lock.is_ours()


def test_a_link_in_the_place_of_a_lock_is_not_followed(tmp_path):
    (tmp_path / "elsewhere").write_text("kept")
    (tmp_path / "LOCK").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError):
        Lock(tmp_path / "LOCK")
    assert not is_locked(tmp_path / "LOCK")
    assert (tmp_path / "elsewhere").read_text() == "kept"


def test_asking_takes_nothing_and_makes_nothing(tmp_path):
    assert not is_locked(tmp_path / "LOCK") and not os.listdir(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert not is_locked(tmp_path / "pipe"), "and waits for nobody"
    (tmp_path / "LOCK").touch()
    for _ in range(3):
        assert not is_locked(tmp_path / "LOCK")
    Lock(tmp_path / "LOCK").release()
