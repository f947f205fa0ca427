"""The calls to the operating system, each as its one line says."""

from __future__ import annotations

import os
import stat

import pytest

from dltui.core.disk.disk import DISK


def test_the_real_disk_syncs_folders(tmp_path):
    DISK.sync_folder(str(tmp_path))


def test_files_and_folders_are_for_their_owner(tmp_path):
    os.umask(before := os.umask(0))
    try:
        os.umask(0)
        DISK.mkdir(str(tmp_path / "folder"))
        DISK.close(DISK.open(str(tmp_path / "file"), os.O_WRONLY | os.O_CREAT))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "folder").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600
    (tmp_path / "file").chmod(0o644)
    DISK.close_to_others(str(tmp_path / "file"))
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600


def test_a_descriptor_is_not_handed_to_programs_that_are_started(tmp_path):
    descriptor = DISK.open(str(tmp_path / "file"), os.O_RDWR | os.O_CREAT)
    assert not os.get_inheritable(descriptor)
    DISK.close(descriptor)
    with pytest.raises(OSError):
        DISK.size(descriptor)


def test_a_file_is_written_read_cut_and_renamed(tmp_path):
    path, other = str(tmp_path / "a"), str(tmp_path / "b")
    descriptor = DISK.open(path, os.O_RDWR | os.O_CREAT)
    assert DISK.write(descriptor, memoryview(b"0123456789")) == 10
    DISK.seek(descriptor, 4)
    assert DISK.read(descriptor, 3) == b"456"
    DISK.truncate(descriptor, 5)
    DISK.fsync(descriptor)
    DISK.fdatasync(descriptor)
    assert DISK.size(descriptor) == 5 and DISK.is_at(descriptor, path)
    DISK.rename(path, other)
    assert not DISK.is_at(descriptor, path) and DISK.is_at(descriptor, other)
    assert DISK.names(str(tmp_path)) == ["b"]
    DISK.unlink(other)
    assert not DISK.is_at(descriptor, other)
    DISK.close(descriptor)


def test_what_is_no_regular_file_is_told_apart(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "file")
    DISK.mkdir(str(tmp_path / "folder"))
    assert DISK.is_regular(str(tmp_path / "link")) and DISK.is_link(str(tmp_path / "link"))
    assert not DISK.is_regular(str(tmp_path / "folder")) and not DISK.is_link(str(tmp_path / "file"))
    descriptor = os.open(tmp_path / "folder", os.O_RDONLY)
    assert DISK.size(descriptor) == -1
    os.close(descriptor)
    DISK.rmdir(str(tmp_path / "folder"))
    assert DISK.names(str(tmp_path)) == ["file", "link"]
