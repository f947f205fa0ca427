"""A cache that is damaged, planted, unwritable or full costs time, never a crash and never a foreign function."""

import errno
import os
import pickle
import random
import stat

import numba
import pytest

from dltui.core import kernel  # has Numba use the sealed files
from dltui.core.kernel.cache import SealedFiles, cache_folder, is_sealed

assert kernel.ROW


def double(x):
    return 2 * x


def compiled():
    """The function, from the cache where that is sound; whether it was."""
    function = numba.njit([numba.int64(numba.int64)], cache=True)(double)
    assert function(21) == 42
    return sum(function.stats.cache_hits.values()) > 0


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    assert not compiled() and compiled()
    return tmp_path


def files(folder):
    found = sorted(path for path in folder.rglob("*") if path.suffix in (".nbi", ".nbc"))
    assert len(found) == 2 and all(is_sealed(str(path)) for path in found)
    return found


def survive(folder, n_damages):
    chance, n_found = random.Random(1), 0
    for _ in range(n_damages):
        path = chance.choice(files(folder))
        content = bytearray(path.read_bytes())
        if chance.random() < 0.25:
            del content[chance.randrange(len(content)) :]
        else:
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
        n_found += not compiled()
        assert compiled()
    print(f"\n{n_damages} damaged files: {n_found} found and compiled anew, no crash")
    assert n_found == n_damages


def test_damage_is_found(folder):
    survive(folder, 24)


@pytest.mark.slow
def test_much_damage_is_found(folder):
    survive(folder, 400)


class Planted:
    """What a pickle that runs code looks like."""

    def __reduce__(self):
        return os.mkdir, (os.environ["PLANTED"],)


def test_a_planted_file_is_not_read(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("PLANTED", str(tmp_path / "ran"))
    for path in files(folder):
        path.write_bytes(pickle.dumps(Planted()) * 2)
        assert not compiled() and compiled()
    index, data = files(folder)
    data.unlink()
    data.symlink_to(index)
    assert not compiled()
    assert not (tmp_path / "ran").exists()


def test_a_file_of_another_user_is_not_read(folder):
    if os.geteuid() != 0:
        pytest.skip("not run: giving a file away takes root")
    os.chown(files(folder)[0], 65534, -1)
    assert not compiled()


def test_a_full_disk_costs_the_cache_only(tmp_path, monkeypatch):
    def full(self, path):
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(SealedFiles, "_open_for_write", full)
    assert not compiled() and not compiled()


def test_the_folder_is_this_user_s_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("DLTUI_CACHE", str(tmp_path / "cache"))
    folder = cache_folder()
    assert folder.is_relative_to(tmp_path) and stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in (folder, folder.parent):
        path.chmod(0o777)
        refused = cache_folder()
        assert not refused.is_relative_to(tmp_path) and stat.S_IMODE(refused.stat().st_mode) == 0o700
        path.chmod(0o700)
    assert cache_folder() == folder
    os.rename(folder, tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    assert cache_folder() != folder
    monkeypatch.setenv("DLTUI_CACHE", "/dev/null/cache")
    assert cache_folder().is_dir()
    if os.geteuid() == 0:
        os.chown(folder.parent, 65534, -1)
        monkeypatch.setenv("DLTUI_CACHE", str(tmp_path / "cache"))
        assert not cache_folder().is_relative_to(tmp_path)
