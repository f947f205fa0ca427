"""A cache that is damaged, planted, unwritable or full costs time, never a crash and never a foreign function."""

import errno
import os
import pickle
import random
import shutil
import stat
from pathlib import Path

import numba
import pytest

from dltui.core.kernel import jit  # has Numba use the sealed files
from dltui.core.kernel.cache import SealedFiles, cache_folder, is_sealed, shared_sources, sources_digest

assert jit.ROW


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


CORE = Path(jit.__file__).parents[1]


@pytest.fixture
def core(tmp_path):
    """A copy of the sources."""
    return Path(shutil.copytree(CORE, tmp_path / "core", ignore=shutil.ignore_patterns("__pycache__")))


@pytest.mark.parametrize(
    "name",
    [
        "layers/shared/windows.py",
        "layers/shared/dense_few.py",
        "layers/max_pool.py",
        "activations/base.py",
        "optimizers/base.py",
        "regularizers/mixup.py",
        "engine/gather.py",
        "kernel/cells.py",
        "kernel/random.py",
        "simd/types.py",
        "simd/products.py",
    ],
)
def test_a_change_of_what_kernels_share_leaves_the_old_cache_behind(core, name):
    before = sources_digest(core)
    file = core / name
    file.write_text(file.read_text() + "# changed\n")
    assert sources_digest(core) != before


def test_a_new_helper_in_a_family_counts_too(core):
    before = sources_digest(core)
    (core / "losses/shared").mkdir()
    (core / "losses/shared/margins.py").write_text("MARGIN = 1.0\n")
    with_constant = sources_digest(core)
    (core / "losses/margin.py").write_text("@helper\ndef margin(x: float) -> float:\n    return x\n")
    assert len({before, with_constant, sources_digest(core)}) == 3


def test_a_change_elsewhere_keeps_the_cache(core):
    before = sources_digest(core)
    for name in ("session/worker.py", "schedules/cosine.py", "activations/tanh.py", "config/config.py"):
        file = core / name
        file.write_text(file.read_text() + "# changed\n")
    assert sources_digest(core) == before


def test_the_cache_s_folder_is_named_after_all_of_core():
    shared = set(shared_sources())
    assert {file for file in CORE.rglob("*.py") if "@helper\n" in file.read_text()} <= shared
    assert cache_folder().name == sources_digest(CORE)
