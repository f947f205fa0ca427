"""Replaced whole or not at all; refused politely; one writer at a time."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import textwrap

import pytest
from crash import FailingDisk

from dltui.core.disk.files import (
    AppendLog,
    make_folder,
    make_new_folder,
    read_regular,
    remove_own_temps,
    write_atomic,
)
from dltui.core.disk.home import describe_failure
from dltui.core.errors import ConfigError


def temps(folder):
    return [name for name in os.listdir(folder) if name.endswith(".tmp")]


def test_write_atomic(tmp_path):
    path = tmp_path / "x"
    write_atomic(path, b"one")
    write_atomic(path, b"two")
    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["x"]


def test_only_a_regular_file_or_a_link_is_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    before = {name: (tmp_path / name).lstat() for name in os.listdir(tmp_path)}
    for name in before:
        with pytest.raises(OSError, match="not a regular file"):
            write_atomic(tmp_path / name, b"new")
    assert {name: (tmp_path / name).lstat() for name in os.listdir(tmp_path)} == before
    for name in ("pipe", "nowhere"):
        link = tmp_path / f"link-to-{name}"
        link.symlink_to(tmp_path / name)
        write_atomic(link, b"new")
        assert not link.is_symlink() and link.read_bytes() == b"new"
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode) and not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS])
def test_every_call_may_fail(tmp_path, code):
    path = tmp_path / "x"
    write_atomic(path, b"old")
    for first in range(20):
        disk = FailingDisk(code, first)
        try:
            write_atomic(path, b"new", disk)
        except OSError as error:
            assert error.errno == code
            assert path.read_bytes() in (b"old", b"new")
        else:
            assert disk.n_failed == 0
            break
        assert temps(tmp_path) == []
        write_atomic(path, b"old")
    assert first == 5


def test_a_failed_fsync_is_never_repeated_on_the_same_file(tmp_path):
    class Counting(FailingDisk):
        def __init__(self):
            super().__init__(errno.EIO, count=10**6, kinds=("fsync", "fdatasync"))
            self.synced = []

        def fsync(self, descriptor):
            self.synced.append(descriptor)
            super().fsync(descriptor)

        def fdatasync(self, descriptor):
            self.synced.append(descriptor)
            super().fdatasync(descriptor)

    disk = Counting()
    with pytest.raises(OSError):
        write_atomic(tmp_path / "x", b"x", disk)
    assert len(disk.synced) == 1
    log = AppendLog(tmp_path / "log", 0, disk)
    for _ in range(3):
        with pytest.raises(OSError):
            log.append(b"x\n")
    assert len(disk.synced) == 2
    log.close()


def test_a_short_write_breaks_the_log(tmp_path):
    class Short(FailingDisk):
        def write(self, descriptor, data):
            return super().write(descriptor, data[:1])

    log = AppendLog(tmp_path / "log", 0, Short(count=0))
    with pytest.raises(OSError, match="space"):
        log.append(b"abc\n")
    assert log.broken
    log.close()


def test_a_log_that_shrank_is_not_filled_with_zeros(tmp_path):
    (tmp_path / "log").write_bytes(b"abc")
    with pytest.raises(OSError, match="shorter"):
        AppendLog(tmp_path / "log", 10)
    log = AppendLog(tmp_path / "log", 1)
    log.append(b"z")
    log.close()
    assert (tmp_path / "log").read_bytes() == b"az"


def test_file_size_limit(tmp_path):
    """A quota hit in the middle of a file leaves the old content."""
    code = """
        import resource, signal, sys
        from dltui.core.disk.files import write_atomic
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            write_atomic(sys.argv[1], b"n" * 5000)
        except OSError as error:
            print(error.errno)
    """
    path = tmp_path / "x"
    write_atomic(path, b"old")
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), path], capture_output=True, text=True, timeout=240
    )
    assert done.stdout.strip() == str(errno.EFBIG)
    assert path.read_bytes() == b"old"
    assert temps(tmp_path) == []


@pytest.fixture
def small_tmpfs(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, check=False)
    if mount.returncode:
        pytest.skip("not run: a full disk of 1 MB, mounting one needs root")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_full_disk(small_tmpfs):
    n_saved = 0
    for i in range(40):
        try:
            write_atomic(small_tmpfs / f"{i}", bytes(100_000))
            n_saved += 1
        except OSError as error:
            assert error.errno == errno.ENOSPC
            assert "free" in describe_failure(error, str(small_tmpfs), 100_000)
    assert 8 <= n_saved <= 10
    assert sorted(map(int, os.listdir(small_tmpfs))) == list(range(n_saved))
    os.unlink(small_tmpfs / "0")
    write_atomic(small_tmpfs / "again", bytes(50_000))


def test_only_own_dead_temps_are_removed(tmp_path):
    child = subprocess.run(
        [sys.executable, "-c", "import os; from dltui.core.disk.files import _HOST; print(_HOST, os.getpid())"],
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    host, pid = child.stdout.split()
    dead = f".dltui-{host}-{pid}-{'0' * 16}.tmp"
    others = [
        f".dltui-{host}-{os.getpid()}-{'0' * 16}.tmp",
        f".dltui-00000000-{pid}-{'0' * 16}.tmp",
        f".dltui-{host}-{pid}.tmp",
        "ckpt.tmp",
    ]
    for name in [dead, *others]:
        (tmp_path / name).touch()
    assert remove_own_temps(tmp_path) == [dead]
    assert sorted(os.listdir(tmp_path)) == sorted(others)


def test_read_regular(tmp_path):
    good = tmp_path / "good"
    good.write_bytes(b"x" * 100)
    assert read_regular(good, 100) == b"x" * 100
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with open(tmp_path / "sparse", "wb") as file:
        file.truncate(1 << 40)
    bad = [
        tmp_path / "none",
        tmp_path,
        tmp_path / "pipe",
        tmp_path / "loop",
        tmp_path / "sparse",
        tmp_path / ("n" * 300),
    ]
    for path in [*bad, "/dev/zero", "/dev/tty", "/proc/self/mem", "a\0b", good / "below", tmp_path / "\udce9"]:
        with pytest.raises(ConfigError) as caught:
            read_regular(path, 1000)
        assert caught.value.file is not None
        str(caught.value).encode()
    with pytest.raises(ConfigError, match="too large"):
        read_regular(good, 99)


def test_make_folder(tmp_path):
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700


def test_a_new_folder_takes_the_first_name_that_is_free(tmp_path):
    (tmp_path / "runs" / "a").mkdir(parents=True)
    names = iter("aab")
    path = make_new_folder(str(tmp_path / "runs"), lambda: next(names))
    assert path == str(tmp_path / "runs" / "b") and os.path.isdir(path)
    assert make_new_folder(str(tmp_path / "fresh"), lambda: "c") == str(tmp_path / "fresh" / "c")
