"""Training goes on whatever the disk does, the reason is said, and saving starts again by itself."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import time
from typing import Any

import numpy as np
import pytest
from crash import FailingDisk
from patience import LIMIT_S, shared, until

from dltui.core.disk.home import Home, find_home
from dltui.core.errors import ConfigError
from dltui.core.store import saver as saver_module
from dltui.core.store.curves import read_curves
from dltui.core.store.keeper import Keeper
from dltui.core.store.runs import list_runs, open_run
from dltui.core.store.status import RunStatus, read_status

ABOUT: dict[str, Any] = {"config": {"a": 1}, "seed": 0, "data_digest": "d", "title": "t", "preset": "p"}


@pytest.fixture
def home(tmp_path):
    return find_home({"DLTUI_HOME": str(tmp_path / "home")})


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(saver_module, "_FIRST_RETRY_S", 0.05)
    monkeypatch.setattr(saver_module, "_LAST_RETRY_S", 0.2)


def state(value, size=100):
    return {"w": np.full(size, value, np.float32)}


def test_a_run_is_kept(home):
    keeper = Keeper.begin(home, **ABOUT)
    assert keeper.problem == "" and keeper.saved == keeper.run.path
    assert keeper.decide(0, "apply", {"x": 1}) == 1
    keeper.checkpoint(10, state(10), {"epoch": 1})
    assert keeper.decide(12, "apply", {"x": 2}) == 2
    for step in range(100):
        keeper.add_point(step, {"train_loss": 1 / (step + 1)})
    keeper.tick(RunStatus(step=12))
    assert keeper.drain(LIMIT_S)
    assert keeper.close(RunStatus(step=20))
    run = open_run(home.runs, keeper.run.id)
    found = run.resume()
    assert (found.step, found.n, found.values) == (10, 1, {"epoch": 1})
    assert [record.intent for record in found.replay] == [{"x": 2}]
    assert read_status(run.path, run.meta.run).step == 20
    assert len(read_curves(run.path, run.id).series[1].steps) == 100
    # Gone on with.
    keeper = Keeper(run)
    assert keeper.decide(30, "apply", {"x": 3}) == 3
    keeper.checkpoint(40, state(40), {}, best=True)
    keeper.checkpoint(50, state(50), {})
    assert keeper.close()
    run = open_run(home.runs, run.id)
    assert run.resume().step == 50 and "0040" in run.best()
    run.close()


def test_no_home_at_all():
    keeper = Keeper.begin(Home("", "this run is not saved: there is no home folder"), **ABOUT)
    assert keeper.decide(0, "apply", {}) == 1
    keeper.checkpoint(1, state(1), {})
    keeper.add_point(1, {})
    keeper.tick(RunStatus())
    assert keeper.saved == "this run is not saved: there is no home folder"
    assert not keeper.close(RunStatus())


@pytest.mark.parametrize("code", [errno.EROFS, errno.ENOSPC, errno.EIO])
def test_a_folder_is_begun_when_it_can_be(home, code):
    disk = FailingDisk(code, count=10**9)
    keeper = Keeper.begin(home, disk, **ABOUT)
    assert keeper.problem.startswith("this run is not saved: ") and os.strerror(code) in keeper.problem
    assert keeper.decide(3, "apply", {"x": 1}) == 1
    assert keeper.decide(4, "apply", {"x": 2}) == 2
    keeper.add_point(1, {"train_loss": 1.0})
    disk.healthy()
    until(lambda: not keeper.problem)
    assert keeper.decide(5, "apply", {"x": 3}) == 3
    keeper.checkpoint(6, state(6), {})
    assert keeper.close(RunStatus())
    run = open_run(home.runs, keeper.run.id)
    assert [record.step for record in run.records] == [3, 4, 5]
    assert run.resume().step == 6
    assert len(read_curves(run.path, run.id).series[1].steps) == 1
    run.close()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails_for_a_while(home, code):
    disk = FailingDisk(code, count=0)
    keeper = Keeper.begin(home, disk, **ABOUT)
    keeper.checkpoint(1, state(1), {})
    assert keeper.drain(LIMIT_S)
    disk.first, disk.count = 0, 10**9
    begin = time.monotonic()
    keeper.checkpoint(2, state(2), {})
    until(lambda: keeper.problem)
    assert time.monotonic() - begin < shared(2.0)
    assert "state not saved: " in keeper.problem and keeper.run.path in keeper.problem
    for i in range(5):
        keeper.decide(i, "apply", {"x": i})
    assert keeper.problem.startswith("decisions not saved: ")
    disk.healthy()
    until(lambda: not keeper.problem)
    assert keeper.close(RunStatus())
    run = open_run(home.runs, keeper.run.id)
    assert run.resume().step == 2 and len(run.records) == 5
    assert not [name for name in os.listdir(run.path) if name.endswith(".tmp")]
    run.close()


def test_a_folder_taken_away(home):
    keeper = Keeper.begin(home, **ABOUT)
    shutil.rmtree(keeper.run.path)
    keeper.checkpoint(1, state(1), {})
    until(lambda: "moved or deleted" in keeper.problem)
    keeper.decide(1, "apply", {})
    keeper.tick(RunStatus())
    assert not keeper.close(RunStatus())


def test_what_is_not_plain_is_refused_before_it_is_written(home):
    keeper = Keeper.begin(home, **ABOUT)
    with pytest.raises(ConfigError):
        keeper.decide(0, "apply", {"x": object()})
    assert keeper.decide(0, "apply", {"x": 1}) == 1
    keeper.close()


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True).returncode:
        pytest.skip("not run: a full disk of 1 MB, mounting one needs root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def steps_in(seconds, keeper, size):
    """Steps of a stand-in for training, which offers its state 20 times a second, and the longest of its pauses."""
    weights = np.ones((100, 100), np.float32)
    n, due, longest = 0, 0.0, 0.0
    begin = time.monotonic()
    while (now := time.monotonic()) < begin + seconds:
        if now >= due:
            due = now + 0.05
            keeper.checkpoint(n, state(n, size), {})
            keeper.tick(RunStatus(step=n))
            longest = max(longest, time.monotonic() - now)
        weights = weights @ weights * 1e-2
        n += 1
    return n, longest


def test_a_full_disk_is_said_and_got_over(small_disk, monkeypatch):
    monkeypatch.setattr(saver_module, "_FIRST_RETRY_S", 0.5)
    monkeypatch.setattr(saver_module, "_LAST_RETRY_S", 10.0)
    home = find_home({"DLTUI_HOME": str(small_disk)})
    keeper = Keeper.begin(home, **ABOUT)
    steps_in(0.3, keeper, 10_000)
    healthy, _ = steps_in(1.0, keeper, 10_000)
    assert keeper.drain(LIMIT_S)
    old = keeper.run.resume().step
    ballast = small_disk / "ballast"
    with pytest.raises(OSError), open(ballast, "wb", buffering=0) as file:
        while True:
            file.write(bytes(1000))
    begin = time.monotonic()
    full, longest = steps_in(1.0, keeper, 10_000)
    until(lambda: keeper.problem)
    said_after = time.monotonic() - begin
    assert said_after < shared(2.0)
    assert "No space left on device" in keeper.problem
    assert keeper.run.resume().step >= old
    ballast.unlink()
    begin = time.monotonic()
    keeper.checkpoint(10**9, state(1, 10_000), {})
    until(lambda: keeper.run.resume().step == 10**9)
    until(lambda: not keeper.problem)
    again = time.monotonic() - begin
    print(
        f"\nfull disk: {full / healthy:.2f} of the speed, pauses to {longest * 1e3:.1f} ms, saved after {again:.1f} s"
    )
    keeper.close()
    assert [info.problem for info in list_runs(home.runs)] == [""]
